// Keeps a service's copy of the organisation: spm.org.v1 -> org_member and org_closure. For the
// lane.
#pragma once

#include <vector>

#include "common/base/status.h"
#include "common/db/tx.h"
#include "spm/base/v1/common.pb.h"

namespace spm {

// Applies a span of events of org: each carries the whole record, so the newest stands. The closure
// is computed once for the span. True where anything changed.
StatusOr<bool> FollowOrg(Tx& tx, const std::vector<base::v1::Event>& events);

}  // namespace spm
