#include "common/base/time.h"

#include <gtest/gtest.h>

namespace spm {
namespace {

int32_t Day(const char* text) { return ParseDay(text).value(); }

TEST(Days, CountFrom1970) {
  EXPECT_EQ(DayOf({1970, 1, 1}), 0);
  EXPECT_EQ(DayOf({1969, 12, 31}), -1);
  EXPECT_EQ(DayOf({2017, 6, 1}), 17318);
  EXPECT_EQ(YmdOf(17318), (Ymd{2017, 6, 1}));
  for (int32_t day = Day("1899-12-25"); day <= Day("2200-01-05"); ++day) {
    ASSERT_EQ(DayOf(YmdOf(day)), day);
    ASSERT_EQ(ParseDay(FormatDay(day)), day);
  }
}

TEST(Days, RefuseWhatIsNoDay) {
  EXPECT_TRUE(IsValid({2016, 2, 29}));
  EXPECT_FALSE(IsValid({2017, 2, 29}));
  EXPECT_FALSE(IsValid({1900, 2, 29}));
  EXPECT_TRUE(IsValid({2000, 2, 29}));
  EXPECT_FALSE(IsValid({2017, 4, 31}));
  EXPECT_FALSE(IsValid({2017, 13, 1}));
  EXPECT_FALSE(IsValid({2017, 0, 1}));
  EXPECT_FALSE(IsValid({2017, 1, 0}));
  EXPECT_FALSE(IsValid({0, 1, 1}));
  EXPECT_TRUE(IsValid({1, 1, 1}));
  EXPECT_TRUE(IsValid({9999, 12, 31}));
  EXPECT_FALSE(IsValid({10000, 1, 1}));
  // Beyond what the library's narrow fields hold.
  EXPECT_FALSE(IsValid({2017, 257, 1}));
  EXPECT_FALSE(IsValid({2017, 1, 257}));
  for (const char* text : {"", "2017-6-1", "2017-06-1", "2017-06-31", "2017/06/01", "17-06-01",
                           "2017-06-01T", "2017-06-0x", " 017-06-01", "2017-06--1"})
    EXPECT_EQ(ParseDay(text), std::nullopt) << text;
}

TEST(Moments, AreWrittenInUtcWithMicroseconds) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatTime(int64_t{17318} * kDayUs + 12 * kHourUs + 1), "2017-06-01T12:00:00.000001Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Weekday, MondayIsOne) {
  EXPECT_EQ(WeekdayOf(Day("2017-06-05")), 1);
  EXPECT_EQ(WeekdayOf(Day("2017-06-11")), 7);
  EXPECT_EQ(WeekdayOf(Day("1969-12-29")), 1);
}

TEST(IsoWeek, BelongsToTheYearOfItsThursday) {
  struct Row {
    const char* day;
    const char* week;
  };
  const Row rows[] = {
      {"2014-12-28", "2014-W52"}, {"2014-12-29", "2015-W01"}, {"2015-12-31", "2015-W53"},
      {"2016-01-03", "2015-W53"}, {"2016-01-04", "2016-W01"}, {"2016-12-31", "2016-W52"},
      {"2017-01-01", "2016-W52"}, {"2017-01-02", "2017-W01"}, {"2017-06-01", "2017-W22"},
      {"2018-12-31", "2019-W01"}, {"2020-12-31", "2020-W53"}, {"2021-01-03", "2020-W53"},
      {"2021-01-04", "2021-W01"}, {"2024-12-30", "2025-W01"}, {"2026-12-31", "2026-W53"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(BucketName(Bucket::kWeek, Day(row.day)), row.week) << row.day;
}

TEST(Bucket, HoldsItsFirstDayAndNotItsEnd) {
  struct Row {
    Bucket bucket;
    const char* day;
    const char* start;
    const char* end;
    const char* name;
  };
  const Row rows[] = {
      {Bucket::kDay, "2017-06-01", "2017-06-01", "2017-06-02", "2017-06-01"},
      {Bucket::kWeek, "2017-06-01", "2017-05-29", "2017-06-05", "2017-W22"},
      {Bucket::kMonth, "2017-02-28", "2017-02-01", "2017-03-01", "2017-02"},
      {Bucket::kMonth, "2016-02-29", "2016-02-01", "2016-03-01", "2016-02"},
      {Bucket::kMonth, "2017-12-31", "2017-12-01", "2018-01-01", "2017-12"},
      {Bucket::kQuarter, "2017-03-31", "2017-01-01", "2017-04-01", "2017-Q1"},
      {Bucket::kQuarter, "2017-04-01", "2017-04-01", "2017-07-01", "2017-Q2"},
      {Bucket::kQuarter, "2016-12-31", "2016-10-01", "2017-01-01", "2016-Q4"},
      {Bucket::kYear, "2016-12-31", "2016-01-01", "2017-01-01", "2016"},
      {Bucket::kYear, "2017-01-01", "2017-01-01", "2018-01-01", "2017"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(FormatDay(BucketStart(row.bucket, Day(row.day))), row.start) << row.day;
    EXPECT_EQ(FormatDay(BucketEnd(row.bucket, Day(row.day))), row.end) << row.day;
    EXPECT_EQ(BucketName(row.bucket, Day(row.day)), row.name);
  }
}

TEST(Bucket, NamesAreReadBackAsTheyAreWritten) {
  for (Bucket bucket :
       {Bucket::kDay, Bucket::kWeek, Bucket::kMonth, Bucket::kQuarter, Bucket::kYear}) {
    for (int32_t day = Day("2014-12-20"); day < Day("2021-01-10"); ++day) {
      const auto range = ParseBucket(BucketName(bucket, day));
      ASSERT_TRUE(range.has_value());
      ASSERT_EQ(range->from, BucketStart(bucket, day));
      ASSERT_EQ(range->end, BucketEnd(bucket, day));
      ASSERT_EQ(range->bucket, bucket);
    }
  }
}

TEST(Bucket, RefusesWhatIsNoName) {
  for (const char* name : {"", "17", "2017-", "2017-13", "2017-00", "2017-Q0", "2017-Q5",
                           "2017-W00", "2017-W53", "2017-W1", "2015-W54", "2017-6", "0000", "1899",
                           "2201-01", "2017-02-29", "2017Q2", "20170", "q2-2017"})
    EXPECT_FALSE(ParseBucket(name).has_value()) << name;
  EXPECT_TRUE(ParseBucket("2015-W53").has_value());
}

TEST(Zone, UnknownNamesAreRefusedByField) {
  const auto zone = Zone::Find("Mars/Olympus");
  ASSERT_FALSE(zone.ok());
  EXPECT_EQ(zone.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(zone.status().message()).find("zone: \"Mars/Olympus\""), std::string::npos);
  EXPECT_FALSE(Zone::Find("").ok());
}

TEST(Zone, ADayBeginsAtItsOwnMidnight) {
  const Zone shanghai = Zone::Find("Asia/Shanghai").value();
  const int32_t day = Day("2017-06-01");
  EXPECT_EQ(FormatTime(shanghai.StartOf(day)), "2017-05-31T16:00:00.000000Z");
  EXPECT_EQ(shanghai.DayAt(shanghai.StartOf(day)), day);
  EXPECT_EQ(shanghai.DayAt(shanghai.StartOf(day) - 1), day - 1);
  EXPECT_EQ(Zone::Utc().StartOf(day), int64_t{day} * kDayUs);
  EXPECT_EQ(Zone::Utc().DayAt(-1), -1);
  EXPECT_EQ(Zone::Utc().name(), "UTC");
}

TEST(Zone, ADayWithoutMidnightBeginsWithTheJump) {
  // Midnight to one o'clock does not exist on this day.
  const Zone sao_paulo = Zone::Find("America/Sao_Paulo").value();
  const int32_t jump = Day("2018-11-04");
  EXPECT_EQ(FormatTime(sao_paulo.StartOf(jump)), "2018-11-04T03:00:00.000000Z");
  EXPECT_EQ(sao_paulo.DayAt(sao_paulo.StartOf(jump)), jump);
  EXPECT_EQ(sao_paulo.DayAt(sao_paulo.StartOf(jump) - 1), jump - 1);
  EXPECT_EQ(sao_paulo.StartOf(jump + 1) - sao_paulo.StartOf(jump), 23 * kHourUs);
}

TEST(Zone, ADayWithTwoMidnightsBeginsWithTheFirst) {
  const Zone havana = Zone::Find("America/Havana").value();
  const int32_t twice = Day("2018-11-04");
  EXPECT_EQ(FormatTime(havana.StartOf(twice)), "2018-11-04T04:00:00.000000Z");
  EXPECT_EQ(havana.DayAt(havana.StartOf(twice) + kHourUs), twice);
  EXPECT_EQ(havana.StartOf(twice + 1) - havana.StartOf(twice), 25 * kHourUs);
}

TEST(Zone, DaysFollowEachOtherWithoutGapsInEveryZone) {
  for (const char* name : {"UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu",
                           "Pacific/Apia", "America/Sao_Paulo", "Australia/Lord_Howe"}) {
    const Zone zone = Zone::Find(name).value();
    for (int32_t day = Day("2011-12-01"); day < Day("2013-01-10"); ++day) {
      // Samoa left 30 December 2011 out.
      if (std::string(name) == "Pacific/Apia" && FormatDay(day) == "2011-12-30") continue;
      ASSERT_EQ(zone.DayAt(zone.StartOf(day)), day) << name << " " << FormatDay(day);
      ASSERT_LT(zone.DayAt(zone.StartOf(day) - 1), day) << name << " " << FormatDay(day);
    }
  }
}

}  // namespace
}  // namespace spm
