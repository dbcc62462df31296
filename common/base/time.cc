#include "common/base/time.h"

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>

#include <cctype>

namespace spm {
namespace {

using Micros = std::chrono::microseconds;
using SysTime = std::chrono::time_point<std::chrono::system_clock, Micros>;

date::sys_days SysDays(int32_t day) { return date::sys_days(date::days(day)); }

int32_t FirstOf(int year, int month) { return DayOf({year, month, 1}); }

// A day's ISO week belongs to the year of its Thursday.
int IsoYear(int32_t monday) { return YmdOf(monday + 3).year; }

int32_t FirstIsoMonday(int iso_year) { return BucketStart(Bucket::kWeek, DayOf({iso_year, 1, 4})); }

// `digits` decimal digits at `from`; -1 where one is no digit.
int Number(const std::string& text, size_t from, size_t digits) {
  int value = 0;
  for (size_t i = from; i < from + digits; ++i) {
    if (i >= text.size() || !std::isdigit(static_cast<unsigned char>(text[i]))) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<DayRange> Named(Bucket bucket, int32_t from) {
  return DayRange{from, BucketEnd(bucket, from), bucket};
}

std::optional<DayRange> ParseWeek(int year, int week) {
  if (week < 1) return std::nullopt;
  const int32_t monday = FirstIsoMonday(year) + 7 * (week - 1);
  if (IsoYear(monday) != year) return std::nullopt;
  return Named(Bucket::kWeek, monday);
}

}  // namespace

bool IsValid(const Ymd& ymd) {
  if (ymd.year < 1 || ymd.year > 9999) return false;
  // The library's fields are narrow and would wrap.
  if (ymd.month < 1 || ymd.month > 12 || ymd.day < 1 || ymd.day > 31) return false;
  return date::year_month_day(date::year(ymd.year), date::month(ymd.month), date::day(ymd.day))
      .ok();
}

int32_t DayOf(const Ymd& ymd) {
  const date::year_month_day date(date::year(ymd.year), date::month(ymd.month), date::day(ymd.day));
  return date::sys_days(date).time_since_epoch().count();
}

Ymd YmdOf(int32_t day) {
  const date::year_month_day date(SysDays(day));
  return {int(date.year()), int(unsigned(date.month())), int(unsigned(date.day()))};
}

std::string FormatDay(int32_t day) {
  const Ymd ymd = YmdOf(day);
  return fmt::format("{:04}-{:02}-{:02}", ymd.year, ymd.month, ymd.day);
}

std::optional<int32_t> ParseDay(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const Ymd ymd = {Number(text, 0, 4), Number(text, 5, 2), Number(text, 8, 2)};
  if (!IsValid(ymd)) return std::nullopt;
  return DayOf(ymd);
}

std::string FormatTime(int64_t us) {
  const SysTime time{Micros(us)};
  const auto day = date::floor<date::days>(time);
  const date::hh_mm_ss<Micros> clock(time - day);
  return fmt::format("{}T{:02}:{:02}:{:02}.{:06}Z", FormatDay(day.time_since_epoch().count()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

int WeekdayOf(int32_t day) { return date::weekday(SysDays(day)).iso_encoding(); }

int32_t BucketStart(Bucket bucket, int32_t day) {
  const Ymd ymd = YmdOf(day);
  switch (bucket) {
    case Bucket::kDay:
      return day;
    case Bucket::kWeek:
      return day - (WeekdayOf(day) - 1);
    case Bucket::kMonth:
      return FirstOf(ymd.year, ymd.month);
    case Bucket::kQuarter:
      return FirstOf(ymd.year, (ymd.month - 1) / 3 * 3 + 1);
    case Bucket::kYear:
      return FirstOf(ymd.year, 1);
  }
  return day;
}

int32_t BucketEnd(Bucket bucket, int32_t day) {
  const int32_t start = BucketStart(bucket, day);
  // Days that surely reach into the next bucket and never beyond it.
  switch (bucket) {
    case Bucket::kDay:
      return start + 1;
    case Bucket::kWeek:
      return start + 7;
    case Bucket::kMonth:
      return BucketStart(bucket, start + 31);
    case Bucket::kQuarter:
      return BucketStart(bucket, start + 92);
    case Bucket::kYear:
      return BucketStart(bucket, start + 366);
  }
  return start;
}

std::string BucketName(Bucket bucket, int32_t day) {
  const Ymd ymd = YmdOf(day);
  switch (bucket) {
    case Bucket::kDay:
      return FormatDay(day);
    case Bucket::kWeek: {
      const int32_t monday = BucketStart(Bucket::kWeek, day);
      const int year = IsoYear(monday);
      return fmt::format("{:04}-W{:02}", year, (monday - FirstIsoMonday(year)) / 7 + 1);
    }
    case Bucket::kMonth:
      return fmt::format("{:04}-{:02}", ymd.year, ymd.month);
    case Bucket::kQuarter:
      return fmt::format("{:04}-Q{}", ymd.year, (ymd.month - 1) / 3 + 1);
    case Bucket::kYear:
      return fmt::format("{:04}", ymd.year);
  }
  return "";
}

std::optional<DayRange> ParseBucket(const std::string& name) {
  const int year = Number(name, 0, 4);
  if (year < kFirstYear || year > kLastYear) return std::nullopt;
  if (const auto day = ParseDay(name)) return Named(Bucket::kDay, *day);
  if (name.size() == 4) return Named(Bucket::kYear, FirstOf(year, 1));
  if (name[4] != '-') return std::nullopt;
  if (name.size() == 8 && name[5] == 'W') return ParseWeek(year, Number(name, 6, 2));
  if (name.size() != 7) return std::nullopt;
  if (name[5] == 'Q') {
    const int quarter = Number(name, 6, 1);
    if (quarter < 1 || quarter > 4) return std::nullopt;
    return Named(Bucket::kQuarter, FirstOf(year, quarter * 3 - 2));
  }
  const int month = Number(name, 5, 2);
  if (month < 1 || month > 12) return std::nullopt;
  return Named(Bucket::kMonth, FirstOf(year, month));
}

StatusOr<Zone> Zone::Find(const std::string& name) {
  Zone zone;
  zone.name_ = name;
  try {
    zone.zone_ = date::locate_zone(name);
  } catch (const std::exception&) {
    return InvalidField("zone", "\"" + name +
                                    "\" is no zone of the IANA database; write one like "
                                    "Europe/Berlin, Asia/Shanghai or UTC");
  }
  return zone;
}

Zone Zone::Utc() {
  Zone zone;
  zone.name_ = "UTC";
  return zone;
}

int32_t Zone::DayAt(int64_t us) const {
  const SysTime time{Micros(us)};
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const Micros offset = zone == nullptr ? Micros(0) : Micros(zone->get_info(time).offset);
  return date::floor<date::days>(time + offset).time_since_epoch().count();
}

int64_t Zone::StartOf(int32_t day) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  if (zone == nullptr) return int64_t{day} * kDayUs;
  const date::local_seconds midnight{date::local_days{date::days{day}}};
  const date::local_info info = zone->get_info(midnight);
  // Where the clock jumps over midnight the day begins with the jump; where midnight comes twice it
  // begins with the first one.
  const date::sys_seconds start =
      info.result == date::local_info::nonexistent
          ? info.first.end
          : date::sys_seconds(midnight.time_since_epoch()) - info.first.offset;
  return Micros(start.time_since_epoch()).count();
}

}  // namespace spm
