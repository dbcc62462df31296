// Lists of a table: pages, tokens, orders, filters; deleted rows and unique keys.
#include "common/db/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "spm/orders/v1/events.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "tests/support/temp_folder.h"

namespace spm {
namespace {

using orders::v1::Product;

const Table<Product>& Things() {
  static const Table<Product> table(
      {.name = "thing",
       .noun = "thing",
       .owner = "",
       .also_readable = "",
       .unique = {"name"},
       .filters = {{"line", "t.line = $"}, {"live", "t.deleted = 0"}},
       .orders = {{"id", {"id ASC"}}, {"line", {"line DESC", "n ASC", "id ASC"}}}},
      {{"name", [](const Product& p) { return Value(p.name()); }},
       {"line", [](const Product& p) { return Value(p.line()); }},
       {"n", [](const Product& p) { return Value(static_cast<int64_t>(p.list_price().units())); }},
       {"deleted", [](const Product& p) { return Value(int64_t{p.deleted()}); }}});
  return table;
}

class TableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto db = Db::OpenSqlite(folder_.path() + "/a.db");
    ASSERT_TRUE(db.ok());
    db_ = std::move(*db);
    connection_ = std::move(*db_->Connect());
    ASSERT_TRUE(connection_
                    ->Script("CREATE TABLE thing (id TEXT PRIMARY KEY, version BIGINT NOT NULL, "
                             "occurred_us BIGINT NOT NULL, name TEXT NOT NULL, line TEXT NOT NULL, "
                             "n BIGINT NOT NULL, deleted SMALLINT NOT NULL, body BLOB NOT NULL)")
                    .ok());
  }
  // In a transaction of its own.
  Status Do(const std::function<Status(Tx&)>& run) {
    RETURN_IF_ERROR(connection_->Begin());
    Batch batch(*connection_);
    Tx tx(batch, 1000);
    Status status = run(tx);
    if (status.ok()) status = tx.Flush();
    if (status.ok()) return connection_->Commit();
    connection_->Rollback();
    return status;
  }
  static Product Make(int i) {
    Product p;
    p.set_id("id" + std::to_string(100000 + i));
    p.set_name("name" + std::to_string(i));
    // Many rows share a line, some share the number too, so that the last column decides.
    p.set_line("line" + std::to_string(i % 3));
    p.mutable_list_price()->set_units(i % 7);
    return p;
  }
  Status Save(Product p) {
    return Do([&p](Tx& tx) {
      Things().Save(tx, &p, orders::v1::ProductUpdated());
      return OkStatus();
    });
  }
  void Fill(int n) {
    ASSERT_TRUE(Do([n](Tx& tx) {
                  for (int i = 0; i < n; ++i) {
                    Product p = Make(i);
                    Things().Save(tx, &p, orders::v1::ProductCreated());
                  }
                  return OkStatus();
                }).ok());
  }
  StatusOr<Page<Product>> List(const ListSpec& spec) {
    ASSIGN_OR_RETURN(auto snapshot, db_->OpenSnapshot());
    return Things().List(*snapshot, Scope::Service(), spec);
  }

