#include "services/suite/import/targets.h"

#include <gtest/gtest.h>

namespace spm::suite {
namespace {

using Months = std::vector<int64_t>;

TEST(Targets, MonthsThatAreGivenStay) {
  TargetAmounts amounts;
  amounts.months[0] = 5;
  amounts.months[11] = 7;
  EXPECT_EQ(MonthsOf(amounts), (Months{5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}));
  // The year is then a statement that the service checks.
  amounts.year = 100;
  EXPECT_EQ(MonthsOf(amounts), (Months{5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}));
}

TEST(Targets, QuartersAndYearsAreSplitWithoutLoss) {  // P2
  TargetAmounts amounts;
  amounts.quarters[0] = 100;
  amounts.quarters[3] = 2;
  EXPECT_EQ(MonthsOf(amounts), (Months{34, 33, 33, 0, 0, 0, 0, 0, 0, 1, 1, 0}));
  TargetAmounts year;
  year.year = 14;
  EXPECT_EQ(MonthsOf(year), (Months{2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
}

TEST(Targets, WeightsAreTheSeason) {  // P2
  TargetAmounts amounts;
  amounts.year = 100;
  amounts.weights = {2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(MonthsOf(amounts), (Months{50, 25, 25, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  TargetAmounts quarter;
  quarter.quarters[1] = 9;
  quarter.weights = amounts.weights;
  // No weight at all in the quarter: evenly.
  EXPECT_EQ(MonthsOf(quarter), (Months{0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace spm::suite
