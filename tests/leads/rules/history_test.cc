#include "services/leads/rules/history.h"

#include <gtest/gtest.h>

namespace spm::leads {
namespace {

const Currency kUsd{"USD", 2};
const Today kNow{DayOf({2018, 1, 1}) * kDayUs + 5 * kHourUs, DayOf({2018, 1, 1})};

v1::PipelinePolicy Crm() {
  v1::PipelinePolicy pipeline;
  pipeline.set_id("crm");
  const std::pair<const char*, v1::StageKind> stages[] = {{"Prospecting", v1::STAGE_KIND_OPEN},
                                                          {"Engaging", v1::STAGE_KIND_OPEN},
                                                          {"Won", v1::STAGE_KIND_WON},
                                                          {"Lost", v1::STAGE_KIND_LOST}};
  for (const auto& [id, kind] : stages) {
    v1::PipelineStage* stage = pipeline.add_stages();
    stage->set_id(id);
    stage->set_kind(kind);
  }
  return pipeline;
}

ToldStep On(const std::string& stage, int32_t day) { return {stage, day, std::nullopt}; }
ToldStep At(const std::string& stage, int64_t us) { return {stage, 0, us}; }

StatusOr<std::vector<Moment>> Check(const std::vector<ToldStep>& told) {
  return CheckHistory(Crm(), told, kNow, Zone::Utc(), "history");
}

v1::Opportunity Live(const std::vector<ToldStep>& told, bool amount = true) {
  v1::Opportunity deal;
  deal.set_owner_id("ann");
  deal.set_quantity(1);
  *deal.mutable_list_price() = ToMoney(100'000, kUsd);
  if (amount) *deal.mutable_amount() = ToMoney(90'000, kUsd);
  LiveThrough(&deal, Crm(), told, *Check(told), kUsd);
  return deal;
}

std::vector<std::string> Entered(const v1::DealStep& step) {
  return {step.entered().begin(), step.entered().end()};
}
using Ids = std::vector<std::string>;

TEST(CheckHistory, TimesAscendAndEqualOnesAreAllowed) {
  EXPECT_TRUE(Check({On("Engaging", 100), On("Won", 100)}).ok());
  EXPECT_TRUE(Check({On("Engaging", 100), On("Won", 101)}).ok());
  const Status back = Check({On("Engaging", 100), On("Won", 99)}).status();
  EXPECT_EQ(back.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(back.message()).find("history[1].day"), std::string::npos);
  EXPECT_FALSE(Check({At("Engaging", 100), At("Won", 99)}).ok());
  EXPECT_TRUE(Check({At("Engaging", 100), At("Won", 100)}).ok());
}

TEST(CheckHistory, ADayAndAMomentOfItCompareAsDays) {
  const auto moments = Check({At("Engaging", 100 * kDayUs + 7), On("Won", 100)});
  ASSERT_TRUE(moments.ok());
  EXPECT_EQ((*moments)[1].at_us, 100 * kDayUs + 7);
  EXPECT_EQ((*moments)[1].day, 100);
  EXPECT_TRUE(Check({On("Engaging", 100), At("Won", 100 * kDayUs)}).ok());
  EXPECT_FALSE(Check({On("Engaging", 100), At("Won", 100 * kDayUs - 1)}).ok());
}

TEST(CheckHistory, NothingLiesInTheFuture) {
  EXPECT_TRUE(Check({On("Engaging", kNow.day)}).ok());
  EXPECT_FALSE(Check({On("Engaging", kNow.day + 1)}).ok());
  EXPECT_TRUE(Check({At("Engaging", kNow.now_us)}).ok());
  EXPECT_FALSE(Check({At("Engaging", kNow.now_us + 1)}).ok());
}

TEST(CheckHistory, StagesExistAndThereIsOne) {
  const Status unknown = Check({On("Closing", 100)}).status();
  EXPECT_NE(std::string(unknown.message()).find("Prospecting, Engaging, Won, Lost"),
            std::string::npos);
  EXPECT_FALSE(Check({}).ok());
}

TEST(CheckHistory, ADayIsOfTheCompanyAndNeverShifted) {
  const Zone zone = *Zone::Find("Asia/Shanghai");
  const auto moments = CheckHistory(Crm(), {On("Engaging", 100)}, kNow, zone, "history");
  EXPECT_EQ((*moments)[0].day, 100);
  EXPECT_EQ((*moments)[0].at_us, 100 * kDayUs - 8 * kHourUs);
}

TEST(LiveThrough, PassedOverStagesCountAsEntered) {
  const v1::Opportunity won = Live({On("Engaging", 100), On("Won", 152)});
  ASSERT_EQ(won.steps_size(), 2);
  EXPECT_EQ(Entered(won.steps(0)), (Ids{"Prospecting", "Engaging"}));
  EXPECT_EQ(Entered(won.steps(1)), (Ids{"Won"}));
  EXPECT_EQ(won.steps(1).state().opened_day(), 100);
  EXPECT_EQ(won.history(0).actor(), "import");
  const v1::Opportunity lost = Live({On("Engaging", 100), On("Lost", 120)});
  EXPECT_EQ(Entered(lost.steps(1)), (Ids{"Lost"}));
  EXPECT_EQ(lost.stage_kind(), v1::STAGE_KIND_LOST);
  EXPECT_EQ(Entered(Live({On("Won", 100)}).steps(0)), (Ids{"Prospecting", "Engaging", "Won"}));
  EXPECT_EQ(Entered(Live({On("Lost", 100)}).steps(0)), (Ids{"Lost"}));
}

TEST(LiveThrough, WhatWasAgreedIsKnownFromTheClosingOn) {
  const v1::Opportunity won = Live({On("Engaging", 100), On("Won", 152)});
  EXPECT_FALSE(won.steps(0).state().has_amount_minor());
  EXPECT_EQ(won.steps(1).state().amount_minor(), 90'000);
  const v1::Opportunity open = Live({On("Engaging", 100)});
  EXPECT_EQ(open.steps(0).state().amount_minor(), 90'000);
  EXPECT_FALSE(Live({On("Engaging", 100)}, false).steps(0).state().has_amount_minor());
}

TEST(LiveThrough, TransitionsAreNotAsked) {
  const v1::Opportunity back =
      Live({On("Engaging", 100), On("Prospecting", 101), On("Engaging", 102), On("Engaging", 103)});
  ASSERT_EQ(back.steps_size(), 3);
  EXPECT_EQ(Entered(back.steps(1)), (Ids{"Prospecting"}));
  EXPECT_EQ(Entered(back.steps(2)), (Ids{"Engaging"}));
  const v1::Opportunity again = Live({On("Won", 100), On("Engaging", 110)});
  EXPECT_EQ(again.stage_kind(), v1::STAGE_KIND_OPEN);
  EXPECT_FALSE(again.has_close_time());
}

}  // namespace
}  // namespace spm::leads
