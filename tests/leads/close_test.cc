// The expected close of a deal: overdue once, after its day and the grace.
#include "tests/leads/company.h"

namespace spm::leads {
namespace {

constexpr char kOverdue[] = "spm.leads.v1.OpportunityCloseOverdue";

void Expect(Company& company, const std::string& id, int32_t day) {
  v1::UpdateOpportunityRequest request;
  request.set_opportunity_id(id);
  const Ymd ymd = YmdOf(day);
  auto* expected = request.mutable_opportunity()->mutable_expected_close();
  expected->set_year(ymd.year);
  expected->set_month(ymd.month);
  expected->set_day(ymd.day);
  request.mutable_update_mask()->add_paths("expected_close");
  company.Must<v1::Opportunity>("spm.leads.v1.OpportunityService/UpdateOpportunity", request);
}

TEST(ExpectedClose, IsOverdueOnceFromTheDayAfter) {
  Company company;
  auto& services = company.services();
  const int32_t today = Zone::Utc().DayAt(company.now_us());
  const std::string open = company.Deal("ann").id(), moved = company.Deal("ann").id();
  Expect(company, open, today + 1);
  Expect(company, moved, today + 1);
  Expect(company, moved, today + 5);
  const int64_t due_us = Zone::Utc().StartOf(today + 2);
  services.Advance(due_us - 1 - company.now_us());
  EXPECT_TRUE(services.Journal("leads", kOverdue).empty());
  services.Advance(1);
  auto events = services.Journal("leads", kOverdue);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].aggregate_id(), open);
  EXPECT_EQ(events[0].occurred_us(), due_us);
  v1::OpportunityCloseOverdue overdue;
  ASSERT_TRUE(overdue.ParseFromString(events[0].payload()));
  EXPECT_EQ(overdue.expected_day(), today + 1);
  services.Advance(10 * kDayUs);
  EXPECT_EQ(services.Journal("leads", kOverdue).size(), 2U);
}

TEST(ExpectedClose, AClosedDealIsNotOverdue) {
  Company company;
  const int32_t today = Zone::Utc().DayAt(company.now_us());
  const std::string id = company.Deal("ann").id();
  Expect(company, id, today + 1);
  ASSERT_TRUE(company.Advance(id, "lost").ok());
  company.services().Advance(5 * kDayUs);
  EXPECT_TRUE(company.services().Journal("leads", kOverdue).empty());
}

}  // namespace
}  // namespace spm::leads
