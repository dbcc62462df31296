// Months, buckets, and the periods that growth is measured against. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/time.h"

namespace spm::performance {

// Days from..to, both included.
struct Days {
  int32_t from = 0;
  int32_t to = 0;
  bool operator==(const Days&) const = default;
};

// Begins with the first and ends with the last day of a month.
bool WholeMonths(const Days& days);
int MonthsIn(const Days& days);
// First days of the months that `days` touches.
std::vector<int32_t> MonthsOf(const Days& days);
// The same day `months` later or earlier; `first` is the first day of a month.
int32_t AddMonths(int32_t first, int months);

// A bucket of a range; `as_of` is its last day, or the range's where that comes first.
struct BucketSpan {
  int32_t start = 0;
  int32_t as_of = 0;
};
std::vector<BucketSpan> BucketsIn(Bucket bucket, const Days& days);

enum class Base { kBefore, kYearBefore };

// Whole months without a bucket: as many months before, or the same months a year before.
Days BaseOf(Base base, const Days& days);
// The bucket before, or the same one a year before, as a whole. Month, quarter and year only.
Days BaseOf(Base base, Bucket bucket, int32_t start);
// First day of the bucket that is measured against the one that holds `day`.
int32_t MeasuredAgainst(Base base, Bucket bucket, int32_t day);

}  // namespace spm::performance
