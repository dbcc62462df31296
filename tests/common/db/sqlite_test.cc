// SQLite behind Db: values, errors, statements, snapshots, migrations.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "common/db/db.h"
#include "tests/support/temp_folder.h"

namespace spm {
namespace {

class Sqlite : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ = folder_.path() + "/a.db";
    auto db = Db::OpenSqlite(file_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = std::move(*db);
    auto connection = db_->Connect();
    ASSERT_TRUE(connection.ok());
    connection_ = std::move(*connection);
    ASSERT_TRUE(connection_
                    ->Script(db_->Dialect("CREATE TABLE t (k TEXT PRIMARY KEY, n BIGINT, "
                                          "d DOUBLE PRECISION, b {{bytes}})"))
                    .ok());
  }
  Rows All(const std::string& sql, const Params& params = {}) {
    auto rows = connection_->Query(sql, params);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? *rows : Rows();
  }
  void Put(const std::string& key, Value n = {}, Value d = {}, Value b = {}) {
    auto done = connection_->Execute("INSERT INTO t (k, n, d, b) VALUES ($1, $2, $3, $4)",
                                     {key, std::move(n), std::move(d), std::move(b)});
    ASSERT_TRUE(done.ok()) << done.status();
    EXPECT_EQ(*done, 1);
  }

  testing::TempFolder folder_;
  std::string file_;
  std::unique_ptr<Db> db_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(Sqlite, KeepsEveryValueAsItIs) {
  const std::string text("a\0b\xE4\xB8\xAD", 6), bytes("\0\xff\x01", 3);
  Put(text, std::numeric_limits<int64_t>::max(), 0.1, Bytes{bytes});
  Put("", std::numeric_limits<int64_t>::min(), -0.0, Bytes{""});
  Put("null");
  Rows rows = All("SELECT k, n, d, b FROM t WHERE k = $1", {text});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].Text(0), text);
  EXPECT_EQ(rows[0].Int(1), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(rows[0].Real(2), 0.1);
  EXPECT_EQ(rows[0][3], Value(Bytes{bytes}));
  rows = All("SELECT k, n, d, b FROM t WHERE k = $1", {std::string()});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].Int(1), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(rows[0][3], Value(Bytes{""}));
  rows = All("SELECT n, d, b FROM t WHERE k = 'null'");
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(rows[0].Null(i));
    EXPECT_EQ(rows[0].Text(i), "");
    EXPECT_EQ(rows[0].Int(i), 0);
  }
}

// `$2` may come before `$1`, twice or not at all; values go by number.
TEST_F(Sqlite, BindsParametersByTheirNumber) {
  Rows rows = All("SELECT $2, $1, $2, $4", {int64_t{1}, int64_t{2}, int64_t{3}, int64_t{4}});
  EXPECT_EQ(rows[0].Int(0), 2);
  EXPECT_EQ(rows[0].Int(1), 1);
  EXPECT_EQ(rows[0].Int(2), 2);
  EXPECT_EQ(rows[0].Int(3), 4);
  EXPECT_EQ(connection_->Query("SELECT $2", {int64_t{1}}).status().code(), StatusCode::kInternal);
}

TEST_F(Sqlite, FindsKeysWhateverTheyHold) {
  const std::vector<std::string> odd = {"plain",
                                        "quote\"s",
                                        "back\\slash",
                                        "line\nbreak",
                                        "tab\t",
                                        "it's",
                                        "",
                                        "\xE4\xB8\xAD\xE6\x96\x87",
                                        "{\"a\":[1]}",
                                        "%_*",
                                        "\x01\x1f",
                                        "1",
                                        "1.0",
                                        "null"};
  for (size_t i = 0; i < odd.size(); ++i) Put(odd[i], static_cast<int64_t>(i));
  auto rows = connection_->QueryIn("SELECT k, n FROM t WHERE n >= $2 AND k {{in}} ORDER BY n", odd,
                                   {int64_t{0}});
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), odd.size());
  for (size_t i = 0; i < odd.size(); ++i) EXPECT_EQ((*rows)[i].Text(0), odd[i]);
  for (const std::string& key : odd) {
    auto one = connection_->QueryIn("SELECT k FROM t WHERE k {{in}}", {key});
    ASSERT_EQ(one->size(), 1u) << key;
    EXPECT_EQ((*one)[0].Text(0), key);
  }
  EXPECT_TRUE(connection_->QueryIn("SELECT k FROM t WHERE k {{in}}", {})->empty());
  std::vector<std::string> many(5000, "missing");
  many.push_back("it's");
  EXPECT_EQ(connection_->QueryIn("SELECT k FROM t WHERE k {{in}}", many)->size(), 1u);
}

