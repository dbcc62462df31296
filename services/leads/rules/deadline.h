// Deadlines of leads and deals: when one has waited too long. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/time.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::leads {

// A deal is stalled when it has been in its stage for more than the limit: silent at exactly 7
// days, stalled a microsecond later (L8). Nothing where the stage has no limit.
std::optional<int64_t> StallDueUs(int64_t entered_us, int32_t stall_days);

// The same question asked in whole days: more than `days` lie between the two.
bool IsStalledOn(int32_t entered_day, int32_t days, int32_t as_of_day);

// The first contact is overdue when more than the policy's hours have passed since the lead was
// assigned. Nothing where the policy sets no deadline.
std::optional<int64_t> ContactDueUs(int64_t assigned_us, const v1::ContactPolicy& policy);

// A deal is overdue when the day on which it was expected to close and the days of grace after it
// have passed: from the first moment of the next day of the company.
int64_t CloseDueUs(int32_t expected_day, int32_t grace_days, const Zone& zone);

}  // namespace spm::leads
