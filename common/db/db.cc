#include "common/db/db.h"

#include <algorithm>
#include <cstdlib>

#include "common/base/embed.h"
#include "common/base/log.h"

namespace spm {
namespace {

constexpr size_t kIdleReaders = 8;
const std::string kNoText;

}  // namespace

int64_t Row::Int(size_t i) const {
  if (const auto* n = std::get_if<int64_t>(&cells_[i])) return *n;
  if (const auto* d = std::get_if<double>(&cells_[i])) return static_cast<int64_t>(*d);
  return 0;
}

double Row::Real(size_t i) const {
  if (const auto* d = std::get_if<double>(&cells_[i])) return *d;
  return static_cast<double>(Int(i));
}

const std::string& Row::Text(size_t i) const {
  if (const auto* text = std::get_if<std::string>(&cells_[i])) return *text;
  if (const auto* bytes = std::get_if<Bytes>(&cells_[i])) return bytes->data;
  return kNoText;
}

Snapshot::~Snapshot() {
  connection_->Rollback();
  db_->Return(std::move(connection_));
}

StatusOr<Rows> Snapshot::Query(const std::string& sql, const Params& params) {
  return connection_->Query(sql, params);
}

Status Snapshot::Visit(const std::string& sql, const Params& params,
                       const std::function<bool(const Row&)>& visit) {
  return connection_->Visit(sql, params, visit);
}

StatusOr<Rows> Snapshot::QueryIn(const std::string& sql, const std::vector<std::string>& keys,
                                 const Params& more) {
  return connection_->QueryIn(sql, keys, more);
}

StatusOr<std::unique_ptr<Snapshot>> Db::OpenSnapshot() {
  std::unique_ptr<Connection> connection;
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (connection == nullptr) {
    ASSIGN_OR_RETURN(connection, ConnectReader());
  }
  RETURN_IF_ERROR(connection->Begin());
  return std::unique_ptr<Snapshot>(new Snapshot(this, std::move(connection)));
}

void Db::Return(std::unique_ptr<Connection> connection) {
  std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleReaders) idle_.push_back(std::move(connection));
}

std::vector<Migration> EmbeddedSchema(const std::string& folder) {
  std::vector<Migration> schema;
  for (const EmbeddedFile& file : EmbeddedFolder(folder)) {
    std::string name(file.name.substr(0, file.name.rfind('.')));
    schema.push_back({std::atoi(name.c_str()), name, std::string(file.text)});
  }
  return schema;
}

StatusOr<int> Migrate(Db& db, const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, db.Connect());
  RETURN_IF_ERROR(
      connection->Script("CREATE TABLE IF NOT EXISTS migration (number BIGINT PRIMARY KEY, "
                         "name TEXT NOT NULL)"));
  ASSIGN_OR_RETURN(Rows rows, connection->Query("SELECT MAX(number) FROM migration"));
  int at = rows[0].Null(0) ? -1 : static_cast<int>(rows[0].Int(0));
  int newest = -1;
  for (const Migration& m : migrations) newest = std::max(newest, m.number);
  if (at > newest)
    return Precondition("DATABASE_NEWER", db.name() + ": the database has schema " +
                                              std::to_string(at) + ", this binary knows up to " +
                                              std::to_string(newest) + "; use the newer binary");
  for (const Migration& m : migrations) {
    if (m.number <= at) continue;
    RETURN_IF_ERROR(connection->Begin());
    Status done = connection->Script(db.Dialect(m.sql));
    if (done.ok())
      done = connection
                 ->Execute("INSERT INTO migration (number, name) VALUES ($1, $2)",
                           {static_cast<int64_t>(m.number), m.name})
                 .status();
    if (done.ok()) done = connection->Commit();
    if (!done.ok()) {
      connection->Rollback();
      return done;
    }
    LogInfo("migrated", {{"database", db.name()}, {"migration", m.name}});
  }
  return newest;
}

}  // namespace spm
