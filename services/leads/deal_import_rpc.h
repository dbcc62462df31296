// Deals with their whole dated history, from another system. Handler: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/opportunity.pb.h"

namespace spm::leads {

// A new key is a new deal: OpportunityImported with its steps. The row last imported again does
// nothing, whatever was edited meanwhile; a row that differs from it says what is true from now on,
// also over what was edited: one OpportunityHistoryCorrected with the steps so far and those of the
// row, at the lane's clock.
StatusOr<v1::BatchImportOpportunitiesResponse> BatchImportOpportunities(
    Tx& tx, const v1::BatchImportOpportunitiesRequest& request, const Call& call);

}  // namespace spm::leads
