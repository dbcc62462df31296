#include "services/performance/rules/period.h"

#include <gtest/gtest.h>

#include "services/performance/rules/dates.h"
#include "services/performance/rules/dimension.h"

namespace spm::performance {
namespace {

int32_t D(const char* text) { return *ParseDay(text); }
Days R(const char* from, const char* to) { return {D(from), D(to)}; }

TEST(Period, WholeMonthsBeginWithTheFirstAndEndWithTheLastDay) {
  EXPECT_TRUE(WholeMonths(R("2017-02-01", "2017-02-28")));
  EXPECT_FALSE(WholeMonths(R("2017-02-01", "2017-02-27")));
  EXPECT_FALSE(WholeMonths(R("2017-02-02", "2017-02-28")));
  EXPECT_FALSE(WholeMonths(R("2016-02-01", "2016-02-28")));
  EXPECT_TRUE(WholeMonths(R("2016-12-01", "2017-03-31")));
  EXPECT_EQ(MonthsIn(R("2016-12-01", "2017-03-31")), 4);
  EXPECT_EQ(MonthsOf(R("2016-12-15", "2017-01-01")).size(), 2u);
}

TEST(Period, MonthsAreAddedOverTheTurnOfTheYear) {
  EXPECT_EQ(AddMonths(D("2017-01-01"), -1), D("2016-12-01"));
  EXPECT_EQ(AddMonths(D("2017-11-01"), 3), D("2018-02-01"));
  EXPECT_EQ(AddMonths(D("2017-03-01"), -12), D("2016-03-01"));
}

TEST(Period, ABucketThatTheRangeCutsEndsWithTheRange) {
  auto spans = BucketsIn(Bucket::kQuarter, R("2017-02-10", "2017-08-08"));
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].start, D("2017-01-01"));
  EXPECT_EQ(spans[0].as_of, D("2017-03-31"));
  EXPECT_EQ(spans[2].as_of, D("2017-08-08"));
  EXPECT_EQ(BucketsIn(Bucket::kDay, R("2017-02-10", "2017-02-10")).size(), 1u);
}

TEST(Period, GrowthIsMeasuredAgainstAsManyMonthsBeforeOrTheSameAYearBefore) {  // P7
  EXPECT_EQ(BaseOf(Base::kBefore, R("2017-03-01", "2017-03-31")), R("2017-02-01", "2017-02-28"));
  EXPECT_EQ(BaseOf(Base::kBefore, R("2017-04-01", "2017-06-30")), R("2017-01-01", "2017-03-31"));
  EXPECT_EQ(BaseOf(Base::kYearBefore, R("2017-02-01", "2017-02-28")),
            R("2016-02-01", "2016-02-29"));
}

TEST(Period, ABucketIsMeasuredAgainstTheWholeOneBefore) {
  EXPECT_EQ(BaseOf(Base::kBefore, Bucket::kMonth, D("2017-01-01")), R("2016-12-01", "2016-12-31"));
  EXPECT_EQ(BaseOf(Base::kBefore, Bucket::kQuarter, D("2017-04-01")),
            R("2017-01-01", "2017-03-31"));
  EXPECT_EQ(BaseOf(Base::kYearBefore, Bucket::kYear, D("2017-01-01")),
            R("2016-01-01", "2016-12-31"));
  EXPECT_EQ(MeasuredAgainst(Base::kBefore, Bucket::kMonth, D("2016-12-15")), D("2017-01-01"));
  EXPECT_EQ(MeasuredAgainst(Base::kYearBefore, Bucket::kQuarter, D("2016-05-15")), D("2017-04-01"));
}

TEST(Dates, OnlyDaysThatExistAreTaken) {
  google::type::Date date;
  EXPECT_FALSE(ToDay(date, "from").ok());
  SetDate(D("2016-02-29"), &date);
  EXPECT_EQ(*ToDay(date, "from"), D("2016-02-29"));
  date.set_year(2017);
  auto refused = ToDay(date, "from");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(std::string(refused.status().message()).find("from"), std::string::npos);
}

TEST(Dimension, NamesAreFoundAgain) {
  for (size_t i = 0; i < kDims; ++i)
    EXPECT_EQ(FindDim(NameOf(static_cast<Dim>(i))), static_cast<Dim>(i));
  EXPECT_EQ(FindDim("nothing"), std::nullopt);
  EXPECT_EQ(NamesOf(kMonthlyDims), (std::vector<std::string>{"month", "quarter", "year"}));
}

}  // namespace
}  // namespace spm::performance
