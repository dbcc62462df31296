#include <gtest/gtest.h>

#include "common/db/db.h"
#include "common/db/tx.h"
#include "tests/support/temp_folder.h"

namespace spm {
namespace {

class ManyRows : public ::testing::Test {
 protected:
  void SetUp() override {
    auto db = Db::OpenSqlite(folder_.path() + "/many.db");
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = std::move(*db);
    connection_ = std::move(*db_->Connect());
    ASSERT_TRUE(
        connection_->Script("CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT, b BIGINT)").ok());
  }

  // (from, "a<from>", 2 * from) and so on.
  static std::vector<Params> Rows(int64_t from, int64_t count) {
    std::vector<Params> rows;
    for (int64_t i = from; i < from + count; ++i)
      rows.push_back({i, "a" + std::to_string(i), 2 * i});
    return rows;
  }
  int64_t Write(const std::string& sql, const std::vector<Params>& rows) {
    auto changed = connection_->ExecuteMany(sql, rows);
    EXPECT_TRUE(changed.ok()) << changed.status();
    return changed.value_or(-1);
  }
  int64_t Right() {
    auto rows = connection_->Query("SELECT COUNT(*) FROM t WHERE a = 'a' || id AND b = 2 * id");
    return (*rows)[0].Int(0);
  }

  spm::testing::TempFolder folder_;
  std::unique_ptr<Db> db_;
  std::unique_ptr<Connection> connection_;
};

// Below, at and above the rows that are written at once.
TEST_F(ManyRows, EachRowKeepsItsValues) {
  int64_t next = 1;
  for (int64_t count : {1, 15, 16, 17, 32, 100}) {
    EXPECT_EQ(Write("INSERT INTO t (id, a, b) VALUES ($1, $2, $3)", Rows(next, count)), count);
    next += count;
    EXPECT_EQ(Right(), next - 1);
  }
}

TEST_F(ManyRows, OnlyRowsThatAreNewCount) {
  const std::string sql =
      "INSERT INTO t (id, a, b) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
  EXPECT_EQ(Write(sql, Rows(1, 40)), 40);
  EXPECT_EQ(Write(sql, Rows(21, 40)), 20);
  EXPECT_EQ(Right(), 60);
}

TEST_F(ManyRows, TheLastOfAKeyStandsWhereTheyUpdate) {
  std::vector<Params> rows = Rows(1, 20);
  for (const Params& row : Rows(1, 20))
    rows.push_back({row[0], "a" + std::to_string(7), int64_t{0}});
  EXPECT_EQ(Write("INSERT INTO t (id, a, b) VALUES ($1, $2, $3) "
                  "ON CONFLICT (id) DO UPDATE SET a = excluded.a, b = t.b + excluded.b",
                  rows),
            40);
  auto sevens = connection_->Query("SELECT COUNT(*) FROM t WHERE a = 'a7' AND b = 2 * id");
  EXPECT_EQ((*sevens)[0].Int(0), 20);
}

// A parameter may be used twice, come in any order, or stand in a call; a row is a row.
TEST_F(ManyRows, OtherFormsOfStatementsWorkToo) {
  EXPECT_EQ(Write("INSERT INTO t (b, a, id) VALUES ($1, $2, $1)", Rows(1, 20)), 20);
  EXPECT_EQ(Write("UPDATE t SET b = $3 WHERE id = $1", Rows(1, 20)), 20);
  EXPECT_EQ(Right(), 20);
  EXPECT_EQ(Write("INSERT INTO t (id, a, b) VALUES ($1, lower($2), $3)", Rows(21, 20)), 20);
  EXPECT_EQ(Right(), 40);
  EXPECT_EQ(Write("DELETE FROM t WHERE id = $1", Rows(1, 40)), 40);
}

TEST_F(ManyRows, AFaultInOneOfThemFailsAll) {
  ASSERT_EQ(Write("INSERT INTO t (id, a, b) VALUES ($1, $2, $3)", Rows(30, 1)), 1);
  ASSERT_TRUE(connection_->Begin().ok());
  EXPECT_FALSE(
      connection_->ExecuteMany("INSERT INTO t (id, a, b) VALUES ($1, $2, $3)", Rows(1, 40)).ok());
  connection_->Rollback();
  EXPECT_EQ(Right(), 1);
}

// They are sent where the function has returned, and after what was written before.
TEST_F(ManyRows, ATransactionBuffersThemInOrder) {
  Batch batch(*connection_);
  Tx tx(batch, 1);
  tx.Write("INSERT INTO t (id, a, b) VALUES (1, 'x', 0)", {});
  tx.WriteMany("UPDATE t SET a = $2, b = $3 WHERE id = $1", Rows(1, 20));
  tx.WriteMany("DELETE FROM t", {});
  EXPECT_EQ(Right(), 0);
  ASSERT_TRUE(tx.Flush().ok());
  EXPECT_EQ(Right(), 1) << "without rows nothing is sent";
}

}  // namespace
}  // namespace spm
