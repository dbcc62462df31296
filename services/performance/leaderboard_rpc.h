// The leaderboard: ranks without sharing, beyond the caller's scope where the policy says so.
#pragma once

#include "common/base/status.h"
#include "common/db/db.h"
#include "common/write/call.h"
#include "services/performance/value_runtime.h"
#include "spm/performance/v1/metrics.pb.h"

namespace spm::performance {

StatusOr<v1::GetLeaderboardResponse> GetLeaderboard(Runtime& runtime, Snapshot& snapshot,
                                                    const v1::GetLeaderboardRequest& request,
                                                    const Call& call);

}  // namespace spm::performance
