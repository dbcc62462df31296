#include "common/config/config.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "common/base/text.h"
#include "common/base/time.h"
#include "common/config/keys.h"

extern char** environ;

namespace spm {
namespace {

constexpr char kPrefix[] = "SPM_";
// Of our own scripts, not of the process.
constexpr const char* kOthersVariables[] = {"SPM_CONFIG", "SPM_BIN", "SPM_SHARED", "SPM_URL"};
constexpr char kTestPrefix[] = "SPM_TEST_";

// Which source set a key last: 0 default, 1 file, 2 environment, 3 flags.
using Origins = std::map<std::string, int>;

Status Wrong(const std::string& place, const std::string& message) {
  return Error(StatusCode::kInvalidArgument, "INVALID_CONFIG", place + ": " + message);
}

std::vector<std::string> KnownKeys() {
  std::vector<std::string> names;
  for (const ConfigKey& key : ConfigKeys()) names.push_back(key.name);
  return names;
}

Status Apply(const std::string& place, const std::string& key, const std::string& value, int origin,
             Config* config, Origins* origins) {
  const ConfigKey* found = FindConfigKey(key);
  if (found == nullptr)
    return Wrong(place, "unknown key " + key + "; did you mean " + Nearest(key, KnownKeys()) + "?");
  if (!found->set(config, value))
    return Wrong(place,
                 key + " is \"" + MaskSecret(key, value) + "\"; expected is " + found->expected);
  (*origins)[key] = origin;
  return OkStatus();
}

std::string PlaceOf(const std::string& file, const YAML::Node& node) {
  return file + ":" + std::to_string(node.Mark().line + 1);
}

// Walks the maps of a file; a leaf's key is its path joined by points.
Status ApplyNode(const std::string& file, const YAML::Node& node, const std::string& prefix,
                 Config* config, Origins* origins) {
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string place = PlaceOf(file, entry.first);
    if (!entry.first.IsScalar()) return Wrong(place, "a key must be text");
    const std::string key = prefix + entry.first.Scalar();
    if (!seen.insert(key).second) return Wrong(place, key + " is given twice; give it once");
    const std::string below = key + ".";
    const auto known = KnownKeys();
    const bool group = std::any_of(known.begin(), known.end(), [&](const std::string& name) {
      return name.compare(0, below.size(), below) == 0;
    });
    if (group && entry.second.IsMap()) {
      RETURN_IF_ERROR(ApplyNode(file, entry.second, below, config, origins));
    } else if (group && !entry.second.IsNull()) {
      return Wrong(place, key + " expects keys below it, such as " + below +
                              Nearest(below, known).substr(below.size()));
    } else if (!group && FindConfigKey(key) != nullptr && !entry.second.IsScalar()) {
      return Wrong(place, key + " expects " + FindConfigKey(key)->expected);
    } else if (!group) {
      const std::string value = entry.second.IsScalar() ? entry.second.Scalar() : "";
      RETURN_IF_ERROR(Apply(place, key, value, 1, config, origins));
    }
  }
  return OkStatus();
}

// The library reads on over a NUL byte, and takes any bytes for text.
Status CheckText(const std::string& file, const std::string& text) {
  int line = 1;
  for (size_t at = 0; at < text.size();) {
    const size_t length = Utf8CharacterAt(text, at);
    if (length == 0 || text[at] == '\0')
      return Wrong(file + ":" + std::to_string(line),
                   "holds bytes that are not UTF-8 text; save it in UTF-8");
    if (text[at] == '\n') ++line;
    at += length;
  }
  return OkStatus();
}

Status ApplyFile(const std::string& file, bool required, Config* config, Origins* origins) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    if (!required) return OkStatus();
    return Wrong(file, "no such file; check the path after --config");
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || std::filesystem::is_directory(file, ignored))
    return Wrong(file, "cannot be read; it must be a file that belongs to who runs spm");
  RETURN_IF_ERROR(CheckText(file, text.str()));
  try {
    const YAML::Node root = YAML::Load(text.str());
    if (root.IsNull()) return OkStatus();
    if (!root.IsMap()) return Wrong(PlaceOf(file, root), "expected are keys such as port: 8080");
    return ApplyNode(file, root, "", config, origins);
  } catch (const YAML::Exception& e) {
    // The library's word for nesting beyond its depth.
    const bool deep = e.msg == YAML::ErrorMsg::BAD_FILE;
    return Wrong(file + ":" + std::to_string(e.mark.line + 1),
                 deep ? "is nested too deep" : "no YAML: " + e.msg);
  }
}

bool IsOthers(const std::string& variable) {
  if (variable.compare(0, std::strlen(kTestPrefix), kTestPrefix) == 0) return true;
  return std::find(std::begin(kOthersVariables), std::end(kOthersVariables), variable) !=
         std::end(kOthersVariables);
}

