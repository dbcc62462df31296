// Every statement that a table of a service can make is prepared on its database: a list by each
// filter alone, by all together, in each order, with and without scope, first page and later ones.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "common/base/embed.h"
#include "common/db/table.h"
#include "services/leads/interaction_store.h"
#include "services/leads/lead_store.h"
#include "tests/contract/specs.h"
#include "tests/support/temp_folder.h"

namespace spm {
namespace {

// More than any statement has.
const Params kNulls(40);

// A table that no spec names is made when it is first asked for.
const std::vector<const TableCore*>& AllTables() {
  testing::AllSpecs();
  leads::Interactions();
  leads::Handovers();
  leads::Holdings();
  return TableCore::All();
}

class Databases {
 public:
  Databases() {
    for (const ServiceSpec& spec : testing::AllSpecs()) {
      auto db = Db::OpenSqlite(folder_.path() + "/" + spec.name + ".db");
      EXPECT_TRUE(db.ok()) << db.status();
      std::vector<Migration> schema = {
          {0, "core", std::string(EmbeddedFolder("common/write")[0].text)}};
      schema.insert(schema.end(), spec.schema.begin(), spec.schema.end());
      auto newest = Migrate(**db, schema);
      EXPECT_TRUE(newest.ok()) << newest.status();
      all_[spec.name] = std::move(*db);
    }
  }
  // The database that has a table; a name is of one service only.
  Db* Of(const std::string& table) {
    Db* found = nullptr;
    for (auto& [name, db] : all_) {
      auto snapshot = db->OpenSnapshot();
      auto rows = (*snapshot)->Query(
          "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", {table});
      if (rows->empty()) continue;
      EXPECT_EQ(found, nullptr) << table << " is in two databases";
      found = db.get();
    }
    return found;
  }

 private:
  testing::TempFolder folder_;
  std::map<std::string, std::unique_ptr<Db>> all_;
};

void Prepare(Db& db, const std::string& sql) {
  auto connection = db.Connect();
  ASSERT_TRUE(connection.ok());
  auto plan = (*connection)->Query("EXPLAIN " + sql, kNulls);
  EXPECT_TRUE(plan.ok()) << plan.status();
}

void PrepareLists(Db& db, const TableCore& table) {
  std::vector<std::vector<std::string>> filters = {{}};
  std::vector<std::string> together;
  for (const auto& [name, sql] : table.spec().filters) {
    filters.push_back({name});
    together.push_back(name);
    EXPECT_LE(std::count(sql.begin(), sql.end(), '$'), 1)
        << table.spec().name << "." << name << ": a filter takes one value, once";
  }
  filters.push_back(together);
  ASSERT_FALSE(table.spec().orders.empty()) << table.spec().name;
  for (const auto& [order, columns] : table.spec().orders)
    for (const auto& chosen : filters)
      for (bool scoped : {false, true})
        for (bool paged : {false, true}) Prepare(db, table.ListSql(chosen, order, scoped, paged));
}

TEST(Tables, EveryStatementOfEveryTableIsPrepared) {
  Databases databases;
  int tables = 0;
  for (const TableCore* table : AllTables()) {
    const TableSpec& spec = table->spec();
    SCOPED_TRACE(spec.name);
    Db* db = databases.Of(spec.name);
    ASSERT_NE(db, nullptr) << "no schema makes it";
    ++tables;
    PrepareLists(*db, *table);
    for (const std::string& sql : table->RowSql()) Prepare(*db, sql);
    for (const std::string& column : spec.unique)
      Prepare(*db, "SELECT " + column + ", id FROM " + spec.name + " WHERE " + column + " = $1");
    if (!spec.owner.empty())
      Prepare(*db, "SELECT " + spec.owner + " FROM " + spec.name + " WHERE id = $1");
  }
  EXPECT_GT(tables, 9);
}

// None escapes the test above: what the stores declare is what the process has.
TEST(Tables, EveryTableThatAStoreDeclaresIsThere) {
  std::set<std::string> there;
  for (const TableCore* table : AllTables()) there.insert(table->spec().name);
  const std::regex name(R"re(\.name\s*=\s*"(\w+)",\s*\.noun)re");
  for (const auto& entry : std::filesystem::recursive_directory_iterator("services")) {
    if (!entry.path().string().ends_with("_store.cc")) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string source = text.str();
    for (std::sregex_iterator at(source.begin(), source.end(), name), end; at != end; ++at)
      EXPECT_TRUE(there.contains((*at)[1].str())) << entry.path() << ": " << (*at)[1].str();
  }
}

}  // namespace
}  // namespace spm
