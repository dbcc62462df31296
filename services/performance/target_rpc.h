// Target plans: saved as revisions, read as of a day, split over months.
#pragma once

#include "common/base/status.h"
#include "common/db/tx.h"
#include "common/write/call.h"
#include "services/performance/value_runtime.h"
#include "spm/performance/v1/target.pb.h"

namespace spm::performance {

StatusOr<v1::TargetPlan> SaveTargetPlan(Runtime& runtime, Tx& tx,
                                        const v1::SaveTargetPlanRequest& request, const Call& call);
StatusOr<v1::TargetPlan> GetTargetPlan(Snapshot& snapshot, const v1::GetTargetPlanRequest& request,
                                       const Call& call);
StatusOr<v1::SplitTargetResponse> SplitTarget(Snapshot&, const v1::SplitTargetRequest& request,
                                              const Call&);

}  // namespace spm::performance
