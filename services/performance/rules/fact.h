// A fact is one piece of what happened: so much of one measure, on one day, for one rep. A value.
#pragma once

#include <cstdint>
#include <string>

#include "services/performance/rules/measure.h"

namespace spm::performance {

struct Fact {
  // <aggregate id>.<version>; with the measure and n the fact's key.
  std::string event_id;
  Measure measure = Measure::kWon;
  int32_t n = 0;
  // 1, or -1 where it takes another back. `amount` has the sign in it: pieces, minor units or days.
  int32_t count = 1;
  int64_t amount = 1;
  // Day that it counts on, and day that pay goes by: the same until cycles are closed.
  int32_t occurred_day = 0;
  int32_t posted_day = 0;
  std::string rep_id, customer_id, product_id, source, pipeline, stage, deal_id;
  // The deal's key elsewhere; ties between first wins go by it.
  std::string deal_ref;
  int64_t recorded_us = 0;

  bool operator==(const Fact&) const = default;
};

}  // namespace spm::performance
