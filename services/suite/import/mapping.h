// The model of a mapping: which files there are, and where each field of each kind comes from.
// Parsed from YAML, then bound to the files' columns. Read-only once bound.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "services/suite/import/amounts.h"
#include "services/suite/import/dates.h"
#include "services/suite/import/schema.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::suite {

// Lines are those of the mapping's YAML.

// A column that has (or has not) one of the values; "" is blank.
struct Condition {
  int line = 0;
  std::string column;
  std::vector<std::string> values;
  bool negate = false;
  int index = -1;
};
using Conditions = std::vector<Condition>;

// Takes `take` from the row of another file whose column `key` has the value.
struct Lookup {
  int line = 0;
  std::string file;
  std::string key;
  std::string take;
};

// Where the value of a field comes from.
struct Expr {
  enum class From { kNothing, kColumn, kValue, kTemplate, kFirst };
  int line = 0;
  From from = From::kNothing;
  // Name of the column, the value, or the template.
  std::string text;
  // kFirst: the first that is not blank.
  std::vector<Expr> choices;
  std::optional<Lookup> lookup;
  std::map<std::string, std::string> map;
  // Value of what the map does not name.
  std::optional<std::string> otherwise;
  // Value of what is blank.
  std::optional<std::string> fallback;
  Conditions when;
  // Separates the items of a list.
  std::string split = ";";
  // "upper" or "lower"; empty leaves the letters.
  std::string letters;
  std::vector<DateFormat> formats;
  std::optional<FileZone> zone;
  // Counts as a day though the column has a time of day.
  bool as_day = false;
  NumberFormat number;
  // Source of the key, where it is not the mapping's.
  std::string source;
  // Bound: the column's index; the template's texts with the column that follows (-1 none).
  int index = -1;
  std::vector<std::pair<std::string, int>> pieces;

  bool given() const { return from != From::kNothing; }
};

// One step of a deal's history.
struct Step {
  int line = 0;
  Expr stage;
  Expr date;
  Conditions when;
  // Steps of a file of their own: its rows whose column `match` has the deal's key.
  std::string file;
  std::string match;
};

struct FileSpec {
  int line = 0;
  std::string name;
  // Relative to the folder.
  std::string path;
  char delimiter = ',';
  // Names of the columns of a file without a header.
  std::vector<std::string> columns;
  // Texts that count as blank.
  std::vector<std::string> blank;
  std::map<std::string, std::map<std::string, std::string>> values;
  Conditions where;
};

// Records of one kind from one file.
struct Block {
  int line = 0;
  Kind kind = Kind::kUnits;
  std::string file;
  Conditions where;
  std::map<std::string, Expr, std::less<>> fields;
  // Each different value becomes one record.
  bool distinct = false;
  // A later row of the same key is passed over instead of refused.
  bool first_wins = false;
  std::vector<Step> history;
  // Targets: twelve or four columns instead of period and amount.
  std::vector<Expr> months;
  std::vector<Expr> quarters;
  std::vector<int64_t> weights;
  bool roll_up = true;
  // Rows of one subject and period add up instead of being refused.
  bool add_up = false;
  bool under_company = false;
  std::optional<int32_t> effective_day;

  const Expr* Find(std::string_view name) const {
    const auto it = fields.find(name);
    return it == fields.end() ? nullptr : &it->second;
  }
};

struct Mapping {
  std::string path;
  std::string source;
  std::string currency;
  std::string zone;
  std::vector<FileSpec> files;
  std::vector<leads::v1::PipelinePolicy> pipelines;
  // In the order of import; within a kind in the order of the mapping.
  std::vector<Block> blocks;

  const FileSpec* File(const std::string& name) const;
  const leads::v1::PipelinePolicy* Pipeline(const std::string& id) const;
};

// Reads the YAML. INVALID_ARGUMENT lists what is wrong, a line each, with the line's number.
StatusOr<Mapping> ParseMapping(const std::string& path);
StatusOr<Mapping> ParseMappingText(const std::string& path, const std::string& yaml);

// Names and columns of each file, in the mapping's order.
using Headers = std::map<std::string, std::vector<std::string>>;
// Finds each column that the mapping names; INVALID_ARGUMENT likewise.
Status BindMapping(const Headers& headers, Mapping* mapping);

}  // namespace spm::suite
