// A copy of a SQLite database as of one moment, made while others write to it, and reading of a
// database that nobody writes to. A DbCopy belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/status.h"

struct sqlite3;

namespace spm {

class DbCopy {
 public:
  // The moment of the copy is this call: what is committed later is not in it. Until the copy ends
  // the write-ahead log of the database keeps what is newer.
  static StatusOr<std::unique_ptr<DbCopy>> Begin(const std::string& file);
  ~DbCopy();
  DbCopy(const DbCopy&) = delete;

  // Size of the copy.
  int64_t bytes() const { return bytes_; }
  // Writes the copy into a new file, in rollback mode, so that it is whole by itself. `step` hears
  // of every further megabyte; its error stops. Not durable before it is synced.
  Status To(const std::string& target, const std::function<Status(int64_t bytes)>& step);

 private:
  explicit DbCopy(std::string file) : file_(std::move(file)) {}
  Status Open();
  Status CopyPages(sqlite3* to, const std::string& target,
                   const std::function<Status(int64_t)>& step);

  std::string file_;
  sqlite3* from_ = nullptr;
  int64_t page_bytes_ = 0;
  int64_t bytes_ = 0;
};

// A database that nobody writes to, on a medium that cannot be written either. One thread.
class FrozenDb {
 public:
  // The other files are attached by their stems: "leads" for leads.db.
  static StatusOr<std::unique_ptr<FrozenDb>> Open(const std::string& file,
                                                  const std::vector<std::string>& attached = {});
  ~FrozenDb();
  FrozenDb(const FrozenDb&) = delete;

  // The first column of an answer. DATA_LOSS where the file is no database or is damaged.
  StatusOr<std::vector<std::string>> Column(const std::string& sql);
  StatusOr<int64_t> Number(const std::string& sql);
  // Reads everything; DATA_LOSS says what is wrong first.
  Status CheckIntegrity();

 private:
  explicit FrozenDb(std::string file) : file_(std::move(file)) {}

  std::string file_;
  sqlite3* db_ = nullptr;
};

}  // namespace spm
