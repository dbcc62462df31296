// The org service through its commands.
#include <gtest/gtest.h>

#include "services/org/service.h"
#include "spm/org/v1/org.pb.h"
#include "tests/support/service_fixture.h"

namespace spm::org {
namespace {

using base::v1::RowResult;
using testing::Services;

constexpr char kApi[] = "spm.org.v1.OrgService/";

std::vector<ServiceSpec> Specs() {
  v1::CompanyPolicy company;
  company.set_currency("USD");
  company.set_zone("UTC");
  company.set_language("en");
  std::vector<ServiceSpec> specs;
  specs.push_back(OrgService(company));
  return specs;
}

v1::BatchImportUnitsRequest Units() {
  v1::BatchImportUnitsRequest request;
  request.set_source("crm");
  // The team comes before the region that it belongs to.
  auto* team = request.add_rows();
  team->set_external_id("Alpha");
  team->set_name("Alpha");
  team->set_kind(v1::UNIT_KIND_TEAM);
  team->set_parent_id("crm:West");
  auto* region = request.add_rows();
  region->set_external_id("West");
  region->set_name("West");
  region->set_kind(v1::UNIT_KIND_REGION);
  return request;
}

TEST(OrgImport, TakesRowsInAnyOrderAndRepeatsToNothing) {
  Services s(Specs());
  auto first =
      s.Call<v1::BatchImportUnitsResponse>(std::string(kApi) + "BatchImportUnits", Units());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->results(0).outcome(), RowResult::OUTCOME_CREATED);
  EXPECT_EQ(first->results(1).outcome(), RowResult::OUTCOME_CREATED);
  const size_t events = s.Journal("org").size();
  auto again =
      s.Call<v1::BatchImportUnitsResponse>(std::string(kApi) + "BatchImportUnits", Units());
  EXPECT_EQ(again->results(0).outcome(), RowResult::OUTCOME_UNCHANGED);
  EXPECT_EQ(again->results(0).id(), first->results(0).id());
  EXPECT_EQ(s.Journal("org").size(), events);
}

TEST(OrgImport, ABadRowRefusesItselfAlone) {
  Services s(Specs());
  auto request = Units();
  request.mutable_rows(0)->set_parent_id("crm:Nowhere");
  auto reply =
      s.Call<v1::BatchImportUnitsResponse>(std::string(kApi) + "BatchImportUnits", request);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->results(0).outcome(), RowResult::OUTCOME_REFUSED);
  EXPECT_NE(reply->results(0).error().message().find("parent_id"), std::string::npos);
  EXPECT_EQ(reply->results(1).outcome(), RowResult::OUTCOME_CREATED);
}

// An imported change of team holds from the day of the import.
TEST(OrgImport, AChangedTeamHoldsFromToday) {
  Services s(Specs());
  auto units =
      s.Call<v1::BatchImportUnitsResponse>(std::string(kApi) + "BatchImportUnits", Units());
  v1::BatchImportPeopleRequest people;
  people.set_source("crm");
  auto* row = people.add_rows();
  row->set_external_id("ann");
  row->set_name("Ann");
  row->set_unit_id("crm:Alpha");
  auto created =
      s.Call<v1::BatchImportPeopleResponse>(std::string(kApi) + "BatchImportPeople", people);
  ASSERT_EQ(created->results(0).outcome(), RowResult::OUTCOME_CREATED);
  row->set_unit_id("crm:West");
  auto updated =
      s.Call<v1::BatchImportPeopleResponse>(std::string(kApi) + "BatchImportPeople", people);
  ASSERT_EQ(updated->results(0).outcome(), RowResult::OUTCOME_UPDATED);
  s.WaitIdle();
  auto directory = s.Find("org")->directory();
  int32_t today = static_cast<int32_t>(Services::kStart / kDayUs);
  const std::string ann = created->results(0).id();
  EXPECT_EQ(directory->PlaceOf(ann, today - 1).unit_id, units->results(0).id());
  EXPECT_EQ(directory->PlaceOf(ann, today).unit_id, units->results(1).id());
}

