#include "services/leads/rules/deal.h"

#include <gtest/gtest.h>

#include "common/base/time.h"

namespace spm::leads {
namespace {

const Currency kUsd{"USD", 2};

v1::Opportunity Deal() {
  v1::Opportunity deal;
  deal.set_pipeline("default");
  deal.set_owner_id("ann");
  deal.set_quantity(2);
  *deal.mutable_list_price() = ToMoney(30'000, kUsd);
  return deal;
}

Move To(std::vector<std::string> entered, int32_t day, v1::StageKind kind = v1::STAGE_KIND_OPEN) {
  return {std::move(entered), kind, {day * kDayUs, day}, "ann", ""};
}

TEST(SetValue, AmountElseListPriceTimesQuantity) {
  v1::Opportunity deal = Deal();
  ASSERT_TRUE(SetValue(&deal, kUsd));
  EXPECT_EQ(*ToMinor(deal.value(), kUsd, ""), 60'000);
  EXPECT_EQ(deal.value_source(), v1::VALUE_SOURCE_LIST_PRICE);
  deal.set_quantity(0);
  ASSERT_TRUE(SetValue(&deal, kUsd));
  EXPECT_EQ(*ToMinor(deal.value(), kUsd, ""), 30'000);
  *deal.mutable_amount() = ToMoney(0, kUsd);
  ASSERT_TRUE(SetValue(&deal, kUsd));
  EXPECT_EQ(*ToMinor(deal.value(), kUsd, ""), 0);
  EXPECT_EQ(deal.value_source(), v1::VALUE_SOURCE_AMOUNT);
  deal.clear_amount();
  deal.clear_list_price();
  ASSERT_TRUE(SetValue(&deal, kUsd));
  EXPECT_FALSE(deal.has_value());
  *deal.mutable_list_price() = ToMoney(int64_t{1} << 62, kUsd);
  deal.set_quantity(2);
  EXPECT_FALSE(SetValue(&deal, kUsd));
}

TEST(MoveDeal, OpensMovesAndCloses) {
  v1::Opportunity deal = Deal();
  v1::DealStep first = MoveDeal(&deal, To({"need"}, 100), kUsd);
  EXPECT_EQ(first.state().opened_day(), 100);
  EXPECT_EQ(first.state().stage_day(), 100);
  EXPECT_EQ(first.state().stage_owner_id(), "ann");
  EXPECT_EQ(first.state().quantity(), 2);
  EXPECT_FALSE(first.state().has_amount_minor());
  EXPECT_FALSE(deal.history(0).has_leave_time());

  deal.set_owner_id("bob");
  v1::DealStep second = MoveDeal(&deal, To({"quote", "negotiate"}, 103), kUsd);
  ASSERT_EQ(deal.history_size(), 3);
  EXPECT_EQ(deal.history(0).leave_time().seconds(), 103 * 86'400);
  EXPECT_TRUE(deal.history(1).passed_over());
  EXPECT_EQ(deal.history(1).leave_time().seconds(), deal.history(1).enter_time().seconds());
  EXPECT_FALSE(deal.history(2).passed_over());
  EXPECT_EQ(second.entered_size(), 2);
  EXPECT_EQ(second.state().opened_day(), 100);
  EXPECT_EQ(second.state().stage_day(), 103);
  EXPECT_EQ(second.state().stage_owner_id(), "bob");

  MoveDeal(&deal, To({"won"}, 110, v1::STAGE_KIND_WON), kUsd);
  EXPECT_EQ(deal.stage_kind(), v1::STAGE_KIND_WON);
  EXPECT_EQ(deal.close_time().seconds(), 110 * 86'400);
  EXPECT_EQ(deal.open_time().seconds(), 100 * 86'400);
  EXPECT_EQ(deal.steps_size(), 3);
}

TEST(ChangeDeal, AddsAStepOnlyWhereFiguresChange) {
  v1::Opportunity deal = Deal();
  MoveDeal(&deal, To({"need"}, 100), kUsd);
  deal.set_name("another name");
  ChangeDeal(&deal, {105 * kDayUs, 105}, kUsd);
  EXPECT_EQ(deal.steps_size(), 1);
  deal.set_owner_id("bob");
  const v1::DealStep step = ChangeDeal(&deal, {105 * kDayUs, 105}, kUsd);
  EXPECT_EQ(deal.steps_size(), 2);
  EXPECT_EQ(step.state().owner_id(), "bob");
  EXPECT_EQ(step.state().stage_owner_id(), "ann");
  EXPECT_EQ(step.state().stage_day(), 100);
  EXPECT_EQ(step.entered_size(), 0);
}

}  // namespace
}  // namespace spm::leads
