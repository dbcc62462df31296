// Reads CSV as RFC 4180 has it, one record at a time: quotes, line breaks in quotes, BOM, CRLF. One
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace spm::suite {

struct CsvRecord {
  // Line of the file where the record begins; the first is 1.
  int64_t line = 0;
  std::vector<std::string> fields;
  // What is wrong with this record alone; the records after it can be read.
  std::string error;
};

class CsvReader {
 public:
  // NOT_FOUND with the path where there is no such file.
  static StatusOr<std::unique_ptr<CsvReader>> Open(const std::string& path, char delimiter);
  ~CsvReader();

  // False at the end of the file, and at a fault after which nothing can be read (a NUL byte, a
  // quote that is never closed); status() then names its line. Empty lines are passed over.
  bool Next(CsvRecord* record);
  const Status& status() const { return status_; }
  // Share of the file that was read, 0 to 1.
  double Done() const;

 private:
  CsvReader(std::string path, int fd, int64_t size, char delimiter);

  int Get();
  int Peek();
  void SkipByteOrderMark();
  bool ReadQuoted(std::string* field, CsvRecord* record);
  int ReadPlain(int c, std::string* field);
  bool Fail(int64_t line, const std::string& what);

  std::string path_;
  int fd_;
  int64_t size_;
  char delimiter_;
  std::vector<char> buffer_;
  size_t at_ = 0;
  size_t end_ = 0;
  int64_t consumed_ = 0;
  int64_t line_ = 1;
  Status status_;
};

// True where the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(const std::string& bytes);

}  // namespace spm::suite
