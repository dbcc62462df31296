// Evaluates where a value comes from for one row: column, constant, template or first of several;
// then its letters, its map, its join with another file, its default, in this order. One thread.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "common/base/status.h"
#include "services/suite/import/files.h"
#include "services/suite/import/mapping.h"

namespace spm::suite {

struct Cell {
  // Empty is blank.
  std::string text;
  // The mapping's default stands in for a blank.
  bool defaulted = false;
  // The text is the mapping's own, not the file's.
  bool constant = false;
};

class Evaluator {
 public:
  Evaluator(const Mapping* mapping, const FileSet* files) : mapping_(mapping), files_(files) {}

  // INVALID_ARGUMENT where a join finds nothing.
  StatusOr<Cell> Eval(const Expr& expr, const Row& row);

 private:
  using Table = std::unordered_map<std::string, std::string>;

  StatusOr<Cell> Raw(const Expr& expr, const Row& row);
  StatusOr<const Table*> TableOf(const Lookup& lookup);

  const Mapping* mapping_;
  const FileSet* files_;
  std::map<std::string, Table> tables_;
};

// Reads the date of a cell; a constant or default may also be yyyy-mm-dd.
StatusOr<LocalTime> DateOf(const Expr& expr, const Cell& cell);

}  // namespace spm::suite
