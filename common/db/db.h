// A service's database behind one text of SQL: `$1` parameters, BIGINT, SMALLINT, TEXT, DOUBLE
// PRECISION and {{bytes}} columns. A Connection belongs to one thread; a Db may be used by all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/status.h"

namespace spm {

struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

// NULL, number, floating number, text or bytes.
using Value = std::variant<std::monostate, int64_t, double, std::string, Bytes>;
using Params = std::vector<Value>;

// One row of an answer; columns count from 0. A NULL reads as 0 or "".
class Row {
 public:
  explicit Row(std::vector<Value> cells) : cells_(std::move(cells)) {}
  size_t size() const { return cells_.size(); }
  bool Null(size_t i) const { return std::holds_alternative<std::monostate>(cells_[i]); }
  int64_t Int(size_t i) const;
  double Real(size_t i) const;
  // Text or bytes.
  const std::string& Text(size_t i) const;
  const Value& operator[](size_t i) const { return cells_[i]; }

 private:
  std::vector<Value> cells_;
};
using Rows = std::vector<Row>;

// Answers queries: a Snapshot, a Tx or a bare Connection.
class Reader {
 public:
  virtual ~Reader() = default;
  // `sql` is made of constants only; values come through `params`.
  virtual StatusOr<Rows> Query(const std::string& sql, const Params& params = {}) = 0;
  // Hands out each row as it comes, without keeping them; `visit` may stop by returning false.
  virtual Status Visit(const std::string& sql, const Params& params,
                       const std::function<bool(const Row&)>& visit) = 0;
  // `sql` holds `{{in}}`, which becomes the test "is one of `keys`" (`id {{in}}`); further
  // parameters start at $2.
  virtual StatusOr<Rows> QueryIn(const std::string& sql, const std::vector<std::string>& keys,
                                 const Params& more = {}) = 0;
};

class Connection : public Reader {
 public:
  virtual Status Begin() = 0;
  // OK only when the database said that it committed.
  virtual Status Commit() = 0;
  virtual void Rollback() = 0;
  // Rows changed.
  virtual StatusOr<int64_t> Execute(const std::string& sql, const Params& params = {}) = 0;
  // The statement for each of `rows`; rows changed in all.
  virtual StatusOr<int64_t> ExecuteMany(const std::string& sql,
                                        const std::vector<Params>& rows) = 0;
  // Several statements without parameters, for migrations.
  virtual Status Script(const std::string& sql) = 0;
};

// A consistent view for queries, from a pool of read connections.
class Db;
class Snapshot : public Reader {
 public:
  ~Snapshot() override;
  Snapshot(const Snapshot&) = delete;
  StatusOr<Rows> Query(const std::string& sql, const Params& params = {}) override;
  Status Visit(const std::string& sql, const Params& params,
               const std::function<bool(const Row&)>& visit) override;
  StatusOr<Rows> QueryIn(const std::string& sql, const std::vector<std::string>& keys,
                         const Params& more = {}) override;

 private:
  friend class Db;
  Snapshot(Db* db, std::unique_ptr<Connection> connection)
      : db_(db), connection_(std::move(connection)) {}
  Db* db_;
  std::unique_ptr<Connection> connection_;
};

struct Migration {
  int number = 0;
  std::string name;
  std::string sql;
};

// The NNNN_name.sql of a folder that the build put into the binary ("services/leads/schema"), in
// order.
std::vector<Migration> EmbeddedSchema(const std::string& folder);

class Db {
 public:
  virtual ~Db() = default;
  // SQLite: a file in WAL mode, synchronous=FULL. Errors name the file.
  static StatusOr<std::unique_ptr<Db>> OpenSqlite(const std::string& file);

  // A connection that writes. One at a time on SQLite.
  virtual StatusOr<std::unique_ptr<Connection>> Connect() = 0;
  StatusOr<std::unique_ptr<Snapshot>> OpenSnapshot();
  // Puts `{{bytes}}` and `{{seq}}` into the words of this database.
  virtual std::string Dialect(const std::string& sql) const = 0;
  virtual const std::string& name() const = 0;
  // OK, or what is wrong with the database until it is restored: DATABASE_DAMAGED.
  virtual Status Health() const { return OkStatus(); }

 protected:
  virtual StatusOr<std::unique_ptr<Connection>> ConnectReader() = 0;

 private:
  friend class Snapshot;
  void Return(std::unique_ptr<Connection> connection);
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

// Applies what is not applied yet, in order; FAILED_PRECONDITION where the database is newer than
// this binary. Returns the number of the newest.
StatusOr<int> Migrate(Db& db, const std::vector<Migration>& migrations);

}  // namespace spm