TEST(Org, AUnitMayNotStandAboveItself) {
  Services s(Specs());
  auto units =
      s.Call<v1::BatchImportUnitsResponse>(std::string(kApi) + "BatchImportUnits", Units());
  v1::MoveUnitRequest move;
  move.set_unit_id(units->results(1).id());
  move.set_parent_id(units->results(0).id());
  move.mutable_from()->set_year(2026);
  move.mutable_from()->set_month(4);
  move.mutable_from()->set_day(1);
  auto moved = s.Call<v1::Unit>(std::string(kApi) + "MoveUnit", move);
  EXPECT_EQ(Reason(moved.status()), "UNIT_CIRCLE");
}

google::type::Date March(int day) {
  google::type::Date date;
  date.set_year(2026);
  date.set_month(3);
  date.set_day(day);
  return date;
}

// The circle closes on a later day, by what the unit above has planned already.
TEST(Org, AUnitMayNotStandAboveItselfOnALaterDay) {
  Services s(Specs());
  auto create = [&s](const std::string& name) {
    v1::CreateUnitRequest request;
    request.mutable_unit()->set_name(name);
    request.mutable_unit()->set_kind(v1::UNIT_KIND_TEAM);
    auto unit = s.Call<v1::Unit>(std::string(kApi) + "CreateUnit", request);
    EXPECT_TRUE(unit.ok()) << unit.status();
    return unit->id();
  };
  auto move = [&s](const std::string& unit, const std::string& parent, int day) {
    v1::MoveUnitRequest request;
    request.set_unit_id(unit);
    request.set_parent_id(parent);
    *request.mutable_from() = March(day);
    return s.Call<v1::Unit>(std::string(kApi) + "MoveUnit", request).status();
  };
  const std::string a = create("A"), b = create("B");
  ASSERT_TRUE(move(b, a, 20).ok());
  EXPECT_EQ(Reason(move(a, b, 10)), "UNIT_CIRCLE");
}

TEST(Org, PlacementsGivenInAnyOrderHoldByTheirDay) {
  Services s(Specs());
  auto units =
      s.Call<v1::BatchImportUnitsResponse>(std::string(kApi) + "BatchImportUnits", Units());
  v1::CreatePersonRequest create;
  create.mutable_person()->set_name("Ann");
  auto* later = create.mutable_person()->add_memberships();
  later->set_unit_id(units->results(1).id());
  *later->mutable_from() = March(20);
  create.mutable_person()->add_memberships()->set_unit_id(units->results(0).id());
  auto ann = s.Call<v1::Person>(std::string(kApi) + "CreatePerson", create);
  ASSERT_TRUE(ann.ok()) << ann.status();
  s.WaitIdle();
  auto directory = s.Find("org")->directory();
  const int32_t day = DayOf({2026, 3, 20});
  EXPECT_EQ(directory->PlaceOf(ann->id(), day - 1).unit_id, units->results(0).id());
  EXPECT_EQ(directory->PlaceOf(ann->id(), day).unit_id, units->results(1).id());
}

TEST(Org, AnUpdateNeedsTheVersionThatWasRead) {
  Services s(Specs());
  v1::CreatePersonRequest create;
  create.mutable_person()->set_name("Ann");
  auto ann = s.Call<v1::Person>(std::string(kApi) + "CreatePerson", create);
  ASSERT_TRUE(ann.ok()) << ann.status();
  v1::UpdatePersonRequest update;
  update.set_person_id(ann->id());
  update.set_etag("7");
  update.mutable_person()->set_name("Anna");
  update.mutable_update_mask()->add_paths("name");
  EXPECT_EQ(Reason(s.Call<v1::Person>(std::string(kApi) + "UpdatePerson", update).status()),
            "VERSION_CONFLICT");
  update.set_etag("1");
  auto anna = s.Call<v1::Person>(std::string(kApi) + "UpdatePerson", update);
  ASSERT_TRUE(anna.ok()) << anna.status();
  EXPECT_EQ(anna->version(), 2);
  update.set_etag("");
  update.mutable_update_mask()->add_paths("memberships");
  auto refused = s.Call<v1::Person>(std::string(kApi) + "UpdatePerson", update);
  EXPECT_EQ(refused.status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace spm::org
