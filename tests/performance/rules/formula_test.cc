#include "services/performance/rules/formula.h"

#include <gtest/gtest.h>

namespace spm::performance {
namespace {

Cell CellOf(std::initializer_list<std::pair<Measure, int64_t>> sums) {
  Cell cell;
  for (auto [measure, sum] : sums) cell.sums[Index(measure)] = sum;
  return cell;
}
v1::MetricValue Of(const std::string& metric, const Cell& cell) {
  return Evaluate(*FindMetric(metric), cell, 100);
}

TEST(Formula, SumsAreExactAndMoneyIsInMajorUnits) {
  auto won = Of("won", CellOf({{Measure::kWon, 3}}));
  EXPECT_EQ(won.value(), 3);
  EXPECT_EQ(won.exact(), 3);
  auto revenue = Of("revenue", CellOf({{Measure::kRevenue, 123456}}));
  EXPECT_EQ(revenue.value(), 1234.56);
  EXPECT_EQ(revenue.exact(), 123456);
  EXPECT_EQ(Of("closed", CellOf({{Measure::kWon, 3}, {Measure::kLost, 2}})).exact(), 5);
}

TEST(Formula, RatiosComeFromOneDivision) {
  EXPECT_EQ(Of("win_rate", CellOf({{Measure::kWon, 1}, {Measure::kLost, 2}})).value(), 1.0 / 3);
  EXPECT_EQ(
      Of("average_deal_size", CellOf({{Measure::kRevenue, 1000}, {Measure::kWon, 3}})).value(),
      1000.0 / 300);
  EXPECT_EQ(Of("average_open_value", CellOf({{Measure::kPipelineValue, 1000}, {Measure::kOpen, 3}}))
                .value(),
            1000.0 / 300);
  EXPECT_EQ(Of("cycle_days", CellOf({{Measure::kCycleDays, 100}, {Measure::kWon, 3}})).value(),
            100.0 / 3);
  EXPECT_EQ(
      Of("discount_rate", CellOf({{Measure::kRevenue, 90}, {Measure::kListValue, 100}})).value(),
      0.1);
  EXPECT_EQ(
      Of("discount_rate", CellOf({{Measure::kRevenue, 110}, {Measure::kListValue, 100}})).value(),
      -0.1);
  EXPECT_FALSE(Of("win_rate", CellOf({{Measure::kWon, 1}})).has_exact());
}

TEST(Formula, AnEmptyDenominatorIsNullWithAReason) {
  for (auto [metric, reason] : {std::pair{"win_rate", "NO_CLOSED_DEALS"},
                                {"average_deal_size", "NO_WON_DEALS"},
                                {"average_open_value", "NO_OPEN_DEALS"},
                                {"discount_rate", "NO_LIST_VALUE"},
                                {"cycle_days", "NO_WON_DEALS"},
                                {"cycle_days_median", "NO_WON_DEALS"},
                                {"target", "NO_TARGET"},
                                {"attainment", "NO_TARGET"},
                                {"growth_mom", "ZERO_BASE"},
                                {"growth_yoy", "ZERO_BASE"},
                                {"stage_conversion", "NO_STAGE_ENTERED"}}) {
    auto value = Of(metric, CellOf({{Measure::kRevenue, 5}}));
    EXPECT_FALSE(value.has_value()) << metric;
    EXPECT_EQ(value.null_reason(), reason);
  }
}

TEST(Formula, NothingDividedBySomethingIsZeroNotNull) {
  auto rate = Of("win_rate", CellOf({{Measure::kLost, 1}}));
  ASSERT_TRUE(rate.has_value());
  EXPECT_EQ(rate.value(), 0);
}

TEST(Formula, GrowthAgainstAZeroBaseIsUndefined) {  // P7
  EXPECT_FALSE(Of("growth_mom", CellOf({{Measure::kRevenue, 5}})).has_value());
  EXPECT_EQ(Of("growth_mom", CellOf({{Measure::kRevenue, 150}, {Measure::kBaseMom, 100}})).value(),
            0.5);
  EXPECT_EQ(Of("growth_mom", CellOf({{Measure::kBaseMom, 100}})).value(), -1);
  EXPECT_EQ(Of("growth_yoy", CellOf({{Measure::kRevenue, 1}, {Measure::kBaseYoy, 3}})).value(),
            -2.0 / 3);
}

TEST(Formula, ATargetOfZeroIsATargetWithoutAnAttainment) {  // P6
  Cell cell = CellOf({{Measure::kRevenue, 50}});
  cell.has_target = true;
  EXPECT_EQ(Of("target", cell).value(), 0);
  EXPECT_EQ(Of("attainment", cell).null_reason(), "NO_TARGET");
  cell.sums[Index(Measure::kTarget)] = 100;
  EXPECT_EQ(Of("attainment", cell).value(), 0.5);
}

TEST(Formula, TheMedianIsTheMiddleOrTheMeanOfTheMiddleTwo) {  // L10
  using Counts = std::map<int64_t, int64_t>;
  EXPECT_EQ(TwiceMedian({}), std::nullopt);
  EXPECT_EQ(TwiceMedian(Counts{{5, 0}}), std::nullopt);
  EXPECT_EQ(TwiceMedian(Counts{{5, 1}}), 10);
  EXPECT_EQ(TwiceMedian(Counts{{5, 1}, {8, 1}}), 13);
  EXPECT_EQ(TwiceMedian(Counts{{5, 1}, {8, 1}, {9, 1}}), 16);
  EXPECT_EQ(TwiceMedian(Counts{{5, 2}, {8, 2}}), 13);
  EXPECT_EQ(TwiceMedian(Counts{{5, 2}, {8, 1}}), 10);
  EXPECT_EQ(TwiceMedian(Counts{{3, 0}, {5, 3}, {90, 1}}), 10);
  Cell cell;
  cell.cycles = {{5, 1}, {8, 1}};
  EXPECT_EQ(Of("cycle_days_median", cell).value(), 6.5);
}

TEST(Formula, ARowIsShownWhenSomethingOfItIsNotZero) {
  EXPECT_FALSE(Present(*FindMetric("won"), Cell()));
  EXPECT_TRUE(Present(*FindMetric("won"), CellOf({{Measure::kWon, 1}})));
  EXPECT_TRUE(Present(*FindMetric("win_rate"), CellOf({{Measure::kLost, 1}})));
  EXPECT_FALSE(Present(*FindMetric("won"), CellOf({{Measure::kLost, 1}})));
  EXPECT_TRUE(Present(*FindMetric("growth_mom"), CellOf({{Measure::kBaseMom, 1}})));
}

TEST(Formula, TheBottleneckIsTheLowestConversion) {  // L9 D3
  EXPECT_EQ(Bottleneck({}), std::nullopt);
  EXPECT_EQ(Bottleneck({std::nullopt}), std::nullopt);
  EXPECT_EQ(Bottleneck({0.5, 0.4, std::nullopt, 0.6}), 1u);
  EXPECT_EQ(Bottleneck({0.5, 0.4, 0.4}), 1u);
}

TEST(Registry, EveryMetricIsWhole) {
  for (const MetricDef& metric : Metrics()) {
    EXPECT_FALSE(metric.formula.empty()) << metric.name;
    EXPECT_FALSE(metric.top.empty()) << metric.name;
    EXPECT_EQ(metric.bottom.empty(), metric.form == Form::kSum) << metric.name;
    EXPECT_NE(metric.groups & kMonthlyDims, 0u) << metric.name;
    EXPECT_TRUE(metric.bottom.empty() || !metric.empty_reason.empty()) << metric.name;
    EXPECT_EQ(Describe(metric).groups_size(), static_cast<int>(NamesOf(metric.groups).size()));
  }
  // The first of two with one name would hide the other.
  for (const MetricDef& metric : Metrics()) EXPECT_EQ(FindMetric(metric.name), &metric);
  EXPECT_EQ(FindMetric("nothing"), nullptr);
}

}  // namespace
}  // namespace spm::performance
