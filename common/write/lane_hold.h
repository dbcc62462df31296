// Holds a lane still: nothing of its service is written between Take and the hold's end, for what
// must not happen while another service decides. Short, and by one thread at a time for each lane.
#pragma once

#include <future>
#include <memory>

#include "common/write/lane.h"

namespace spm {

class LaneHold {
 public:
  // Returns when the lane stands. UNAVAILABLE where it is stopping. Not from a lane's thread.
  static StatusOr<std::unique_ptr<LaneHold>> Take(Lane& lane);
  ~LaneHold() { end_.set_value(); }
  LaneHold(const LaneHold&) = delete;

 private:
  LaneHold() = default;
  std::promise<void> end_;
};

}  // namespace spm
