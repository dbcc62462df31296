// Reads YAML strictly: each key is known and occurs once, each fault is noted with its line. One
// thread.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "services/suite/import/mapping.h"

namespace spm::suite {

// Collects faults.
class Faults {
 public:
  explicit Faults(std::string path) : path_(std::move(path)) {}
  void Add(int line, const std::string& what);
  bool any() const { return !all_.empty(); }
  Status ToStatus() const;

 private:
  std::string path_;
  std::vector<std::pair<int, std::string>> all_;
};

inline int LineOf(const YAML::Node& node) { return node.Mark().line + 1; }

// The word of `known` that looks most like `word`; empty where none does.
std::string Nearest(const std::string& word, const std::vector<std::string>& known);

class YamlReader {
 public:
  explicit YamlReader(Faults* faults) : faults_(faults) {}

  struct Key {
    std::string name;
    std::function<void(const YAML::Node&)> read;
  };
  // Calls the reader of each key; `other` takes unknown ones where it is given.
  void Keys(const YAML::Node& node, const std::string& what, const std::vector<Key>& keys,
            const std::function<bool(const std::string&, const YAML::Node&)>& other = nullptr);
  // Calls `read` for each entry of a map, in order.
  void Entries(const YAML::Node& node, const std::string& what,
               const std::function<void(const std::string&, const YAML::Node&)>& read);

  std::string Text(const YAML::Node& node, const std::string& what);
  // A text or a list of them.
  std::vector<std::string> Texts(const YAML::Node& node, const std::string& what);
  std::map<std::string, std::string> TextMap(const YAML::Node& node, const std::string& what);
  bool YesNo(const YAML::Node& node, const std::string& what);
  int64_t Integer(const YAML::Node& node, const std::string& what, int64_t least, int64_t most);
  void Fault(const YAML::Node& node, const std::string& text) { faults_->Add(LineOf(node), text); }
  Faults* faults() { return faults_; }

 private:
  Faults* faults_;
  // Of the key whose value is read.
  int key_line_ = 0;
};

}  // namespace spm::suite
