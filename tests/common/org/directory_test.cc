#include "common/org/directory.h"

#include <gtest/gtest.h>

#include "common/base/time.h"

namespace spm {
namespace {

constexpr int32_t kToday = 20'000;

void SetDay(int32_t day, google::type::Date* date) {
  Ymd ymd = YmdOf(day);
  date->set_year(ymd.year);
  date->set_month(ymd.month);
  date->set_day(ymd.day);
}

org::v1::Unit Unit(const std::string& id, org::v1::UnitKind kind, const std::string& parent) {
  org::v1::Unit u;
  u.set_id(id);
  u.set_kind(kind);
  if (!parent.empty()) u.add_placements()->set_parent_id(parent);
  return u;
}

org::v1::Person Person(const std::string& id, const std::string& unit, bool leads = false,
                       const std::string& manager = "") {
  org::v1::Person p;
  p.set_id(id);
  if (!unit.empty()) {
    auto* m = p.add_memberships();
    m->set_unit_id(unit);
    m->set_leads(leads);
  }
  if (!manager.empty()) p.add_reporting()->set_manager_id(manager);
  return p;
}

// West holds teams a and b; wanda leads West, tom leads a; ann and bob sell.
struct Company {
  std::vector<org::v1::Unit> units = {Unit("west", org::v1::UNIT_KIND_REGION, ""),
                                      Unit("a", org::v1::UNIT_KIND_TEAM, "west"),
                                      Unit("b", org::v1::UNIT_KIND_TEAM, "west")};
  std::vector<org::v1::Person> people = {Person("wanda", "west", true), Person("tom", "a", true),
                                         Person("ann", "a"), Person("bob", "b", false, "ann")};
  Directory Make() { return Directory(units, people); }
};

Caller Member(const std::string& id, base::v1::Role role = base::v1::ROLE_REP) {
  return {.id = id, .name = id, .roles = {role}, .person = true};
}

std::set<std::string> Sees(const Directory& d, const std::string& who, int32_t day = kToday) {
  auto visible = d.VisibleTo(who, day);
  return {visible->begin(), visible->end()};
}

TEST(Directory, ShowsOwnTeamRegionByPlace) {
  Company company;
  Directory d = company.Make();
  EXPECT_EQ(Sees(d, "bob"), (std::set<std::string>{"bob"}));
  // Who reports to ann is seen by her, though in another team.
  EXPECT_EQ(Sees(d, "ann"), (std::set<std::string>{"ann", "bob"}));
  EXPECT_EQ(Sees(d, "tom"), (std::set<std::string>{"tom", "ann"}));
  EXPECT_EQ(Sees(d, "wanda"), (std::set<std::string>{"wanda", "tom", "ann", "bob"}));
  EXPECT_EQ(d.ScopeName(Member("bob"), kToday), "own");
  EXPECT_EQ(d.ScopeName(Member("tom"), kToday), "team");
  EXPECT_EQ(d.ScopeName(Member("wanda"), kToday), "region");
  EXPECT_EQ(d.ScopeName(Member("bob", base::v1::ROLE_EXECUTIVE), kToday), "company");
}

// A move changes who sees what from its day, and nothing of before.
TEST(Directory, AMoveHoldsFromItsDay) {
  Company company;
  auto* moved = company.people[3].add_memberships();
  moved->set_unit_id("a");
  SetDay(kToday, moved->mutable_from());
  Directory d = company.Make();
  EXPECT_EQ(d.PlaceOf("bob", kToday - 1).team_id, "b");
  EXPECT_EQ(d.PlaceOf("bob", kToday).team_id, "a");
  EXPECT_FALSE(Sees(d, "tom", kToday - 1).contains("bob"));
  EXPECT_TRUE(Sees(d, "tom", kToday).contains("bob"));
  EXPECT_EQ(d.PlaceOf("bob", -100'000).team_id, "b")
      << "a first membership without a day holds from ever";
}

TEST(Directory, ARegionIsTheNearestAncestorOfThatKind) {
  Company company;
  Directory d = company.Make();
  const Place& place = d.PlaceOf("ann", kToday);
  EXPECT_EQ(place.unit_id, "a");
  EXPECT_EQ(place.team_id, "a");
  EXPECT_EQ(place.region_id, "west");
  EXPECT_EQ(d.PlaceOf("wanda", kToday).team_id, "");
  EXPECT_EQ(d.PlaceOf("nobody", kToday).unit_id, "");
}

// org_closure holds the same answers as VisibleTo, on both sides of each change.
TEST(Directory, TheClosureEqualsWhatIsVisible) {
  Company company;
  auto* moved = company.people[3].add_memberships();
  moved->set_unit_id("a");
  SetDay(kToday, moved->mutable_from());
  auto* placed = company.units[1].add_placements();
  SetDay(kToday + 5, placed->mutable_from());
  Directory d = company.Make();
  auto closure = d.Closure();
  for (int32_t day : {kToday - 1, kToday, kToday + 4, kToday + 5, kToday + 100})
    for (const char* who : {"wanda", "tom", "ann", "bob"}) {
      std::set<std::string> stored;
      for (const auto& s : closure)
        if (s.viewer == who && s.from_day <= day && day < s.to_day) stored.insert(s.person);
      EXPECT_EQ(stored, Sees(d, who, day)) << who << " on day " << day;
    }
}

TEST(Directory, FindsPeopleByTheKeyOfAnotherSystem) {
  Company company;
  auto* key = company.people[2].add_external_ids();
  key->set_source("crm");
  key->set_id("Ann A");
  Directory d = company.Make();
  EXPECT_EQ(d.PersonId("crm:Ann A"), "ann");
  EXPECT_EQ(d.PersonId("ann"), "ann");
  EXPECT_EQ(d.PersonId("crm:Bob"), "");
}

}  // namespace
}  // namespace spm
