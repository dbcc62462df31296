#include "services/performance/rules/facts.h"

#include <gtest/gtest.h>

#include <map>

namespace spm::performance {
namespace {

const Origin kOrigin{"d1.1", "d1", 77};

DealState State(const std::string& stage, StageKind kind, const std::string& owner,
                int32_t stage_day) {
  DealState s;
  s.pipeline = "default";
  s.stage = stage;
  s.kind = kind;
  s.owner_id = s.stage_owner_id = owner;
  s.customer_id = "acme";
  s.product_id = "pump";
  s.source = "fair";
  s.quantity = 2;
  s.list_price_minor = 500;
  s.opened_day = 10;
  s.external_id = "X1";
  s.stage_day = stage_day;
  return s;
}
DealState Open(const std::string& stage, const std::string& owner, int32_t day) {
  return State(stage, StageKind::kOpen, owner, day);
}
DealState Won(const std::string& owner, int32_t day, int64_t amount) {
  DealState s = State("won", StageKind::kWon, owner, day);
  s.amount_minor = amount;
  return s;
}

// "measure rep stage day" -> sum; sums of 0 are left out.
std::map<std::string, int64_t> Sums(const std::vector<Fact>& facts) {
  std::map<std::string, int64_t> sums;
  for (const Fact& f : facts)
    sums[NameOf(f.measure) + " " + f.rep_id + " " + f.stage + " " +
         std::to_string(f.occurred_day)] += f.amount;
  std::erase_if(sums, [](const auto& sum) { return sum.second == 0; });
  return sums;
}
using Expected = std::map<std::string, int64_t>;

TEST(Facts, ANewDealIsInTheStockAndHasEnteredItsStage) {
  EXPECT_EQ(Sums(FactsOfStep({}, {10, Open("need", "ann", 10), {"need"}}, kOrigin)),
            (Expected{{"open ann need 10", 1},
                      {"pipeline_value ann need 10", 1000},
                      {"stage_entered ann need 10", 1},
                      {"stage_cohort ann need 10", 1}}));
}

TEST(Facts, CarryTheirKeyAndWhatTheDealIsAbout) {
  auto facts = FactsOfStep({}, {10, Open("need", "ann", 10), {"need"}}, kOrigin);
  ASSERT_EQ(facts.size(), 4u);
  const Fact& f = facts[0];
  EXPECT_EQ(f.event_id, "d1.1");
  EXPECT_EQ(f.n, 0);
  EXPECT_EQ(f.count, 1);
  EXPECT_EQ(f.posted_day, 10);
  EXPECT_EQ(f.customer_id + f.product_id + f.source + f.pipeline + f.deal_id + f.deal_ref,
            "acmepumpfairdefaultd1X1");
  EXPECT_EQ(f.recorded_us, 77);
}

TEST(Facts, AdvancingMovesTheStockAndConvertsTheStageLeftOnTheDayItWasEntered) {  // L9
  EXPECT_EQ(Sums(FactsOfStep(Open("need", "ann", 10), {15, Open("quote", "ann", 15), {"quote"}},
                             kOrigin)),
            (Expected{{"open ann need 15", -1},
                      {"open ann quote 15", 1},
                      {"pipeline_value ann need 15", -1000},
                      {"pipeline_value ann quote 15", 1000},
                      {"stage_entered ann quote 15", 1},
                      {"stage_cohort ann quote 15", 1},
                      {"stage_advanced ann need 10", 1}}));
}

TEST(Facts, AStagePassedOverIsEnteredAndLeftOnTheDayOfTheStep) {
  auto sums = Sums(
      FactsOfStep(Open("need", "ann", 10), {15, Won("ann", 15, 900), {"quote", "won"}}, kOrigin));
  EXPECT_EQ(sums["stage_entered ann quote 15"], 1);
  EXPECT_EQ(sums["stage_cohort ann quote 15"], 1);
  EXPECT_EQ(sums["stage_advanced ann quote 15"], 1);
  EXPECT_EQ(sums["stage_advanced ann need 10"], 1);
  EXPECT_EQ(sums["stage_entered ann won 15"], 1);
  EXPECT_FALSE(sums.contains("stage_cohort ann won 15"));
}

TEST(Facts, TheConversionBelongsToTheOwnerOfTheDayTheStageWasEntered) {
  DealState before = Open("need", "bob", 10);
  before.stage_owner_id = "ann";
  auto sums = Sums(FactsOfStep(before, {15, Open("quote", "bob", 15), {"quote"}}, kOrigin));
  EXPECT_EQ(sums["stage_advanced ann need 10"], 1);
  EXPECT_EQ(sums["stage_entered bob quote 15"], 1);
}

TEST(Facts, AWinCountsAmountListValueAndCycleAndLeavesTheStock) {
  EXPECT_EQ(Sums(FactsOfStep(Open("sign", "ann", 12), {30, Won("ann", 30, 900), {"won"}}, kOrigin)),
            (Expected{{"open ann sign 30", -1},
                      {"pipeline_value ann sign 30", -1000},
                      {"won ann won 30", 1},
                      {"revenue ann won 30", 900},
                      {"list_value ann won 30", 1000},
                      {"cycle_days ann won 30", 20},
                      {"stage_entered ann won 30", 1},
                      {"stage_advanced ann sign 12", 1}}));
}

TEST(Facts, LostIsNoFurtherStage) {
  EXPECT_EQ(Sums(FactsOfStep(Open("need", "ann", 10),
                             {30, State("lost", StageKind::kLost, "ann", 30), {"lost"}}, kOrigin)),
            (Expected{{"open ann need 30", -1},
                      {"pipeline_value ann need 30", -1000},
                      {"lost ann lost 30", 1},
                      {"stage_entered ann lost 30", 1}}));
}

TEST(Facts, AnotherOwnerTakesTheStockOnTheDayOfTheStepAndNoFigureOfBefore) {
  DealState after = Open("need", "bob", 10);
  after.stage_owner_id = "ann";
  EXPECT_EQ(Sums(FactsOfStep(Open("need", "ann", 10), {20, after, {}}, kOrigin)),
            (Expected{{"open ann need 20", -1},
                      {"open bob need 20", 1},
                      {"pipeline_value ann need 20", -1000},
                      {"pipeline_value bob need 20", 1000}}));
}

TEST(Facts, AWonDealThatChangesHandsKeepsItsRevenueWhereItWas) {
  DealState after = Won("ann", 30, 900);
  after.owner_id = "bob";
  EXPECT_TRUE(FactsOfStep(Won("ann", 30, 900), {40, after, {}}, kOrigin).empty());
}

TEST(Facts, AnotherAmountOfAWonDealCountsOnTheDayItWasWon) {
  EXPECT_EQ(Sums(FactsOfStep(Won("ann", 30, 900), {40, Won("ann", 30, 950), {}}, kOrigin)),
            (Expected{{"revenue ann won 30", 50}}));
}

TEST(Facts, AnotherCustomerTakesThePresentStageWithIt) {
  DealState after = Open("need", "ann", 10);
  after.customer_id = "other";
  std::map<std::string, int64_t> entered;
  for (const Fact& f : FactsOfStep(Open("need", "ann", 10), {20, after, {}}, kOrigin))
    if (f.measure == Measure::kStageEntered)
      entered[f.customer_id + " " + std::to_string(f.occurred_day)] += f.amount;
  EXPECT_EQ(entered, (Expected{{"acme 10", -1}, {"other 10", 1}}));
}

TEST(Facts, NothingThatFiguresDependOnChangesNothing) {
  EXPECT_TRUE(
      FactsOfStep(Open("need", "ann", 10), {20, Open("need", "ann", 10), {}}, kOrigin).empty());
}

TEST(Facts, ADeletedDealLeavesTheStockAndItsStagesStay) {
  DealState gone = Open("need", "ann", 10);
  gone.deleted = true;
  EXPECT_EQ(Sums(FactsOfStep(Open("need", "ann", 10), {20, gone, {}}, kOrigin)),
            (Expected{{"open ann need 20", -1}, {"pipeline_value ann need 20", -1000}}));
  gone = Won("ann", 30, 900);
  gone.deleted = true;
  EXPECT_EQ(Sums(FactsOfStep(Won("ann", 30, 900), {40, gone, {}}, kOrigin)),
            (Expected{{"won ann won 30", -1},
                      {"revenue ann won 30", -900},
                      {"list_value ann won 30", -1000},
                      {"cycle_days ann won 30", -20}}));
}

TEST(Facts, TheValueIsTheAmountElseListPriceTimesQuantity) {
  DealState deal = Open("need", "ann", 10);
  EXPECT_EQ(ValueOf(deal), 1000);
  deal.amount_minor = 0;
  EXPECT_EQ(ValueOf(deal), 0);
  deal.amount_minor = 7;
  EXPECT_EQ(ValueOf(deal), 7);
}

std::vector<DealStep> History(int32_t closed, int64_t amount) {
  return {{10, Open("need", "ann", 10), {"need"}},
          {10, Open("quote", "ann", 10), {"quote"}},
          {closed, Won("ann", closed, amount), {"won"}}};
}

TEST(Facts, AHistoryIsTheSumOfItsSteps) {
  auto steps = History(30, 900);
  std::vector<Fact> each;
  std::optional<DealState> before;
  for (const DealStep& step : steps) {
    for (Fact& f : FactsOfStep(before, step, kOrigin)) each.push_back(f);
    before = step.state;
  }
  EXPECT_EQ(Sums(FactsOfHistory(steps, kOrigin)), Sums(each));
}

TEST(Facts, EveryFactOfAnEventHasAKeyOfItsOwn) {
  std::map<std::pair<Measure, int32_t>, int> keys;
  for (const Fact& f : FactsOfCorrection(History(30, 900), History(31, 950), kOrigin))
    EXPECT_EQ(++keys[std::make_pair(f.measure, f.n)], 1);
}

TEST(Facts, ACorrectionLeavesWhatTheNewHistoryAloneWouldGive) {
  auto facts = FactsOfHistory(History(30, 900), kOrigin);
  const Origin later{"d1.2", "d1", 99};
  for (Fact& f : FactsOfCorrection(History(30, 900), History(31, 950), later)) {
    EXPECT_EQ(f.event_id, "d1.2");
    facts.push_back(f);
  }
  EXPECT_EQ(Sums(facts), Sums(FactsOfHistory(History(31, 950), kOrigin)));
}

TEST(Facts, ALeadCountsOnTheDayItArrived) {  // L12
  auto facts = FactsOfLead({"ann", "fair", "pump", "", 12}, {"l1.1", "", 5});
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].measure, Measure::kLeadsCreated);
  EXPECT_EQ(facts[0].occurred_day, 12);
  EXPECT_EQ(facts[0].rep_id + facts[0].source, "annfair");
}

}  // namespace
}  // namespace spm::performance
