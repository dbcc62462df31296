#include "common/config/keys.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "common/base/money.h"
#include "common/base/time.h"

namespace spm {
namespace {

using Set = std::function<bool(Config*, const std::string&)>;

ConfigKey Port(const std::string& name, int Config::*field) {
  return {name, "a port number from 0 to 65535",
          [field](Config* config, const std::string& text) {
            int value = 0;
            const char* end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, value);
            if (error != std::errc() || stop != end || value < 0 || value > 65535) return false;
            config->*field = value;
            return true;
          },
          [field](const Config& config) { return std::to_string(config.*field); }};
}

ConfigKey Switch(const std::string& name, bool Config::*field) {
  return {name, "true or false",
          [field](Config* config, const std::string& text) {
            if (text != "true" && text != "false") return false;
            config->*field = text == "true";
            return true;
          },
          [field](const Config& config) { return std::string(config.*field ? "true" : "false"); }};
}

ConfigKey Text(const std::string& name, const std::string& expected, std::string Config::*field,
               const std::function<bool(const std::string&)>& right) {
  return {name, expected,
          [field, right](Config* config, const std::string& text) {
            if (!right(text)) return false;
            config->*field = text;
            return true;
          },
          [field](const Config& config) { return config.*field; }};
}

ConfigKey OneOf(const std::string& name, const std::vector<std::string>& values,
                std::string Config::*field) {
  std::string expected = values.front();
  for (size_t i = 1; i < values.size(); ++i)
    expected += (i + 1 == values.size() ? " or " : ", ") + values[i];
  return Text(name, expected, field, [values](const std::string& text) {
    return std::find(values.begin(), values.end(), text) != values.end();
  });
}

ConfigKey Company(const std::string& name, const std::string& expected,
                  std::string CompanyConfig::*field,
                  const std::function<bool(const std::string&)>& right) {
  return {name, expected,
          [field, right](Config* config, const std::string& text) {
            if (!right(text)) return false;
            config->company.*field = text;
            return true;
          },
          [field](const Config& config) { return config.company.*field; }};
}

int Distance(const std::string& a, const std::string& b) {
  std::vector<int> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

const std::vector<ConfigKey>& ConfigKeys() {
  static const auto* keys = new std::vector<ConfigKey>{
      Text("data", "a folder", &Config::data,
           [](const std::string& text) { return !text.empty(); }),
      Port("port", &Config::port),
      Port("grpc_port", &Config::grpc_port),
      Company("company.currency", "a currency code of ISO 4217 such as USD, EUR or CNY",
              &CompanyConfig::currency,
              [](const std::string& text) { return FindCurrency(text).ok(); }),
      Company("company.zone", "a zone of the IANA database such as Europe/Berlin or UTC",
              &CompanyConfig::zone, [](const std::string& text) { return Zone::Find(text).ok(); }),
      Company("company.language", "en or zh", &CompanyConfig::language,
              [](const std::string& text) { return text == "en" || text == "zh"; }),
      OneOf("log.level", {"debug", "info", "warn", "error"}, &Config::log_level),
      Text("log.file", "a file", &Config::log_file, [](const std::string&) { return true; }),
      OneOf("database", {"embedded"}, &Config::database),
      OneOf("bus", {"embedded"}, &Config::bus),
      OneOf("counters", {"embedded"}, &Config::counters),
      Switch("reflection", &Config::reflection),
      Switch("test_clock", &Config::test_clock),
      Switch("demo", &Config::demo),
  };
  return *keys;
}

const ConfigKey* FindConfigKey(const std::string& name) {
  for (const ConfigKey& key : ConfigKeys())
    if (key.name == name) return &key;
  return nullptr;
}

std::string VariableOf(const std::string& key) {
  std::string name = "SPM_";
  for (char c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

std::string Nearest(const std::string& name, const std::vector<std::string>& known) {
  return *std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
    return Distance(name, a) < Distance(name, b);
  });
}

}  // namespace spm
