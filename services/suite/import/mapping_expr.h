// Reads the parts of a mapping that occur everywhere: where a value comes from, conditions, number
// formats. One thread.
#pragma once

#include <string>
#include <vector>

#include "services/suite/import/mapping.h"
#include "services/suite/import/mapping_yaml.h"

namespace spm::suite {

// What the mapping says once for all values.
struct Defaults {
  std::vector<DateFormat> formats;
  NumberFormat number;
  std::optional<FileZone> zone;
  std::vector<std::string> blank;
};

class ExprReader {
 public:
  ExprReader(YamlReader* yaml, const Defaults* defaults) : yaml_(yaml), defaults_(defaults) {}

  // `plain_is_value`: a plain word is the value, otherwise the name of a column.
  Expr Read(const YAML::Node& node, const std::string& what, bool plain_is_value);
  // A value of the mapping's own.
  Expr Value(int line, const std::string& text) const;
  Conditions ReadConditions(const YAML::Node& node, const std::string& what);
  std::vector<DateFormat> ReadFormats(const YAML::Node& node);
  void ReadNumberKey(const std::string& key, const YAML::Node& node, NumberFormat* number);
  std::optional<FileZone> ReadZone(const YAML::Node& node);

 private:
  void ReadKeys(const YAML::Node& node, const std::string& what, Expr* expr);
  Lookup ReadLookup(const YAML::Node& node, const std::string& what);
  Expr Plain(const YAML::Node& node, Expr::From from);

  YamlReader* yaml_;
  const Defaults* defaults_;
};

}  // namespace spm::suite
