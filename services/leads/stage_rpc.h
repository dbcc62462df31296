// A deal moves through the stages of its pipeline (L6, L7). Handlers: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/opportunity.pb.h"

namespace spm::leads {

StatusOr<v1::Opportunity> AdvanceStage(Tx& tx, const v1::AdvanceStageRequest& request,
                                       const Call& call);
StatusOr<v1::Opportunity> CompleteChecklistItem(Tx& tx,
                                                const v1::CompleteChecklistItemRequest& request,
                                                const Call& call);

}  // namespace spm::leads
