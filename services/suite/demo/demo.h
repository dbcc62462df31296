// Plays a sales team against a running suite, as its client: first the last 180 days, then a move
// every second or so. One thread; may be run again and again on the same data folder.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/base/status.h"

namespace spm::suite {

struct DemoOptions {
  // host:port of the suite's gRPC.
  std::string address;
  // Keeps the first day after the history, so that it is the same when it is written again.
  std::string state_file;
  uint64_t seed = 1;
  double moves_per_second = 1;
  // Ends after the history.
  bool history_only = false;
  // Asked several times a second; true ends the demo with OK.
  std::function<bool()> stopped = [] { return false; };
  // Told what is being done.
  std::function<void(const std::string&)> say = [](const std::string&) {};
};

// Returns when it is stopped, or when the suite refuses what the demo does. A suite that is away
// for a while is waited for.
Status RunDemo(const DemoOptions& options);

}  // namespace spm::suite
