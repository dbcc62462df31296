// Times of the whole suite: microseconds since 1970 for moments, days since 1970 for days of the
// company's zone. Values; free of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/base/status.h"

namespace spm {

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kMinuteUs = 60 * kSecondUs;
constexpr int64_t kHourUs = 60 * kMinuteUs;
constexpr int64_t kDayUs = 24 * kHourUs;

// What dates may be, everywhere.
inline constexpr int kFirstYear = 1900;
inline constexpr int kLastYear = 2200;

struct Ymd {
  int year = 0;
  int month = 0;
  int day = 0;
  bool operator==(const Ymd&) const = default;
};

// False for 30 February and the like, and for years outside 1..9999.
bool IsValid(const Ymd& ymd);
int32_t DayOf(const Ymd& ymd);
Ymd YmdOf(int32_t day);
// 2017-06-01
std::string FormatDay(int32_t day);
// Accepts yyyy-mm-dd only; nullopt where it is no day.
std::optional<int32_t> ParseDay(const std::string& text);
// 2017-06-01T12:00:00.000000Z
std::string FormatTime(int64_t us);
// Monday is 1.
int WeekdayOf(int32_t day);

enum class Bucket { kDay, kWeek, kMonth, kQuarter, kYear };

// First day of the bucket that holds `day`; weeks are ISO weeks.
int32_t BucketStart(Bucket bucket, int32_t day);
// First day of the bucket after the one that holds `day`.
int32_t BucketEnd(Bucket bucket, int32_t day);
// 2017-06-01, 2017-W22, 2017-06, 2017-Q2, 2017.
std::string BucketName(Bucket bucket, int32_t day);
// First and one past the last day of a named bucket; nullopt where the name is none.
struct DayRange {
  int32_t from = 0;
  int32_t end = 0;
  Bucket bucket = Bucket::kDay;
};
std::optional<DayRange> ParseBucket(const std::string& name);

// A zone of the IANA database. Cheap to copy.
class Zone {
 public:
  // INVALID_ARGUMENT names the field `zone` where the name is unknown.
  static StatusOr<Zone> Find(const std::string& name);
  static Zone Utc();

  const std::string& name() const { return name_; }
  // Day of a moment in this zone.
  int32_t DayAt(int64_t us) const;
  // First moment of a day in this zone.
  int64_t StartOf(int32_t day) const;

 private:
  std::string name_;
  const void* zone_ = nullptr;
};

}  // namespace spm
