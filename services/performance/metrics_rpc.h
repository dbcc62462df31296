// Figures by QueryMetrics, the registry, and who may see whose.
#pragma once

#include "common/base/status.h"
#include "common/db/db.h"
#include "common/write/call.h"
#include "services/performance/value_runtime.h"
#include "spm/performance/v1/metrics.pb.h"

namespace spm::performance {

StatusOr<v1::ListMetricsResponse> ListMetrics(Snapshot&, const v1::ListMetricsRequest&,
                                              const Call&);
StatusOr<v1::QueryMetricsResponse> QueryMetrics(Runtime& runtime, Snapshot& snapshot,
                                                const v1::QueryMetricsRequest& request,
                                                const Call& call);
StatusOr<v1::Visibility> GetVisibility(Snapshot&, const v1::GetVisibilityRequest&,
                                       const Call& call);

}  // namespace spm::performance
