// SQLite behind Db: WAL, synchronous=FULL, one writer with BEGIN IMMEDIATE. Statements are kept
// prepared by their text; `$n` is bound by name.
#include <sqlite3.h>

#include <unordered_map>

#include "common/db/db.h"
#include "common/db/sqlite_trouble.h"

namespace spm {
namespace {

constexpr int kBusyMs = 5000;
// Statements kept prepared by a connection; lists and questions make many forms.
constexpr size_t kMostStatements = 512;
// Rows of one INSERT where many are written: a statement's own cost is shared by them.
constexpr size_t kRowsAtOnce = 16;

struct Statement {
  sqlite3_stmt* handle = nullptr;
  // Position in SQLite of parameter $(i+1); 0 where the text does not use it.
  std::vector<int> places;
  bool busy = false;

  ~Statement() { sqlite3_finalize(handle); }
};

// In use until the end of its scope, whatever a visitor throws.
class InUse {
 public:
  explicit InUse(Statement& statement) : statement_(statement) { statement_.busy = true; }
  ~InUse() {
    sqlite3_reset(statement_.handle);
    statement_.busy = false;
  }

 private:
  Statement& statement_;
};

void Replace(std::string* text, const std::string& token, const std::string& by) {
  for (size_t at = 0; (at = text->find(token, at)) != std::string::npos; at += by.size())
    text->replace(at, token.size(), by);
}

// A JSON array of strings, for json_each.
std::string JsonArray(const std::vector<std::string>& keys) {
  std::string json = "[";
  for (const std::string& key : keys) {
    if (json.size() > 1) json += ',';
    json += '"';
    for (char c : key) {
      if (c == '"' || c == '\\') {
        json += '\\';
        json += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        static constexpr char kHex[] = "0123456789abcdef";
        json += "\\u00";
        json += kHex[(c >> 4) & 15];
        json += kHex[c & 15];
      } else {
        json += c;
      }
    }
    json += '"';
  }
  return json + "]";
}

// `INSERT ... VALUES ($1, $2) ...` for kRowsAtOnce rows; empty where the text has another form, a
// call among its values for one.
std::string ForManyRows(const std::string& sql, size_t columns) {
  const std::string values = "VALUES (";
  const size_t begin = sql.find(values), end = sql.find(')', begin);
  if (!sql.starts_with("INSERT ") || begin == std::string::npos || end == std::string::npos ||
      sql.find('(', begin + values.size()) < end || sql.find('$', end) != std::string::npos)
    return "";
  std::string rows;
  for (size_t row = 0; row < kRowsAtOnce; ++row) {
    rows += row == 0 ? "(" : ", (";
    for (size_t at = begin + values.size(); at < end; ++at) {
      rows += sql[at];
      if (sql[at] != '$') continue;
      size_t used = 0;
      rows += std::to_string(row * columns + std::stoul(sql.substr(at + 1, 4), &used));
      at += used;
    }
    rows += ")";
  }
  return sql.substr(0, begin + values.size() - 1) + rows + sql.substr(end + 1);
}

class SqliteConnection : public Connection {
 public:
  SqliteConnection(sqlite3* db, std::string name, bool writes,
                   std::shared_ptr<SqliteTrouble> trouble)
      : db_(db), name_(std::move(name)), writes_(writes), trouble_(std::move(trouble)) {}
  ~SqliteConnection() override {
    statements_.clear();
    sqlite3_close_v2(db_);
  }

