#include "services/performance/rules/period.h"

#include <algorithm>

namespace spm::performance {

bool WholeMonths(const Days& days) {
  return days.from <= days.to && BucketStart(Bucket::kMonth, days.from) == days.from &&
         BucketEnd(Bucket::kMonth, days.to) == days.to + 1;
}

int MonthsIn(const Days& days) {
  const Ymd a = YmdOf(days.from), b = YmdOf(days.to);
  return (b.year - a.year) * 12 + b.month - a.month + 1;
}

std::vector<int32_t> MonthsOf(const Days& days) {
  std::vector<int32_t> months;
  for (int32_t m = BucketStart(Bucket::kMonth, days.from); m <= days.to;
       m = BucketEnd(Bucket::kMonth, m))
    months.push_back(m);
  return months;
}

int32_t AddMonths(int32_t first, int months) {
  const Ymd ymd = YmdOf(first);
  const int month = ymd.year * 12 + ymd.month - 1 + months;
  return DayOf({month / 12, month % 12 + 1, 1});
}

std::vector<BucketSpan> BucketsIn(Bucket bucket, const Days& days) {
  std::vector<BucketSpan> spans;
  for (int32_t start = BucketStart(bucket, days.from); start <= days.to;) {
    const int32_t end = BucketEnd(bucket, start);
    spans.push_back({start, std::min(end - 1, days.to)});
    start = end;
  }
  return spans;
}

Days BaseOf(Base base, const Days& days) {
  const int months = base == Base::kBefore ? MonthsIn(days) : 12;
  return {AddMonths(days.from, -months), AddMonths(days.to + 1, -months) - 1};
}

Days BaseOf(Base base, Bucket bucket, int32_t start) {
  const int32_t from =
      base == Base::kBefore ? BucketStart(bucket, start - 1) : AddMonths(start, -12);
  return {from, BucketEnd(bucket, from) - 1};
}

int32_t MeasuredAgainst(Base base, Bucket bucket, int32_t day) {
  const int32_t start = BucketStart(bucket, day);
  return base == Base::kBefore ? BucketEnd(bucket, start) : AddMonths(start, 12);
}

}  // namespace spm::performance