TEST_F(Sqlite, AStatementInUseMayBeAskedAgain) {
  for (int64_t i = 0; i < 5; ++i) Put("k" + std::to_string(i), i);
  const std::string sql = "SELECT k FROM t ORDER BY k";
  int seen = 0;
  Status status = connection_->Visit(sql, {}, [&](const Row& outer) {
    int inner = 0;
    EXPECT_TRUE(connection_->Visit(sql, {}, [&](const Row&) { return ++inner < 3; }).ok());
    EXPECT_EQ(inner, 3);
    EXPECT_EQ(outer.Text(0), "k" + std::to_string(seen++));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(seen, 5);
}

TEST_F(Sqlite, AVisitorThatThrowsLeavesTheStatementFree) {
  for (int64_t i = 0; i < 5; ++i) Put("k" + std::to_string(i), i);
  const std::string sql = "SELECT k FROM t";
  ASSERT_TRUE(connection_->Begin().ok());
  EXPECT_THROW(static_cast<void>(connection_->Visit(
                   sql, {}, [](const Row&) -> bool { throw std::runtime_error("boom"); })),
               std::runtime_error);
  ASSERT_TRUE(connection_->Commit().ok());
  // A statement left in the middle would keep the table from being dropped.
  EXPECT_TRUE(connection_->Script("DROP TABLE t").ok());
}

TEST_F(Sqlite, ManyFormsOfStatementsDoNotPileUp) {
  Put("k", int64_t{7});
  const std::string outer = "SELECT k FROM t WHERE n = 7";
  Status status = connection_->Visit(outer, {}, [&](const Row&) {
    for (int i = 0; i < 1500; ++i) {
      auto rows = connection_->Query("SELECT n + " + std::to_string(i) + " FROM t WHERE k = $1",
                                     {std::string("k")});
      if (!rows.ok() || (*rows)[0].Int(0) != 7 + i) ADD_FAILURE() << i;
    }
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(Sqlite, ASnapshotSeesOneMoment) {
  Put("a");
  auto snapshot = db_->OpenSnapshot();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->Query("SELECT k FROM t")->size(), 1u);
  Put("b");
  EXPECT_EQ((*snapshot)->Query("SELECT k FROM t")->size(), 1u);
  snapshot->reset();
  auto later = db_->OpenSnapshot();
  EXPECT_EQ((*later)->Query("SELECT k FROM t")->size(), 2u);
  // Readers cannot write.
  EXPECT_FALSE((*later)->Query("INSERT INTO t (k) VALUES ('c')").ok());
}

TEST_F(Sqlite, ErrorsSayWhatIsWrongAndWhetherToTryAgain) {
  auto missing = Db::OpenSqlite(folder_.path() + "/nowhere/a.db");
  EXPECT_EQ(missing.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(missing.status().message().find("nowhere/a.db"), std::string::npos);
  const std::string corrupt = folder_.path() + "/corrupt.db";
  std::ofstream(corrupt) << std::string(8192, 'x');
  auto broken = Db::OpenSqlite(corrupt);
  EXPECT_EQ(Reason(broken.status()), "DATABASE_DAMAGED");
  EXPECT_NE(broken.status().message().find("corrupt.db"), std::string::npos);
  Put("a");
  auto twice = connection_->Execute("INSERT INTO t (k) VALUES ('a')");
  EXPECT_EQ(twice.status().code(), StatusCode::kInternal);
  EXPECT_EQ(connection_->Query("SELECT nothing FROM t").status().code(), StatusCode::kInternal);
  // After an error the connection goes on.
  Put("b");
}

// Overwrites the beginning of each page from `first` on.
void Damage(const std::string& name, std::streamoff first) {
  std::fstream file(name, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(name));
  ASSERT_GT(size, first * 4096);
  for (std::streamoff at = first * 4096; at < size; at += 4096) {
    file.seekp(at);
    file << std::string(64, '\xee');
  }
}

TEST_F(Sqlite, DamageIsFoundAtTheStart) {
  for (int64_t i = 0; i < 3000; ++i)
    Put("key " + std::to_string(i), i, {}, Bytes{std::string(50, 'b')});
  ASSERT_TRUE(connection_->Script("PRAGMA wal_checkpoint(TRUNCATE)").ok());
  connection_.reset();
  db_.reset();
  const std::string pages = folder_.path() + "/pages.db", half = folder_.path() + "/half.db",
                    header = folder_.path() + "/header.db";
  for (const std::string& copy : {pages, half, header}) std::filesystem::copy_file(file_, copy);
  Damage(pages, 8);
  Damage(header, 0);
  std::filesystem::resize_file(half, std::filesystem::file_size(half) / 2);
  for (const std::string& broken : {pages, half, header}) {
    const Status status = Db::OpenSqlite(broken).status();
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << broken;
    EXPECT_EQ(Reason(status), "DATABASE_DAMAGED") << status;
    for (const char* word : {broken.c_str(), "spm restore"})
      EXPECT_NE(std::string(status.message()).find(word), std::string::npos) << status;
  }
  EXPECT_TRUE(Db::OpenSqlite(file_).ok());
}

TEST_F(Sqlite, DamageThatAppearsLaterStopsEverythingThatFollows) {
  for (int64_t i = 0; i < 3000; ++i)
    Put("key " + std::to_string(i), i, {}, Bytes{std::string(50, 'b')});
  ASSERT_TRUE(connection_->Script("PRAGMA wal_checkpoint(TRUNCATE)").ok());
  EXPECT_TRUE(db_->Health().ok());
  Damage(file_, 8);
  auto snapshot = db_->OpenSnapshot();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(Reason((*snapshot)->Query("SELECT SUM(n), SUM(LENGTH(b)) FROM t").status()),
            "DATABASE_DAMAGED");
  EXPECT_EQ(Reason(db_->Health()), "DATABASE_DAMAGED");
  EXPECT_TRUE(IsInfrastructure(db_->Health()));
  EXPECT_EQ(Reason(connection_->Begin()), "DATABASE_DAMAGED");
  EXPECT_EQ(Reason(db_->OpenSnapshot().status()), "DATABASE_DAMAGED");
}

TEST_F(Sqlite, ARolledBackTransactionLeavesNothing) {
  ASSERT_TRUE(connection_->Begin().ok());
  Put("a");
  connection_->Rollback();
  connection_->Rollback();
  EXPECT_TRUE(All("SELECT k FROM t").empty());
}

std::vector<Migration> UpTo(int newest) {
  std::vector<Migration> all;
  for (int i = 0; i <= newest; ++i)
    all.push_back({i, "m" + std::to_string(i), "CREATE TABLE m" + std::to_string(i) + " (k TEXT)"});
  return all;
}

TEST_F(Sqlite, MigrationsRunOnceInOrder) {
  EXPECT_EQ(*Migrate(*db_, UpTo(1)), 1);
  EXPECT_EQ(*Migrate(*db_, UpTo(1)), 1);
  EXPECT_EQ(*Migrate(*db_, UpTo(3)), 3);
  EXPECT_EQ(All("SELECT number FROM migration ORDER BY number").size(), 4u);
}

TEST_F(Sqlite, ANewerDatabaseIsRefused) {
  ASSERT_TRUE(Migrate(*db_, UpTo(3)).ok());
  auto older = Migrate(*db_, UpTo(2));
  EXPECT_EQ(older.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Reason(older.status()), "DATABASE_NEWER");
}

TEST_F(Sqlite, AMigrationThatFailsLeavesNothingOfItself) {
  auto migrations = UpTo(1);
  migrations.push_back({2, "bad", "CREATE TABLE half (k TEXT); CREATE TABLE m0 (k TEXT)"});
  EXPECT_FALSE(Migrate(*db_, migrations).ok());
  EXPECT_TRUE(All("SELECT name FROM sqlite_master WHERE name = 'half'").empty());
  EXPECT_EQ(*Migrate(*db_, UpTo(2)), 2);
}

}  // namespace
}  // namespace spm
