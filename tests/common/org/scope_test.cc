// What a list shows by SQL over org_closure is what the directory says in memory, on every day.
#include <gtest/gtest.h>

#include <random>

#include "common/base/embed.h"
#include "common/base/time.h"
#include "common/db/table.h"
#include "common/org/directory.h"
#include "common/org/follow.h"
#include "spm/leads/v1/events.pb.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/org/v1/events.pb.h"
#include "tests/support/temp_folder.h"

namespace spm {
namespace {

using leads::v1::Lead;

const Table<Lead>& Leads() {
  static const Table<Lead> table({.name = "owned",
                                  .noun = "lead",
                                  .owner = "owner_id",
                                  .also_readable = "t.owner_id = ''",
                                  .unique = {},
                                  .filters = {{"source", "t.source = $"}},
                                  .orders = {{"id", {"id ASC"}}}},
                                 {{"owner_id", [](const Lead& l) { return Value(l.owner_id()); }},
                                  {"source", [](const Lead& l) { return Value(l.source()); }}});
  return table;
}

void SetDay(int32_t day, google::type::Date* date) {
  const Ymd ymd = YmdOf(day);
  date->set_year(ymd.year);
  date->set_month(ymd.month);
  date->set_day(ymd.day);
}

constexpr int32_t kFirst = 20'000;
constexpr int kDays = 40;
constexpr int kUnits = 6;
constexpr int kPeople = 14;

std::string UnitId(int n) { return "u" + std::to_string(n); }
std::string PersonId(int n) { return "p" + std::to_string(n); }

base::v1::Event EventOf(const google::protobuf::Message& payload) {
  base::v1::Event event;
  event.set_type(payload.GetDescriptor()->full_name());
  event.set_payload(payload.SerializeAsString());
  return event;
}

// Units stand under units of lower numbers and people report to people of lower numbers, so that no
// circle comes about; who is where changes on random days.
std::vector<base::v1::Event> RandomOrg(std::mt19937_64& random) {
  std::vector<base::v1::Event> events;
  for (int n = 0; n < kUnits; ++n) {
    org::v1::UnitCreated created;
    created.mutable_unit()->set_id(UnitId(n));
    for (int i = 0; n > 0 && i < 3; ++i) {
      auto* placement = created.mutable_unit()->add_placements();
      placement->set_parent_id(UnitId(static_cast<int>(random() % n)));
      if (i > 0)
        SetDay(kFirst + i * 12 + static_cast<int>(random() % 12), placement->mutable_from());
    }
    events.push_back(EventOf(created));
  }
  for (int n = 0; n < kPeople; ++n) {
    org::v1::PersonCreated created;
    created.mutable_person()->set_id(PersonId(n));
    for (int i = 0; i < 3; ++i) {
      auto* membership = created.mutable_person()->add_memberships();
      membership->set_unit_id(UnitId(static_cast<int>(random() % kUnits)));
      membership->set_leads(random() % 3 == 0);
      const int32_t day = kFirst + i * 12 + static_cast<int>(random() % 12);
      if (i > 0) SetDay(day, membership->mutable_from());
      if (n == 0 || random() % 2 == 0) continue;
      auto* reporting = created.mutable_person()->add_reporting();
      reporting->set_manager_id(PersonId(static_cast<int>(random() % n)));
      SetDay(day, reporting->mutable_from());
    }
    events.push_back(EventOf(created));
  }
  return events;
}

TEST(Scope, AListShowsWhatTheDirectorySays) {
  testing::TempFolder folder;
  auto db = Db::OpenSqlite(folder.path() + "/a.db");
  ASSERT_TRUE(db.ok());
  auto schema = EmbeddedSchema("common/write");
  schema.push_back(
      {1, "owned",
       "CREATE TABLE owned (id TEXT PRIMARY KEY, version BIGINT NOT NULL, occurred_us BIGINT "
       "NOT NULL, owner_id TEXT NOT NULL, source TEXT NOT NULL, body {{bytes}} NOT NULL)"});
  schema[0].number = 0;
  ASSERT_TRUE(Migrate(**db, schema).ok());
  auto connection = std::move(*(*db)->Connect());
  std::mt19937_64 random(7);
  // The second organisation replaces the first: the closure follows what changed only.
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(connection->Begin().ok());
    Batch batch(*connection);
    Tx tx(batch, 1);
    ASSERT_TRUE(*FollowOrg(tx, RandomOrg(random)));
    for (int n = -1; round == 0 && n < kPeople; ++n)
      for (int i = 0; i < 2; ++i) {
        Lead lead;
        lead.set_id("lead" + std::to_string(n) + "/" + std::to_string(i));
        if (n >= 0) lead.set_owner_id(PersonId(n));
        lead.set_source(i == 0 ? "web" : "fair");
        Leads().Save(tx, &lead, leads::v1::LeadCreated());
      }
    ASSERT_TRUE(tx.Flush().ok());
    ASSERT_TRUE(connection->Commit().ok());
    auto snapshot = std::move(*(*db)->OpenSnapshot());
    auto directory = std::move(*Directory::Load(*snapshot));
    for (int32_t day = kFirst - 1; day < kFirst + kDays; day += 3) {
      for (int viewer = 0; viewer < kPeople; ++viewer) {
        auto visible = directory->VisibleTo(PersonId(viewer), day);
        const Scope scope = Scope::Of(PersonId(viewer), day, visible);
        auto page = Leads().List(*snapshot, scope,
                                 {.where = {{"source", std::string("web")}},
                                  .order = "id",
                                  .page_size = 1000,
                                  .page_token = ""});
        ASSERT_TRUE(page.ok()) << page.status();
        IdSet shown;
        for (const Lead& lead : page->rows) shown.insert(lead.owner_id());
        IdSet expected(visible->begin(), visible->end());
        expected.insert("");  // what has no owner may be read by all
        EXPECT_EQ(shown, expected) << "viewer " << viewer << " day " << day;
        // The same, one by one; out of scope is not there.
        for (int n = -1; n < kPeople; ++n) {
          const std::string owner = n < 0 ? "" : PersonId(n);
          auto one = Leads().Find(*snapshot, "lead" + std::to_string(n) + "/0", scope);
          EXPECT_EQ(one->has_value(), expected.contains(owner)) << owner;
        }
      }
    }
  }
}

}  // namespace
}  // namespace spm