  Status Begin() override {
    RETURN_IF_ERROR(trouble_->Health());
    return Plain(writes_ ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  Status Commit() override { return Plain("COMMIT"); }
  void Rollback() override {
    if (sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }

  StatusOr<Rows> Query(const std::string& sql, const Params& params) override {
    Rows rows;
    RETURN_IF_ERROR(Step(sql, params, [&rows](Row&& row) {
      rows.push_back(std::move(row));
      return true;
    }));
    return rows;
  }

  Status Visit(const std::string& sql, const Params& params,
               const std::function<bool(const Row&)>& visit) override {
    return Step(sql, params, [&visit](Row&& row) { return visit(row); });
  }

  StatusOr<Rows> QueryIn(const std::string& sql, const std::vector<std::string>& keys,
                         const Params& more) override {
    if (keys.empty()) return Rows();
    std::string text = sql;
    Replace(&text, "{{in}}", "IN (SELECT value FROM json_each($1))");
    Params params{JsonArray(keys)};
    params.insert(params.end(), more.begin(), more.end());
    return Query(text, params);
  }

  StatusOr<int64_t> Execute(const std::string& sql, const Params& params) override {
    RETURN_IF_ERROR(Step(sql, params, Nothing));
    return static_cast<int64_t>(sqlite3_changes(db_));
  }

  StatusOr<int64_t> ExecuteMany(const std::string& sql, const std::vector<Params>& rows) override {
    int64_t changed = 0;
    size_t done = 0;
    if (rows.size() >= kRowsAtOnce) {
      auto many = many_.find(sql);
      if (many == many_.end()) many = many_.emplace(sql, ForManyRows(sql, rows[0].size())).first;
      for (; !many->second.empty() && done + kRowsAtOnce <= rows.size(); done += kRowsAtOnce) {
        RETURN_IF_ERROR(StepRows(many->second, &rows[done], kRowsAtOnce, Nothing));
        changed += sqlite3_changes(db_);
      }
    }
    for (; done < rows.size(); ++done) {
      ASSIGN_OR_RETURN(int64_t n, Execute(sql, rows[done]));
      changed += n;
    }
    return changed;
  }

  Status Script(const std::string& sql) override {
    char* message = nullptr;
    int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &message);
    sqlite3_free(message);
    return code == SQLITE_OK ? OkStatus() : Fault(code, sql);
  }

 private:
  static bool Nothing(Row&&) { return true; }

  Status Plain(const char* sql) {
    int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? OkStatus() : Fault(code, sql);
  }

  Status Fault(int code, const std::string& sql) const { return trouble_->Of(code, db_, sql); }

  StatusOr<Statement*> Prepare(const std::string& sql, std::unique_ptr<Statement>* own) {
    auto found = statements_.find(sql);
    if (found != statements_.end() && !found->second->busy) return found->second.get();
    auto statement = std::make_unique<Statement>();
    int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT, &statement->handle, nullptr);
    if (code != SQLITE_OK) return Fault(code, sql);
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement->handle); ++i) {
      const char* parameter = sqlite3_bind_parameter_name(statement->handle, i);
      if (parameter == nullptr || parameter[0] != '$')
        return Internal(name_ + ": only $n parameters are known: " + sql);
      size_t n = std::stoul(parameter + 1);
      if (statement->places.size() < n) statement->places.resize(n, 0);
      statement->places[n - 1] = i;
    }
    Statement* plain = statement.get();
    if (found != statements_.end()) {
      *own = std::move(statement);
    } else {
      if (statements_.size() >= kMostStatements)
        std::erase_if(statements_, [](const auto& kept) { return !kept.second->busy; });
      statements_[sql] = std::move(statement);
    }
    return plain;
  }

