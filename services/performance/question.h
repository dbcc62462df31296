// A question of QueryMetrics, read and checked: known metrics and groups that go together, days,
// filters with their names resolved. A value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/db/db.h"
#include "common/write/call.h"
#include "services/performance/rules/dimension.h"
#include "services/performance/rules/period.h"
#include "services/performance/rules/registry.h"

namespace spm::performance {

struct DimFilter {
  Dim dim;
  // Ids, or the attribute's values; "" is no value.
  std::vector<std::string> values;
};

struct Question {
  std::vector<const MetricDef*> metrics;
  std::vector<Dim> groups;
  // The finest group of time.
  std::optional<Dim> time;
  Days days;
  std::vector<DimFilter> filters;
  bool include_empty = false;
  // As recorded by then; 0 is now.
  int64_t as_of_us = 0;
  // The whole company, whatever the caller sees.
  bool everyone = false;

  // Dimensions that are grouped or filtered by.
  DimSet dims() const;
  bool Uses(Measure measure) const;
};

// INVALID_ARGUMENT names the field and what would be right.
StatusOr<Question> ReadQuestion(const v1::QueryMetricsRequest& request, const Call& call,
                                Reader& reader);

}  // namespace spm::performance
