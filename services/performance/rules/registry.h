// The metric registry: every figure is defined here, once. Immutable.
#pragma once

#include <string>
#include <vector>

#include "services/performance/rules/dimension.h"
#include "services/performance/rules/measure.h"
#include "spm/performance/v1/metrics.pb.h"

namespace spm::performance {

enum class Form {
  // Sum of `top`.
  kSum,
  // top / bottom.
  kRatio,
  // 1 - top / bottom.
  kOneMinusRatio,
  // Middle of the facts of `top`, the mean of the middle two.
  kMedian,
  // (top - bottom) / bottom.
  kGrowth,
};

struct MetricDef {
  std::string name;
  v1::Unit unit;
  std::string formula;
  bool higher_is_better;
  // As of the end of a day: the running sum since ever.
  bool stock;
  DimSet groups;
  // Why there is no value where the denominator is empty.
  std::string empty_reason;
  Form form;
  std::vector<Measure> top, bottom;

  bool Uses(Measure measure) const;
};

const std::vector<MetricDef>& Metrics();
// Null where there is none.
const MetricDef* FindMetric(const std::string& name);
v1::Metric Describe(const MetricDef& metric);

}  // namespace spm::performance
