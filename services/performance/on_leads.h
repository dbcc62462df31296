// Follows leads: deals and leads become facts, customers and pipelines copies. Takes whole spans
// and writes sets; a fact's key makes it count once.
#pragma once

#include <vector>

#include "common/base/status.h"
#include "common/db/tx.h"
#include "common/write/call.h"
#include "services/performance/value_runtime.h"
#include "spm/base/v1/common.pb.h"

namespace spm::performance {

Status OnLeads(Runtime& runtime, Tx& tx, const std::vector<base::v1::Event>& events, const Call&);

}  // namespace spm::performance