  testing::TempFolder folder_;
  std::unique_ptr<Db> db_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(TableTest, PagesReturnEachRowOnceInOrderWhileRowsComeAndGo) {
  Fill(200);
  std::vector<std::string> seen;
  ListSpec spec{.where = {}, .order = "line", .page_size = 7, .page_token = ""};
  std::tuple<std::string, int64_t, std::string> last{"~", 0, ""};
  std::set<std::string> stable;
  for (int i = 0; i < 200; ++i) stable.insert(Make(i).id());
  for (int page = 0; page < 100; ++page) {
    auto rows = List(spec);
    ASSERT_TRUE(rows.ok()) << rows.status();
    for (const Product& p : rows->rows) {
      seen.push_back(p.id());
      // line DESC, then n and id ASC
      if (std::get<0>(last) == p.line()) {
        EXPECT_LT(std::make_pair(std::get<1>(last), std::get<2>(last)),
                  std::make_pair(p.list_price().units(), p.id()));
      } else {
        EXPECT_GT(std::get<0>(last), p.line());
      }
      last = {p.line(), p.list_price().units(), p.id()};
    }
    if (rows->next_page_token.empty()) break;
    spec.page_token = rows->next_page_token;
    // Rows that come in front of and behind the place where the list is.
    ASSERT_TRUE(Save(Make(1000 + page)).ok());
    // A row that was seen goes.
    ASSERT_TRUE(connection_->Execute("DELETE FROM thing WHERE id = $1", {seen[page]}).ok());
  }
  std::vector<std::string> sorted = seen;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
  for (const std::string& id : stable)
    EXPECT_TRUE(std::binary_search(sorted.begin(), sorted.end(), id)) << id;
}

TEST_F(TableTest, PageSizesAreBroughtIntoBounds) {
  Fill(1100);
  for (auto [asked, got] : std::map<int, size_t>{
           {-5, 50}, {0, 50}, {1, 1}, {999, 999}, {1000, 1000}, {1001, 1000}, {1 << 30, 1000}}) {
    auto page = List({.where = {}, .order = "id", .page_size = asked, .page_token = ""});
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->rows.size(), got) << asked;
    EXPECT_FALSE(page->next_page_token.empty());
  }
}

TEST_F(TableTest, TheLastPageHasNoToken) {
  Fill(10);
  auto page = List({.where = {}, .order = "id", .page_size = 10, .page_token = ""});
  EXPECT_EQ(page->rows.size(), 10u);
  EXPECT_EQ(page->next_page_token, "");
}

TEST_F(TableTest, ATokenOfAnotherQueryIsRefused) {
  Fill(20);
  auto page = List(
      {.where = {{"line", std::string("line1")}}, .order = "id", .page_size = 2, .page_token = ""});
  const std::string token = page->next_page_token;
  ASSERT_FALSE(token.empty());
  auto refused = [&](std::vector<Where> where, const std::string& order, const std::string& with) {
    auto answer =
        List({.where = std::move(where), .order = order, .page_size = 2, .page_token = with});
    return answer.status().code() == StatusCode::kInvalidArgument &&
           answer.status().message().find("page_token") != std::string::npos;
  };
  const Where line1{"line", std::string("line1")};
  EXPECT_TRUE(refused({{"line", std::string("line2")}}, "id", token));
  EXPECT_TRUE(refused({}, "id", token));
  EXPECT_TRUE(refused({line1, {"live", {}}}, "id", token));
  EXPECT_TRUE(refused({line1}, "line", token));
  EXPECT_TRUE(refused({line1}, "id", "x"));
  EXPECT_TRUE(refused({line1}, "id", token.substr(0, token.size() - 2)));
  EXPECT_TRUE(refused({line1}, "id", token + "00"));
  EXPECT_TRUE(refused({line1}, "id", token.substr(0, 16) + std::string(200, 'f')));
  auto other_size = List({.where = {line1}, .order = "id", .page_size = 5, .page_token = token});
  EXPECT_TRUE(other_size.ok()) << "another page size goes on where the last page ended";
}

TEST_F(TableTest, AnUnknownFilterIsABugAndNotTheWholeTable) {
  Fill(3);
  auto page = List(
      {.where = {{"colour", std::string("red")}}, .order = "id", .page_size = 0, .page_token = ""});
  EXPECT_EQ(page.status().code(), StatusCode::kInternal);
}

