#include "services/leads/rules/deadline.h"

#include <gtest/gtest.h>

#include "common/base/time.h"

namespace spm::leads {
namespace {

// L8: silent at 7 d 0 s, due from the microsecond after.
TEST(StallDueUs, MoreThanTheLimit) {
  const int64_t entered = 1'600'000'000'000'000;
  EXPECT_EQ(StallDueUs(entered, 7), entered + 7 * kDayUs + 1);
  EXPECT_GT(*StallDueUs(entered, 7), entered + 7 * kDayUs);
  EXPECT_LE(*StallDueUs(entered, 7), entered + 7 * kDayUs + kSecondUs);
  EXPECT_FALSE(StallDueUs(entered, 0).has_value());
}

// L8
TEST(IsStalledOn, ComparesDaysAsDays) {
  const int32_t day = DayOf({2017, 12, 31});
  EXPECT_FALSE(IsStalledOn(day - 7, 7, day));
  EXPECT_TRUE(IsStalledOn(day - 8, 7, day));
  EXPECT_FALSE(IsStalledOn(day, 0, day));
  EXPECT_TRUE(IsStalledOn(day - 1, 0, day));
}

TEST(ContactDueUs, MoreThanThePolicysHours) {
  v1::ContactPolicy policy;
  EXPECT_FALSE(ContactDueUs(0, policy).has_value());
  policy.set_first_contact_hours(24);
  EXPECT_EQ(ContactDueUs(5, policy), 5 + 24 * kHourUs + 1);
}

TEST(CloseDueUs, TheExpectedDayAndTheGraceMustHavePassed) {
  const Zone shanghai = *Zone::Find("Asia/Shanghai");
  const int32_t day = DayOf({2026, 3, 31});
  const int64_t due = CloseDueUs(day, 2, shanghai);
  EXPECT_EQ(shanghai.DayAt(due), day + 3);
  EXPECT_EQ(shanghai.DayAt(due - 1), day + 2);
  EXPECT_EQ(shanghai.DayAt(CloseDueUs(day, 0, shanghai)), day + 1);
}

}  // namespace
}  // namespace spm::leads