Status ApplyVariable(const std::string& variable, const std::string& value, Config* config,
                     Origins* origins) {
  std::vector<std::string> known;
  for (const ConfigKey& key : ConfigKeys()) {
    known.push_back(VariableOf(key.name));
    if (known.back() == variable)
      return Apply("environment " + variable, key.name, value, 2, config, origins);
  }
  if (IsOthers(variable)) return OkStatus();
  return Wrong("environment",
               "unknown variable " + variable + "; did you mean " + Nearest(variable, known) + "?");
}

// A variable that is empty counts as not set.
bool Counts(const std::string& variable, const std::string& value) {
  return variable.compare(0, std::strlen(kPrefix), kPrefix) == 0 && !value.empty();
}

std::string FileOf(const ConfigSources& sources) {
  if (!sources.file.empty()) return sources.file;
  Config where;
  const auto variable = sources.environment.find("SPM_DATA");
  if (variable != sources.environment.end() && !variable->second.empty())
    where.data = variable->second;
  const auto flag = sources.flags.find("data");
  if (flag != sources.flags.end()) where.data = flag->second;
  return where.file();
}

}  // namespace

StatusOr<Config> LoadConfig(const ConfigSources& sources) {
  Config config;
  Origins origins;
  RETURN_IF_ERROR(ApplyFile(FileOf(sources), sources.file_required, &config, &origins));
  for (const auto& [variable, value] : sources.environment)
    if (Counts(variable, value)) RETURN_IF_ERROR(ApplyVariable(variable, value, &config, &origins));
  for (const auto& [key, value] : sources.flags) {
    std::string flag = key;
    std::replace(flag.begin(), flag.end(), '_', '-');
    RETURN_IF_ERROR(Apply("flag --" + flag, key, value, 3, &config, &origins));
  }
  // A port given later than the gRPC port takes it along: a file keeps both from the last run.
  if (origins["grpc_port"] < origins["port"] || origins["grpc_port"] == 0) {
    if (config.port == 65535)
      return Wrong("grpc_port", "is the port after port, and there is none after 65535; set it");
    config.grpc_port = config.port == 0 ? 0 : config.port + 1;
  }
  if (config.port != 0 && config.port == config.grpc_port)
    return Wrong("grpc_port", "is " + std::to_string(config.port) + " like port; they must differ");
  if (config.company.zone.empty()) config.company.zone = SystemZone();
  return config;
}

Settings SpmEnvironment() {
  Settings settings;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string::npos || text.compare(0, std::strlen(kPrefix), kPrefix) != 0)
      continue;
    settings[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return settings;
}

std::string PrintConfig(const Config& config) {
  YAML::Emitter out;
  std::string group;
  out << YAML::BeginMap;
  for (const ConfigKey& key : ConfigKeys()) {
    const size_t point = key.name.find('.');
    const std::string of = point == std::string::npos ? "" : key.name.substr(0, point);
    if (of != group && !group.empty()) out << YAML::EndMap;
    if (of != group && !of.empty()) out << YAML::Key << of << YAML::Value << YAML::BeginMap;
    group = of;
    const std::string leaf = of.empty() ? key.name : key.name.substr(point + 1);
    out << YAML::Key << leaf << YAML::Value << MaskSecret(key.name, key.get(config));
  }
  if (!group.empty()) out << YAML::EndMap;
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

std::string MaskSecret(const std::string& key, const std::string& value) {
  const std::string leaf = key.substr(key.rfind('.') + 1);
  for (const char* secret : {"password", "secret", "token"})
    if (leaf.find(secret) != std::string::npos) return value.empty() ? "" : "****";
  // scheme://user:password@host
  const size_t scheme = value.find("://");
  const size_t at = value.rfind('@');
  if (scheme == std::string::npos || at == std::string::npos || at < scheme) return value;
  const size_t colon = value.find(':', scheme + 3);
  if (colon == std::string::npos || colon > at) return value;
  return value.substr(0, colon + 1) + "****" + value.substr(at);
}

std::string SystemZone() {
  const char* variable = std::getenv("TZ");
  std::string name = variable == nullptr ? "" : variable;
  if (!name.empty() && name[0] == ':') name.erase(0, 1);
  if (!name.empty() && Zone::Find(name).ok()) return name;
  std::error_code error;
  const std::string target = std::filesystem::read_symlink("/etc/localtime", error).string();
  const std::string folder = "zoneinfo/";
  const size_t at = target.find(folder);
  if (!error && at != std::string::npos) {
    std::string found = target.substr(at + folder.size());
    if (Zone::Find(found).ok()) return found;
  }
  return "UTC";
}

}  // namespace spm
