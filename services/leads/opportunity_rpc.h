// Commands and queries of deals; their stages are in stage_rpc. Handlers: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/opportunity.pb.h"

namespace spm::leads {

StatusOr<v1::Opportunity> CreateOpportunity(Tx& tx, const v1::CreateOpportunityRequest& request,
                                            const Call& call);
StatusOr<v1::Opportunity> GetOpportunity(Snapshot& snapshot,
                                         const v1::GetOpportunityRequest& request,
                                         const Call& call);
StatusOr<v1::ListOpportunitiesResponse> ListOpportunities(
    Snapshot& snapshot, const v1::ListOpportunitiesRequest& request, const Call& call);
StatusOr<v1::ListStalledOpportunitiesResponse> ListStalledOpportunities(
    Snapshot& snapshot, const v1::ListStalledOpportunitiesRequest& request, const Call& call);
StatusOr<v1::Opportunity> UpdateOpportunity(Tx& tx, const v1::UpdateOpportunityRequest& request,
                                            const Call& call);
StatusOr<v1::Opportunity> DeleteOpportunity(Tx& tx, const v1::DeleteOpportunityRequest& request,
                                            const Call& call);
StatusOr<v1::Opportunity> AssignOpportunity(Tx& tx, const v1::AssignOpportunityRequest& request,
                                            const Call& call);

}  // namespace spm::leads