  static int BindOne(sqlite3_stmt* handle, int place, const Value& value) {
    if (const auto* n = std::get_if<int64_t>(&value)) return sqlite3_bind_int64(handle, place, *n);
    if (const auto* d = std::get_if<double>(&value)) return sqlite3_bind_double(handle, place, *d);
    if (const auto* text = std::get_if<std::string>(&value))
      return sqlite3_bind_text64(handle, place, text->data(), text->size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    if (const auto* bytes = std::get_if<Bytes>(&value))
      return bytes->data.empty() ? sqlite3_bind_zeroblob(handle, place, 0)
                                 : sqlite3_bind_blob64(handle, place, bytes->data.data(),
                                                       bytes->data.size(), SQLITE_STATIC);
    return sqlite3_bind_null(handle, place);
  }

  static Row ReadRow(sqlite3_stmt* handle) {
    std::vector<Value> cells;
    int columns = sqlite3_column_count(handle);
    cells.reserve(columns);
    for (int i = 0; i < columns; ++i) {
      switch (sqlite3_column_type(handle, i)) {
        case SQLITE_INTEGER:
          cells.emplace_back(static_cast<int64_t>(sqlite3_column_int64(handle, i)));
          break;
        case SQLITE_FLOAT:
          cells.emplace_back(sqlite3_column_double(handle, i));
          break;
        case SQLITE_TEXT:
          cells.emplace_back(
              std::string(reinterpret_cast<const char*>(sqlite3_column_text(handle, i)),
                          sqlite3_column_bytes(handle, i)));
          break;
        case SQLITE_BLOB:
          cells.emplace_back(
              Bytes{std::string(static_cast<const char*>(sqlite3_column_blob(handle, i)),
                                sqlite3_column_bytes(handle, i))});
          break;
        default:
          cells.emplace_back(std::monostate());
      }
    }
    return Row(std::move(cells));
  }

  template <typename F>
  Status Step(const std::string& sql, const Params& params, const F& take) {
    return StepRows(sql, &params, 1, take);
  }

  // The parameters of several rows follow each other.
  template <typename F>
  Status StepRows(const std::string& sql, const Params* rows, size_t count, const F& take) {
    std::unique_ptr<Statement> own;
    ASSIGN_OR_RETURN(Statement * statement, Prepare(sql, &own));
    size_t place = 0;
    for (size_t row = 0; row < count; ++row) {
      for (const Value& value : rows[row]) {
        if (place == statement->places.size()) break;
        const int at = statement->places[place++];
        if (at == 0) continue;
        int code = BindOne(statement->handle, at, value);
        if (code != SQLITE_OK) return Fault(code, sql);
      }
    }
    if (place < statement->places.size())
      return Internal(name_ + ": a parameter is missing in: " + sql);
    InUse in_use(*statement);
    int code;
    while ((code = sqlite3_step(statement->handle)) == SQLITE_ROW)
      if (!take(ReadRow(statement->handle))) break;
    return code == SQLITE_DONE || code == SQLITE_ROW ? OkStatus() : Fault(code, sql);
  }

  sqlite3* db_;
  std::string name_;
  bool writes_;
  std::shared_ptr<SqliteTrouble> trouble_;
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements_;
  // Text of a statement -> its form for many rows.
  std::unordered_map<std::string, std::string> many_;
};

class SqliteDb : public Db {
 public:
  explicit SqliteDb(std::string file)
      : file_(std::move(file)), trouble_(std::make_shared<SqliteTrouble>(file_)) {}
  StatusOr<std::unique_ptr<Connection>> Connect() override { return Open(true); }
  std::string Dialect(const std::string& sql) const override {
    std::string text = sql;
    Replace(&text, "{{bytes}}", "BLOB");
    Replace(&text, "{{seq}}", "INTEGER PRIMARY KEY AUTOINCREMENT");
    return text;
  }
  const std::string& name() const override { return file_; }
  Status Health() const override { return trouble_->Health(); }
  // Reads the file through once, where it is small.
  Status Check() { return CheckSqlite(file_, trouble_.get()); }

 protected:
  StatusOr<std::unique_ptr<Connection>> ConnectReader() override { return Open(false); }

 private:
  StatusOr<std::unique_ptr<Connection>> Open(bool writes) {
    sqlite3* db = nullptr;
    int code =
        sqlite3_open_v2(file_.c_str(), &db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
      std::string text = db != nullptr ? sqlite3_errmsg(db) : "out of memory";
      sqlite3_close_v2(db);
      return Unavailable(file_ + ": cannot be opened: " + text +
                         "; its folder must exist, and both must belong to who runs spm");
    }
    sqlite3_busy_timeout(db, kBusyMs);
    auto connection = std::make_unique<SqliteConnection>(db, file_, writes, trouble_);
    RETURN_IF_ERROR(connection->Script(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; "
        "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456; PRAGMA cache_size=-16384; "
        "PRAGMA wal_autocheckpoint=4000"));
    if (!writes) RETURN_IF_ERROR(connection->Script("PRAGMA query_only=ON"));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  std::string file_;
  std::shared_ptr<SqliteTrouble> trouble_;
};

}  // namespace

StatusOr<std::unique_ptr<Db>> Db::OpenSqlite(const std::string& file) {
  // Counting its memory would take a lock of the process for each allocation.
  static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(uncounted);
  auto db = std::make_unique<SqliteDb>(file);
  // Opening makes the file and says early what is wrong with it.
  ASSIGN_OR_RETURN(auto probe, db->Connect());
  RETURN_IF_ERROR(probe->Query("SELECT COUNT(*) FROM sqlite_master", {}));
  probe.reset();
  RETURN_IF_ERROR(db->Check());
  return std::unique_ptr<Db>(std::move(db));
}

}  // namespace spm
