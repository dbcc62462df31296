// Whether a policy of leads makes sense: what a sales manager has mistyped is refused before it
// decides anything. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/base/status.h"
#include "google/protobuf/message.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::leads {

// By kind: "grade", "assignment", "contact", "close", "pipeline:<id>". INVALID_ARGUMENT names every
// field that is wrong as body.<path>, and what would be right.
Status CheckPolicyBody(const std::string& kind, const google::protobuf::Message& body);

// The weights add up to 100; bands ascend without repeats, budgets with ascending points, cycles
// with descending ones; points are 0 to 100, and A takes more than B, and B more than C.
Status CheckGrade(const v1::GradePolicy& policy);
// The weights add up to 100, and everybody may hold at least one lead.
Status CheckAssignment(const v1::AssignmentPolicy& policy);
// The first contact is due within a year, or never (0); the calling code has digits only.
Status CheckContact(const v1::ContactPolicy& policy);
// Up to a year of grace.
Status CheckClose(const v1::ClosePolicy& policy);
// A deal begins in an open stage, and can be won and lost in stages that come after the open ones.
// Ids of stages, and of the items of a stage, are not used twice.
Status CheckPipeline(const std::string& id, const v1::PipelinePolicy& pipeline);

// A stage in which open deals stand stays an open stage: they would have no place in the process
// any more. `standing`: stage -> open deals. FAILED_PRECONDITION, STAGE_IN_USE, says how many.
Status CheckStanding(const v1::PipelinePolicy& candidate,
                     const std::map<std::string, int64_t>& standing);

}  // namespace spm::leads
