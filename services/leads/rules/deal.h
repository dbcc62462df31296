// What happens to a deal's own record when it moves or changes: stages with their times, its value,
// and the steps that figures are counted from. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/money.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::leads {

// A moment, and its day in the company's zone.
struct Moment {
  int64_t at_us = 0;
  int32_t day = 0;
};

// A move of a deal.
struct Move {
  // Stages entered, in order: those passed over first, the one the deal is in from now on last.
  std::vector<std::string> entered;
  v1::StageKind kind = v1::STAGE_KIND_OPEN;
  Moment at;
  std::string actor;
  std::string override_reason;
};

// The value of a deal is its amount; while none is known, list price x quantity. Sets both, and
// says which. False where list price x quantity is beyond what money can hold.
bool SetValue(v1::Opportunity* deal, const Currency& currency);

// Puts the deal into its new stage: the stage before is left, stages passed over are entered and
// left at once, closing sets the time of closing. Returns the step, which is added to the deal's
// steps.
v1::DealStep MoveDeal(v1::Opportunity* deal, const Move& move, const Currency& currency);

// A change that is no move: owner, customer, product, amount, source, deletion. The step is added
// to the deal's steps only where it changes what figures depend on.
v1::DealStep ChangeDeal(v1::Opportunity* deal, const Moment& at, const Currency& currency);

// The deal's state by its last step; a default one before the first.
v1::DealState LastState(const v1::Opportunity& deal);

}  // namespace spm::leads
