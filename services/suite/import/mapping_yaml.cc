#include "services/suite/import/mapping_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace spm::suite {
namespace {

constexpr size_t kMostFaults = 20;

std::string Fold(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != '_' && c != ' ' && c != '-')
      out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

void Faults::Add(int line, const std::string& what) { all_.emplace_back(line, what); }

Status Faults::ToStatus() const {
  std::string text;
  auto sorted = all_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < sorted.size() && i < kMostFaults; ++i)
    text += fmt::format("{}{}:{}: {}", i > 0 ? "\n" : "", path_, sorted[i].first, sorted[i].second);
  if (sorted.size() > kMostFaults)
    text += fmt::format("\n... and {} more", sorted.size() - kMostFaults);
  return Error(StatusCode::kInvalidArgument, "BAD_MAPPING", text);
}

std::string Nearest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  size_t least = std::max<size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : known) {
    const size_t distance = Distance(Fold(word), Fold(candidate));
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

void YamlReader::Keys(const YAML::Node& node, const std::string& what, const std::vector<Key>& keys,
                      const std::function<bool(const std::string&, const YAML::Node&)>& other) {
  Entries(node, what, [&](const std::string& name, const YAML::Node& value) {
    for (const auto& key : keys) {
      if (key.name != name) continue;
      key.read(value);
      return;
    }
    if (other && other(name, value)) return;
    std::vector<std::string> known;
    std::string list;
    for (const auto& key : keys) {
      known.push_back(key.name);
      list += (list.empty() ? "" : ", ") + key.name;
    }
    const std::string near = Nearest(name, known);
    faults_->Add(key_line_,
                 fmt::format("unknown key '{}' in {}{}; known: {}", name, what,
                             near.empty() ? "" : " (did you mean '" + near + "'?)", list));
  });
}

void YamlReader::Entries(const YAML::Node& node, const std::string& what,
                         const std::function<void(const std::string&, const YAML::Node&)>& read) {
  if (!node.IsMap()) {
    Fault(node, what + " takes keys with values (key: value)");
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      Fault(entry.first, "a key of " + what + " is no text");
      continue;
    }
    const std::string name = entry.first.Scalar();
    if (!seen.insert(name).second) {
      Fault(entry.first, fmt::format("'{}' occurs twice in {}", name, what));
      continue;
    }
    if (!entry.second.IsDefined() || entry.second.IsNull()) {
      Fault(entry.first, fmt::format("'{}' of {} has no value", name, what));
      continue;
    }
    key_line_ = LineOf(entry.first);
    read(name, entry.second);
  }
}

std::string YamlReader::Text(const YAML::Node& node, const std::string& what) {
  if (node.IsScalar()) return node.Scalar();
  Fault(node, what + " takes one text");
  return "";
}

std::vector<std::string> YamlReader::Texts(const YAML::Node& node, const std::string& what) {
  if (node.IsScalar()) return {node.Scalar()};
  std::vector<std::string> out;
  if (!node.IsSequence()) {
    Fault(node, what + " takes a text or a list of texts");
    return out;
  }
  for (const auto& item : node) {
    if (item.IsNull()) {
      out.emplace_back();
    } else {
      out.push_back(Text(item, what));
    }
  }
  return out;
}

std::map<std::string, std::string> YamlReader::TextMap(const YAML::Node& node,
                                                       const std::string& what) {
  std::map<std::string, std::string> out;
  if (!node.IsMap()) {
    Fault(node, what + " takes pairs (from: to)");
    return out;
  }
  for (const auto& entry : node) {
    if (!entry.first.IsScalar() || !(entry.second.IsScalar() || entry.second.IsNull())) {
      Fault(entry.first, what + " takes pairs of texts (from: to)");
      continue;
    }
    const std::string to = entry.second.IsNull() ? "" : entry.second.Scalar();
    if (!out.emplace(entry.first.Scalar(), to).second)
      Fault(entry.first, fmt::format("'{}' occurs twice in {}", entry.first.Scalar(), what));
  }
  return out;
}

bool YamlReader::YesNo(const YAML::Node& node, const std::string& what) {
  bool value = false;
  if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value))
    Fault(node, what + " is true or false");
  return value;
}

int64_t YamlReader::Integer(const YAML::Node& node, const std::string& what, int64_t least,
                            int64_t most) {
  int64_t value = 0;
  if (!node.IsScalar() || !YAML::convert<int64_t>::decode(node, value) || value < least ||
      value > most)
    Fault(node, fmt::format("{} is a whole number from {} to {}", what, least, most));
  return value;
}

}  // namespace spm::suite
