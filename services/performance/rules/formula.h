// From sums to figures. Every figure is made of exact integers by at most one division, so that it
// is the double nearest to the exact value. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "services/performance/rules/measure.h"
#include "services/performance/rules/registry.h"
#include "spm/performance/v1/metrics.pb.h"

namespace spm::performance {

// What one row of an answer is evaluated from.
struct Cell {
  Sums sums{};
  // A target was set for some month, be it of 0.
  bool has_target = false;
  // Days of a cycle -> deals; filled for the median only.
  std::map<int64_t, int64_t> cycles;

  int64_t operator[](Measure m) const { return sums[Index(m)]; }
};

// `per_major`: minor units of one major unit. Null with the metric's reason where there is nothing
// to divide by.
v1::MetricValue Evaluate(const MetricDef& metric, const Cell& cell, int64_t per_major);

// Something of the metric is not zero, so that its row is shown.
bool Present(const MetricDef& metric, const Cell& cell);

// The middle one, or half the sum of the middle two, as twice its value; nullopt without any.
std::optional<int64_t> TwiceMedian(const std::map<int64_t, int64_t>& counts);

// The row with the lowest value; the first of equals.
std::optional<size_t> Bottleneck(const std::vector<std::optional<double>>& conversions);

}  // namespace spm::performance
