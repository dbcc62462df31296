// How a figure came about: its formula, the measures it is made of, their totals and facts (P31,
// X8).
#pragma once

#include "common/base/status.h"
#include "common/db/db.h"
#include "common/write/call.h"
#include "services/performance/value_runtime.h"
#include "spm/performance/v1/metrics.pb.h"

namespace spm::performance {

StatusOr<v1::ExplainMetricResponse> ExplainMetric(Runtime& runtime, Snapshot& snapshot,
                                                  const v1::ExplainMetricRequest& request,
                                                  const Call& call);

}  // namespace spm::performance
