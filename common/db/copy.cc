#include "common/db/copy.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

namespace spm {
namespace {

constexpr int kBusyMs = 5000;
constexpr int64_t kStepBytes = 1 << 20;

Status Damaged(const std::string& file, const std::string& what) {
  return Error(StatusCode::kDataLoss, "DATABASE_DAMAGED", file + ": " + what);
}

Status Fault(sqlite3* db, const std::string& file, const std::string& what) {
  const int code = db == nullptr ? SQLITE_NOMEM : sqlite3_errcode(db);
  const std::string text = what + ": " + (db == nullptr ? "out of memory" : sqlite3_errmsg(db));
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return Damaged(file, text);
  return Unavailable(file + ": " + text);
}

Status Run(sqlite3* db, const std::string& file, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return Fault(db, file, sql);
  return OkStatus();
}

StatusOr<std::vector<std::string>> FirstColumn(sqlite3* db, const std::string& file,
                                               const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    return Fault(db, file, "cannot be read");
  std::vector<std::string> column;
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    column.emplace_back(text == nullptr ? "" : text);
  }
  Status status = code == SQLITE_DONE ? OkStatus() : Fault(db, file, "cannot be read");
  sqlite3_finalize(statement);
  if (!status.ok()) return status;
  return column;
}

StatusOr<int64_t> FirstNumber(sqlite3* db, const std::string& file, const std::string& sql) {
  ASSIGN_OR_RETURN(auto column, FirstColumn(db, file, sql));
  if (column.empty()) return 0;
  return std::atoll(column[0].c_str());
}

// Where nobody writes, neither locks nor a write-ahead log are looked for.
std::string FrozenUri(const std::string& file) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace

DbCopy::~DbCopy() { sqlite3_close_v2(from_); }

StatusOr<std::unique_ptr<DbCopy>> DbCopy::Begin(const std::string& file) {
  std::unique_ptr<DbCopy> copy(new DbCopy(file));
  RETURN_IF_ERROR(copy->Open());
  return copy;
}

Status DbCopy::Open() {
  if (sqlite3_open_v2(file_.c_str(), &from_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                      nullptr) != SQLITE_OK)
    return Fault(from_, file_, "cannot be opened");
  sqlite3_busy_timeout(from_, kBusyMs);
  RETURN_IF_ERROR(Run(from_, file_, "PRAGMA query_only=ON; PRAGMA cache_size=-2048; BEGIN"));
  // A transaction begins with its first reading; the copy's pages are then those of this moment.
  RETURN_IF_ERROR(FirstNumber(from_, file_, "SELECT COUNT(*) FROM sqlite_master"));
  ASSIGN_OR_RETURN(page_bytes_, FirstNumber(from_, file_, "PRAGMA page_size"));
  ASSIGN_OR_RETURN(const int64_t pages, FirstNumber(from_, file_, "PRAGMA page_count"));
  bytes_ = pages * page_bytes_;
  return OkStatus();
}

Status DbCopy::CopyPages(sqlite3* to, const std::string& target,
                         const std::function<Status(int64_t)>& step) {
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from_, "main");
  if (backup == nullptr) return Fault(to, target, "cannot be written");
  const int pages = static_cast<int>(std::max<int64_t>(1, kStepBytes / page_bytes_));
  Status status;
  int code = SQLITE_OK;
  while (status.ok() && code == SQLITE_OK) {
    code = sqlite3_backup_step(backup, pages);
    const int64_t left = sqlite3_backup_remaining(backup);
    status = step((sqlite3_backup_pagecount(backup) - left) * page_bytes_);
  }
  const int finished = sqlite3_backup_finish(backup);
  if (!status.ok()) return status;
  return finished == SQLITE_OK ? OkStatus() : Fault(to, target, "cannot be written");
}

Status DbCopy::To(const std::string& target, const std::function<Status(int64_t)>& step) {
  sqlite3* to = nullptr;
  Status status;
  if (sqlite3_open_v2(target.c_str(), &to,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                      nullptr) != SQLITE_OK)
    status = Fault(to, target, "cannot be written");
  if (status.ok())
    status =
        Run(to, target, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-2048");
  if (status.ok()) status = CopyPages(to, target, step);
  // The pages say that the database has a write-ahead log, as the one that they are from.
  if (status.ok()) status = Run(to, target, "PRAGMA journal_mode=DELETE");
  const int closed = sqlite3_close(to);
  if (status.ok() && closed != SQLITE_OK) return Unavailable(target + ": cannot be closed");
  return status;
}

FrozenDb::~FrozenDb() { sqlite3_close_v2(db_); }

StatusOr<std::unique_ptr<FrozenDb>> FrozenDb::Open(const std::string& file,
                                                   const std::vector<std::string>& attached) {
  std::unique_ptr<FrozenDb> frozen(new FrozenDb(file));
  if (sqlite3_open_v2(FrozenUri(file).c_str(), &frozen->db_,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                      nullptr) != SQLITE_OK)
    return Fault(frozen->db_, file, "cannot be opened");
  for (const std::string& other : attached)
    RETURN_IF_ERROR(Run(frozen->db_, other,
                        "ATTACH " + Quoted(FrozenUri(other)) + " AS " +
                            Quoted(std::filesystem::path(other).stem().string())));
  return frozen;
}

StatusOr<std::vector<std::string>> FrozenDb::Column(const std::string& sql) {
  return FirstColumn(db_, file_, sql);
}

StatusOr<int64_t> FrozenDb::Number(const std::string& sql) { return FirstNumber(db_, file_, sql); }

Status FrozenDb::CheckIntegrity() {
  ASSIGN_OR_RETURN(auto found, Column("PRAGMA main.integrity_check(1)"));
  if (found.size() == 1 && found[0] == "ok") return OkStatus();
  return Damaged(file_, found.empty() ? "cannot be checked" : found[0]);
}

}  // namespace spm
