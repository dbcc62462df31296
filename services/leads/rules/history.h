// A deal's whole dated history, as another system tells it, turned into stages and steps. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/base/time.h"
#include "services/leads/rules/deal.h"

namespace spm::leads {

// A step as told: a day of the company (`at_us` absent), or a moment.
struct ToldStep {
  std::string stage;
  int32_t day = 0;
  std::optional<int64_t> at_us;
};

// Now, and what day it is.
struct Today {
  int64_t now_us = 0;
  int32_t day = 0;
};

// Moments of the steps. The stages exist in the pipeline and the times ascend, equal ones allowed;
// a day compares with its neighbours as a day and lies at its first moment, or at that of the step
// before where that is later. Nothing lies in the future. INVALID_ARGUMENT names the step by
// `field`.
StatusOr<std::vector<Moment>> CheckHistory(const v1::PipelinePolicy& pipeline,
                                           const std::vector<ToldStep>& told, const Today& today,
                                           const Zone& zone, const std::string& field);

// Lets a deal, which has its owner, customer, product and price and no history, live through the
// steps. Neither transitions nor checklists are asked: what happened has happened, and is logged as
// by "import". A stage passed over counts as entered, the same stage told twice is one stay. The
// amount of a closed deal is what was agreed, so it is known from the closing on and its list price
// stands before; that of an open deal is known from the start.
void LiveThrough(v1::Opportunity* deal, const v1::PipelinePolicy& pipeline,
                 const std::vector<ToldStep>& told, const std::vector<Moment>& moments,
                 const Currency& currency);

}  // namespace spm::leads
