// Commands and queries of leads (L1, L2, L11). Handlers: load, decide, save.
#pragma once

#include <string>

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/lead.pb.h"

namespace spm::leads {

StatusOr<v1::Lead> CreateLead(Tx& tx, const v1::CreateLeadRequest& request, const Call& call);
StatusOr<v1::BatchCreateLeadsResponse> BatchCreateLeads(Tx& tx,
                                                        const v1::BatchCreateLeadsRequest& request,
                                                        const Call& call);
StatusOr<v1::Lead> GetLead(Snapshot& snapshot, const v1::GetLeadRequest& request, const Call& call);
StatusOr<v1::ListLeadsResponse> ListLeads(Snapshot& snapshot, const v1::ListLeadsRequest& request,
                                          const Call& call);
StatusOr<v1::Lead> UpdateLead(Tx& tx, const v1::UpdateLeadRequest& request, const Call& call);
StatusOr<v1::Lead> DeleteLead(Tx& tx, const v1::DeleteLeadRequest& request, const Call& call);
StatusOr<v1::Lead> DisqualifyLead(Tx& tx, const v1::DisqualifyLeadRequest& request,
                                  const Call& call);
StatusOr<v1::Lead> ReopenLead(Tx& tx, const v1::ReopenLeadRequest& request, const Call& call);

// Sets grade and points by the policy in force.
void GradeNow(const Call& call, v1::Lead* lead);
// The lead is not worked on any more: its holder has room, its deadline is gone. Call it with the
// lead as it was, before it is saved.
Status LetGo(Tx& tx, const v1::Lead& lead);

}  // namespace spm::leads
