// The CSV files of a mapping in a folder: their columns, and their rows with the mapping's value
// maps, blanks and conditions applied. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/status.h"
#include "services/suite/import/csv.h"
#include "services/suite/import/mapping.h"

namespace spm::suite {

struct Row {
  int64_t line = 0;
  // One for each column, trimmed; empty is blank.
  std::vector<std::string> cells;
  // Why the row cannot be used (another number of columns, bytes that are not UTF-8).
  std::string error;
};

bool Holds(const Conditions& conditions, const Row& row);

// Rows of one file in order, those that its `where` lets through.
class RowReader {
 public:
  bool Next(Row* row);
  const Status& status() const { return csv_->status(); }
  double Done() const { return csv_->Done(); }

 private:
  friend class FileSet;
  const FileSpec* spec_ = nullptr;
  size_t columns_ = 0;
  std::unique_ptr<CsvReader> csv_;
  std::vector<const std::map<std::string, std::string>*> maps_;
  CsvRecord record_;
};

class FileSet {
 public:
  // Opens each file and reads its header. NOT_FOUND or INVALID_ARGUMENT name the file.
  static StatusOr<FileSet> Open(const Mapping& mapping, const std::string& folder);

  const Headers& headers() const { return headers_; }
  // Path of a file as the user knows it.
  std::string PathOf(const std::string& name) const;
  StatusOr<std::unique_ptr<RowReader>> Read(const FileSpec& file) const;
  // Reads every file to its end and returns the number of its records; an error names file and line
  // of what makes it unreadable.
  StatusOr<std::map<std::string, int64_t>> Scan(const Mapping& mapping) const;
  // value of column `key` -> value of column `take`; the first row of a key counts.
  StatusOr<std::unordered_map<std::string, std::string>> Table(const FileSpec& file,
                                                               const std::string& key,
                                                               const std::string& take) const;
  int IndexOf(const std::string& file, const std::string& column) const;

 private:
  std::string folder_;
  std::map<std::string, std::string> paths_;
  Headers headers_;
};

// Removes white space (also no-break spaces) at both ends; line breaks and tabs within become a
// space, since no field has lines.
void TrimCell(std::string* text);

}  // namespace spm::suite
