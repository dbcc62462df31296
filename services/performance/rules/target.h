// Targets: a tree whose children add up, revisions that hold from a day on, splits without loss.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "spm/performance/v1/target.pb.h"

namespace spm::performance {

// P1: twelve months each, none negative; quarters and year, where stated, are the months' sums;
// children of one parent of one kind of subject add up to it, month by month. INVALID_ARGUMENT,
// TARGET_SUM names the node, the month and the difference in minor units.
Status CheckPlan(const v1::TargetPlan& plan);

// P2: by weights that are decimals and add up to exactly 1; even over twelve months without any.
StatusOr<std::vector<int64_t>> SplitByMonths(int64_t amount_minor,
                                             const std::vector<std::string>& weights);

// P4: of revisions with their first days, the position of the one that answers for `day`: the
// newest that holds by then; -1 where none does. Oldest version first.
int InForce(const std::vector<int32_t>& effective_days, int32_t day);
// First day of a revision without one.
constexpr int32_t kFromEver = -1'000'000;

// "product", for messages.
std::string NameOf(v1::TargetSubject subject);

}  // namespace spm::performance
