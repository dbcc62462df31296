#include "common/db/sqlite_trouble.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "common/base/log.h"

namespace spm {
namespace {

constexpr uintmax_t kCheckedBytes = 128 << 20;
constexpr int64_t kTellFullUs = 10'000'000;

int64_t SteadyUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Bytes 16 and 17 of the file; 1 stands for 65,536.
uintmax_t PageBytes(const std::string& file) {
  char header[18] = {};
  std::ifstream(file, std::ios::binary).read(header, sizeof(header));
  const uintmax_t bytes =
      static_cast<uint8_t>(header[16]) * 256u + static_cast<uint8_t>(header[17]);
  return bytes == 1 ? 65'536 : std::max<uintmax_t>(bytes, 1);
}

bool NoSpace(int code, sqlite3* db) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  const int error = sqlite3_system_errno(db);
  return (code & 0xff) == SQLITE_IOERR && (error == ENOSPC || error == EDQUOT);
}

}  // namespace

Status SqliteTrouble::Of(int code, sqlite3* db, const std::string& sql) {
  if (NoSpace(code, db)) return Full();
  const std::string what = sqlite3_errmsg(db);
  const std::string text = file_ + ": " + what + " in: " + sql.substr(0, 200);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Damaged(what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return Unavailable(text);
    default:
      return Internal(text);
  }
}

// No RetryInfo: it does not pass by itself.
Status SqliteTrouble::Damaged(const std::string& how) {
  std::lock_guard lock(mutex_);
  if (damaged_) return damage_;
  damage_ = Error(StatusCode::kUnavailable, "DATABASE_DAMAGED",
                  file_ + ": the database is damaged (" + how +
                      "); nothing is read or written any more: stop the suite and restore the "
                      "folder from a backup with spm restore");
  damaged_ = true;
  LogError("database damaged", {{"database", file_}, {"error", how}});
  return damage_;
}

Status SqliteTrouble::Full() {
  const int64_t now = SteadyUs();
  int64_t told = told_full_us_.load();
  if ((told == 0 || now - told > kTellFullUs) && told_full_us_.compare_exchange_strong(told, now))
    LogError("disk full, nothing is written until space is freed", {{"database", file_}});
  return Exhausted("DISK_FULL", file_ +
                                    ": the disk is full, nothing was written; free some space: "
                                    "writing goes on by itself");
}

Status SqliteTrouble::Health() const {
  if (!damaged_) return OkStatus();
  std::lock_guard lock(mutex_);
  return damage_;
}

Status CheckSqlite(const std::string& file, SqliteTrouble* trouble) {
  std::error_code ignored;
  const uintmax_t bytes = std::filesystem::file_size(file, ignored);
  if (ignored) return OkStatus();
  // A checkpoint that was broken off may leave half a page; the log beside the file then has it.
  if (bytes % PageBytes(file) != 0 && !std::filesystem::exists(file + "-wal", ignored))
    return trouble->Damaged("its last page is cut off");
  if (bytes > kCheckedBytes) return OkStatus();
  sqlite3* db = nullptr;
  int code =
      sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite3_stmt* check = nullptr;
  if (code == SQLITE_OK)
    code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &check, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(check);
  std::string found;
  if (code == SQLITE_ROW) found = reinterpret_cast<const char*>(sqlite3_column_text(check, 0));
  std::replace(found.begin(), found.end(), '\n', ' ');
  const Status failed =
      code == SQLITE_ROW ? OkStatus() : trouble->Of(code, db, "PRAGMA quick_check");
  sqlite3_finalize(check);
  sqlite3_close_v2(db);
  RETURN_IF_ERROR(failed);
  return found == "ok" ? OkStatus() : trouble->Damaged(found);
}

}  // namespace spm
