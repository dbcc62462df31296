#include "services/leads/rules/standing.h"

#include <gtest/gtest.h>

#include "services/leads/rules/defaults.h"

namespace spm::leads {
namespace {

constexpr int64_t kNow = 1'772'409'600'000'000;

void Set(int64_t us, google::protobuf::Timestamp* time) {
  time->set_seconds(us / kSecondUs);
  time->set_nanos(static_cast<int32_t>(us % kSecondUs * 1000));
}

v1::Opportunity DealIn(const std::string& stage, int64_t entered_us) {
  v1::Opportunity deal;
  deal.set_stage(stage);
  deal.set_stage_kind(v1::STAGE_KIND_OPEN);
  Set(entered_us, deal.mutable_stage_time());
  return deal;
}

// L8: silent at exactly 7 days, stalled a microsecond later.
TEST(Standing, ADealIsStalledByItsStagesLimit) {
  v1::PipelinePolicy pipeline = DefaultPipeline();
  pipeline.mutable_stages(1)->set_stall_days(0);
  struct {
    const char* stage;
    int64_t for_us;
    bool stalled;
  } cases[] = {
      {"need", 7 * kDayUs, false},      {"need", 7 * kDayUs + 1, true},
      {"quote", 900 * kDayUs, false},   {"gone", 900 * kDayUs, false},
      {"negotiate", 7 * kDayUs, false}, {"negotiate", 8 * kDayUs, true},
  };
  for (const auto& c : cases)
    EXPECT_EQ(IsStalledAt(DealIn(c.stage, kNow - c.for_us), pipeline, kNow), c.stalled)
        << c.stage << " " << c.for_us;
  v1::Opportunity closed = DealIn("need", kNow - 99 * kDayUs);
  closed.set_stage_kind(v1::STAGE_KIND_WON);
  EXPECT_FALSE(IsStalledAt(closed, pipeline, kNow));
}

TEST(Standing, ADealIsOverdueAfterItsDayAndTheDaysOfGrace) {
  const int32_t today = Zone::Utc().DayAt(kNow);
  const auto overdue = [&](int32_t expected_day, int32_t grace) {
    v1::Opportunity deal = DealIn("need", kNow);
    const Ymd ymd = YmdOf(expected_day);
    deal.mutable_expected_close()->set_year(ymd.year);
    deal.mutable_expected_close()->set_month(ymd.month);
    deal.mutable_expected_close()->set_day(ymd.day);
    v1::ClosePolicy policy;
    policy.set_grace_days(grace);
    return IsCloseOverdueAt(deal, policy, Zone::Utc(), kNow);
  };
  EXPECT_FALSE(overdue(today, 0));
  EXPECT_TRUE(overdue(today - 1, 0));
  EXPECT_FALSE(overdue(today - 1, 1));
  EXPECT_TRUE(overdue(today - 2, 1));
  EXPECT_FALSE(IsCloseOverdueAt(DealIn("need", 0), DefaultClose(), Zone::Utc(), kNow))
      << "nothing is expected";
}

TEST(Standing, ALeadsFirstContactIsOverdueAfterTheHours) {
  v1::Lead lead;
  lead.set_status(v1::LEAD_STATUS_NEW);
  lead.set_owner_id("ann");
  const auto overdue = [&](int64_t assigned_us, int32_t hours) {
    Set(assigned_us, lead.mutable_assign_time());
    v1::ContactPolicy policy;
    policy.set_first_contact_hours(hours);
    return IsContactOverdueAt(lead, policy, kNow);
  };
  EXPECT_FALSE(overdue(kNow - 24 * kHourUs, 24));
  EXPECT_TRUE(overdue(kNow - 24 * kHourUs - 1, 24));
  EXPECT_FALSE(overdue(kNow - 99 * kDayUs, 0)) << "there is no deadline";
  lead.set_status(v1::LEAD_STATUS_CONTACTED);
  EXPECT_FALSE(overdue(kNow - 99 * kDayUs, 24));
  lead.set_status(v1::LEAD_STATUS_NEW);
  lead.clear_owner_id();
  EXPECT_FALSE(overdue(kNow - 99 * kDayUs, 24)) << "nobody should have spoken to it";
}

TEST(Standing, TheChanceIsTheStages) {
  EXPECT_EQ(ChanceOf(DefaultPipeline(), "negotiate"), 6000);
  EXPECT_EQ(ChanceOf(DefaultPipeline(), "won"), 10'000);
  EXPECT_EQ(ChanceOf(DefaultPipeline(), "gone"), 0);
}

TEST(Standing, WhatALeadDoesNotSayScoresNothing) {
  v1::Lead lead;
  lead.set_intent(70);
  GradeInput input = GradeInputOf(lead, Currency{"USD", 2});
  EXPECT_EQ(input.intent, 70);
  EXPECT_FALSE(input.budget_minor.has_value());
  *lead.mutable_budget() = ToMoney(123'456, Currency{"USD", 2});
  lead.set_decision_days(30);
  input = GradeInputOf(lead, Currency{"USD", 2});
  EXPECT_EQ(input.budget_minor, 123'456);
  EXPECT_EQ(input.decision_days, 30);
}

}  // namespace
}  // namespace spm::leads
