// What a database's file has met that all its connections must know: damage, which stays until
// somebody restores it, and a full disk, which passes. Thread-safe.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "common/base/status.h"

struct sqlite3;

namespace spm {

class SqliteTrouble {
 public:
  explicit SqliteTrouble(std::string file) : file_(std::move(file)) {}

  // The status of an error of SQLite: UNAVAILABLE with DATABASE_DAMAGED, RESOURCE_EXHAUSTED with
  // DISK_FULL, UNAVAILABLE for what passes, INTERNAL for a bug.
  Status Of(int code, sqlite3* db, const std::string& sql);
  // Noted for good; the status that every later call gets.
  Status Damaged(const std::string& how);
  // OK until damage is known.
  Status Health() const;

 private:
  Status Full();

  const std::string file_;
  std::atomic<bool> damaged_{false};
  mutable std::mutex mutex_;
  Status damage_;
  std::atomic<int64_t> told_full_us_{0};
};

// Reads the file's structure where that takes no more than a moment (128 MiB, 0.2 s): a page that
// is not what it should be is found at the start and not when it is needed. A larger file shows
// damage where it is read.
Status CheckSqlite(const std::string& file, SqliteTrouble* trouble);

}  // namespace spm
