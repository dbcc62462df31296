#include "services/performance/rules/formula.h"

namespace spm::performance {
namespace {

int64_t Sum(const std::vector<Measure>& measures, const Cell& cell) {
  int64_t sum = 0;
  for (Measure m : measures) sum += cell[m];
  return sum;
}

double Divide(__int128 top, __int128 bottom) {
  constexpr __int128 kExact = __int128{1} << 53;
  if (-kExact <= top && top <= kExact && -kExact <= bottom && bottom <= kExact)
    return static_cast<double>(top) / static_cast<double>(bottom);
  return static_cast<double>(static_cast<long double>(top) / static_cast<long double>(bottom));
}

v1::MetricValue Null(const MetricDef& metric) {
  v1::MetricValue value;
  value.set_null_reason(metric.empty_reason);
  return value;
}

v1::MetricValue Real(double x) {
  v1::MetricValue value;
  value.set_value(x);
  return value;
}

}  // namespace

std::optional<int64_t> TwiceMedian(const std::map<int64_t, int64_t>& counts) {
  int64_t n = 0;
  for (const auto& [value, count] : counts) n += count;
  if (n <= 0) return std::nullopt;
  // Counted from 1: the middle is at (n + 1) / 2 and, where n is even, the next.
  const int64_t lower = (n + 1) / 2, upper = n / 2 + 1;
  int64_t passed = 0, twice = 0;
  for (const auto& [value, count] : counts) {
    const int64_t end = passed + count;
    if (lower > passed && lower <= end) twice += value;
    if (upper > passed && upper <= end) twice += value;
    passed = end;
  }
  return twice;
}

v1::MetricValue Evaluate(const MetricDef& metric, const Cell& cell, int64_t per_major) {
  const int64_t top = Sum(metric.top, cell), bottom = Sum(metric.bottom, cell);
  const int64_t unit = metric.unit == v1::UNIT_MONEY ? per_major : 1;
  switch (metric.form) {
    case Form::kSum: {
      if (metric.Uses(Measure::kTarget) && !cell.has_target) return Null(metric);
      v1::MetricValue value = Real(Divide(top, unit));
      value.set_exact(top);
      return value;
    }
    case Form::kRatio:
      if (bottom == 0) return Null(metric);
      return Real(Divide(top, static_cast<__int128>(bottom) * unit));
    case Form::kOneMinusRatio:
      if (bottom == 0) return Null(metric);
      return Real(Divide(static_cast<__int128>(bottom) - top, bottom));
    case Form::kGrowth:
      if (bottom == 0) return Null(metric);
      return Real(Divide(static_cast<__int128>(top) - bottom, bottom));
    case Form::kMedian: {
      auto twice = TwiceMedian(cell.cycles);
      return twice ? Real(Divide(*twice, 2)) : Null(metric);
    }
  }
  return Null(metric);
}

bool Present(const MetricDef& metric, const Cell& cell) {
  for (const auto* side : {&metric.top, &metric.bottom})
    for (Measure m : *side)
      if (cell[m] != 0) return true;
  return metric.form == Form::kMedian && TwiceMedian(cell.cycles).value_or(0) != 0;
}

std::optional<size_t> Bottleneck(const std::vector<std::optional<double>>& conversions) {
  std::optional<size_t> lowest;
  for (size_t i = 0; i < conversions.size(); ++i)
    if (conversions[i] && (!lowest || *conversions[i] < *conversions[*lowest])) lowest = i;
  return lowest;
}

}  // namespace spm::performance
