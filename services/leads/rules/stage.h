// Which stage a deal may go to, and what holds it back (L6, L7). Pure.
#pragma once

#include <string>
#include <vector>

#include "common/base/status.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::leads {

// Null where the pipeline has no such stage.
const v1::PipelineStage* FindStage(const v1::PipelinePolicy& pipeline, const std::string& id);
// The open stage in which a deal begins; null where a pipeline has none.
const v1::PipelineStage* FirstStage(const v1::PipelinePolicy& pipeline);

// An open deal goes to the next open stage of its pipeline, from the last one to a won stage, and
// from any of them to a lost one. A deal in a stage that the pipeline does not know any more may go
// anywhere.
std::vector<std::string> AllowedStages(const v1::PipelinePolicy& pipeline, const std::string& from);

// FAILED_PRECONDITION: DEAL_CLOSED for a won or lost deal, ILLEGAL_STAGE (naming those allowed) for
// a stage that does not come next.
Status CheckTransition(const v1::PipelinePolicy& pipeline, const v1::Opportunity& deal,
                       const std::string& to);

// Mandatory items of the deal's present stage that are not done, in the pipeline's order.
std::vector<std::string> OpenItems(const v1::PipelinePolicy& pipeline, const v1::Opportunity& deal);

// A deal goes on only when the mandatory items of its stage are done, or for a reason that is
// recorded; losing it needs none. FAILED_PRECONDITION, CHECKLIST_OPEN, names the open items.
Status CheckChecklist(const v1::PipelinePolicy& pipeline, const v1::Opportunity& deal,
                      const std::string& to, const std::string& override_reason);

// Stages that a deal enters by going to `to`, in order, `to` last: open stages before it that the
// deal was never in count as passed over. Going to a lost stage passes over nothing.
std::vector<std::string> StagesEntered(const v1::PipelinePolicy& pipeline,
                                       const v1::Opportunity& deal, const std::string& to);

}  // namespace spm::leads
