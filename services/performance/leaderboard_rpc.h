// The leaderboard: ranks without sharing, beyond the caller's scope where the policy says so.
#pragma once

#include "common/base/status.h"
#include "common/db/db.h"
#include "common/policy/preview.h"
#include "common/write/call.h"
#include "services/performance/value_runtime.h"
#include "spm/performance/v1/metrics.pb.h"

namespace spm::performance {

StatusOr<v1::GetLeaderboardResponse> GetLeaderboard(Runtime& runtime, Snapshot& snapshot,
                                                    const v1::GetLeaderboardRequest& request,
                                                    const Call& call);

// Anything that a LeaderboardPolicy can say makes sense; INVALID_ARGUMENT for another kind.
Status CheckPolicyBody(const std::string& kind, const google::protobuf::Message& body);
// People who see less than the company and are shown the whole board.
Status PreviewPolicy(const PolicyQuestion& question, base::v1::PreviewPolicyResponse* reply);

}  // namespace spm::performance