TEST_F(TableTest, ADeletedRowIsGoneForHandlersAndItsKeyIsFree) {
  Fill(1);
  ASSERT_TRUE(Do([](Tx& tx) -> Status {
                ASSIGN_OR_RETURN(Product p, Things().Get(tx, Make(0).id(), Scope::Service()));
                p.set_deleted(true);
                Things().Save(tx, &p, orders::v1::ProductDeleted());
                // Free within the same batch, before anything is sent.
                ASSIGN_OR_RETURN(auto holder,
                                 Things().FindBy(tx, "name", "name0", Scope::Service()));
                EXPECT_FALSE(holder.has_value());
                return OkStatus();
              }).ok());
  ASSERT_TRUE(Do([](Tx& tx) -> Status {
                EXPECT_EQ(Things().Get(tx, Make(0).id(), Scope::Service()).status().code(),
                          StatusCode::kNotFound);
                ASSIGN_OR_RETURN(auto holder,
                                 Things().FindBy(tx, "name", "name0", Scope::Service()));
                EXPECT_FALSE(holder.has_value());
                Product p = Make(1);
                p.set_name("name0");
                Things().Save(tx, &p, orders::v1::ProductCreated());
                return OkStatus();
              }).ok());
  ASSERT_TRUE(Do([](Tx& tx) -> Status {
                ASSIGN_OR_RETURN(auto holder,
                                 Things().FindBy(tx, "name", "name0", Scope::Service()));
                EXPECT_EQ(holder->id(), Make(1).id());
                // Empty is no key.
                ASSIGN_OR_RETURN(auto none, Things().FindBy(tx, "name", "", Scope::Service()));
                EXPECT_FALSE(none.has_value());
                return OkStatus();
              }).ok());
  // Lists of everything, and reading by id, show it as deleted.
  EXPECT_EQ(List({.where = {}, .order = "id", .page_size = 0, .page_token = ""})->rows.size(), 2u);
  EXPECT_EQ(
      List({.where = {{"live", {}}}, .order = "id", .page_size = 0, .page_token = ""})->rows.size(),
      1u);
}

// The lane undoes what a refused command did to the map of rows and keys that its batch shares.
TEST_F(TableTest, WhatARefusedCommandChangedIsUndone) {
  Fill(2);
  ASSERT_TRUE(connection_->Begin().ok());
  Batch batch(*connection_);
  {
    Tx refused(batch, 1000);
    auto p = Things().Get(refused, Make(0).id(), Scope::Service());
    ASSERT_TRUE(p.ok());
    p->set_name("other");
    Things().Save(refused, &*p, orders::v1::ProductUpdated());
    ASSERT_EQ((*Things().FindBy(refused, "name", "other", Scope::Service()))->id(), Make(0).id());
    EXPECT_FALSE(refused.flushed());
    refused.Undo();
  }
  Tx next(batch, 1000);
  EXPECT_EQ(Things().Get(next, Make(0).id(), Scope::Service())->version(), 1);
  EXPECT_FALSE((*Things().FindBy(next, "name", "other", Scope::Service())).has_value());
  EXPECT_EQ((*Things().FindBy(next, "name", "name0", Scope::Service()))->id(), Make(0).id());
  connection_->Rollback();
}

TEST_F(TableTest, ASaveOverAnotherVersionFailsTheTransaction) {
  Fill(1);
  Product stale = Make(0);
  stale.set_version(1);
  ASSERT_TRUE(Save(stale).ok());
  EXPECT_EQ(Save(stale).code(), StatusCode::kInternal);
}

// An import may say that something happened earlier; the times of an aggregate's events do not go
// back.
TEST_F(TableTest, TheTimeOfAnAggregatesEventsNeverGoesBack) {
  Fill(1);
  ASSERT_TRUE(connection_->Begin().ok());
  Batch batch(*connection_);
  Tx tx(batch, 2000);
  auto p = Things().Get(tx, Make(0).id(), Scope::Service());
  ASSERT_TRUE(p.ok());
  tx.set_occurred_us(500);
  Things().Save(tx, &*p, orders::v1::ProductUpdated());
  ASSERT_EQ(tx.events().size(), 1u);
  EXPECT_EQ(tx.events()[0].occurred_us, 1000);
  EXPECT_EQ(tx.events()[0].version, 2);
  connection_->Rollback();
}

}  // namespace
}  // namespace spm
