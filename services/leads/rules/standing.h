// How a lead or a deal stands at a moment under a policy, be it the one in force or a candidate.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/money.h"
#include "common/base/time.h"
#include "services/leads/rules/grade.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::leads {

// What a lead is graded by.
GradeInput GradeInputOf(const v1::Lead& lead, const Currency& currency);

// The deal has been in its stage for longer than the pipeline allows (L8); false in a stage that
// the pipeline does not know.
bool IsStalledAt(const v1::Opportunity& deal, const v1::PipelinePolicy& pipeline, int64_t now_us);
// When that is or was; nothing where the stage has no limit.
std::optional<int64_t> StallDueOf(const v1::Opportunity& deal, const v1::PipelinePolicy& pipeline);

// The deal is open after its expected close and the days of grace.
bool IsCloseOverdueAt(const v1::Opportunity& deal, const v1::ClosePolicy& policy, const Zone& zone,
                      int64_t now_us);
std::optional<int64_t> CloseDueOf(const v1::Opportunity& deal, const v1::ClosePolicy& policy,
                                  const Zone& zone);

// The lead's owner should have spoken to it by now.
bool IsContactOverdueAt(const v1::Lead& lead, const v1::ContactPolicy& policy, int64_t now_us);
std::optional<int64_t> ContactDueOf(const v1::Lead& lead, const v1::ContactPolicy& policy);

// Chance to be won in a stage, in basis points; 0 in one that the pipeline does not know.
int32_t ChanceOf(const v1::PipelinePolicy& pipeline, const std::string& stage);

}  // namespace spm::leads
