// From events to facts. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/performance/rules/deal.h"
#include "services/performance/rules/fact.h"

namespace spm::performance {

// The event that facts are booked by.
struct Origin {
  std::string event_id;
  std::string deal_id;
  int64_t recorded_us = 0;
};

// What one step of a deal changes; `before` is absent for the first.
//
// - An open deal is in the stock of its owner, stage, customer, product and source from the day of
//   the step on; what changes any of them takes it out and puts it back in on that day.
// - A won or lost deal counts on the day it was closed for whoever owned it then, whoever owns it
//   now; a later change of customer, product, source or amount books it anew on the same day.
// - A stage counts on the day it was entered; it converts when the deal enters a further one, and
//   that counts on the day the stage left behind was entered, for the owner of that day. Lost is no
//   further stage. A stage passed over is entered and left on the step's day.
// - A deleted deal leaves the stock on the day of the step, and its win or loss is taken back; the
//   stages it went through stay.
std::vector<Fact> FactsOfStep(const std::optional<DealState>& before, const DealStep& step,
                              const Origin& origin);

// Facts of a whole history.
std::vector<Fact> FactsOfHistory(const std::vector<DealStep>& steps, const Origin& origin);

// Takes everything of `before` back on its own days, and books `after`.
std::vector<Fact> FactsOfCorrection(const std::vector<DealStep>& before,
                                    const std::vector<DealStep>& after, const Origin& origin);

// A new lead counts once, on the day it arrived, for its first owner and source.
struct NewLead {
  std::string owner_id, source, product_id, customer_id;
  int32_t created_day = 0;
};
std::vector<Fact> FactsOfLead(const NewLead& lead, const Origin& origin);

// Amount, else list price x quantity.
int64_t ValueOf(const DealState& deal);

}  // namespace spm::performance
