// Target plans and all their revisions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/db/table.h"
#include "spm/performance/v1/target.pb.h"

namespace spm::performance {

extern const Table<v1::TargetPlan> kTargetPlans;

struct TargetRevision {
  v1::TargetPlan plan;
  int32_t effective_day = 0;
  int64_t saved_us = 0;
};

// Of the plan of a year; the same for ever.
std::string TargetPlanId(int32_t year);
void SaveRevision(Tx& tx, const TargetRevision& revision);
// Years ascending, within a year oldest first.
StatusOr<std::vector<TargetRevision>> ReadRevisions(Reader& reader);
// Of one year, oldest first.
StatusOr<std::vector<TargetRevision>> ReadRevisions(Reader& reader, int32_t year);
// Changes with every save: what a cache of the revisions is valid for.
StatusOr<std::string> ReadTargetState(Reader& reader);

}  // namespace spm::performance
