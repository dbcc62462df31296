// Roll-ups: sums of facts by rep, day, measure and stage up to a mark in the table, above it in
// memory. They are rewritten from the facts to the same bits, so losing the memory costs only time.
// Used by the thread of Live; writes go through the lane.
//
// A unit's sums follow from its members' by the directory of the day. They are not stored, since an
// organisation that arrives late or is moved back in time would make them wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>

#include "common/base/status.h"
#include "common/db/db.h"
#include "common/write/lane.h"
#include "services/performance/rules/measure.h"

namespace spm::performance {

struct RollupRow {
  std::string rep_id;
  int32_t day = 0;
  Measure measure = Measure::kWon;
  std::string stage;
  int64_t amount = 0;
};

class Rollups {
 public:
  using Visit = std::function<void(const RollupRow&)>;

  // Forgets what memory holds and reads again: flow of days on or after `from`, stock of days up to
  // `today` as one row for each rep and measure, then the facts above the mark.
  Status Load(Reader& reader, int32_t from, int32_t today, const Visit& visit);
  // Facts that came since; their number.
  StatusOr<int64_t> Pull(Reader& reader, const Visit& visit);
  // Writes what memory holds above the mark, in key order. ABORTED where the table was dropped
  // meanwhile: load again.
  Status Flush(Lane& lane);
  bool dirty() const { return seq_ > mark_; }

 private:
  using Key = std::tuple<std::string, int32_t, std::string, std::string>;
  int64_t mark_ = 0;
  int64_t seq_ = 0;
  std::map<Key, int64_t> sums_;
};

}  // namespace spm::performance
