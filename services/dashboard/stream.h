// GET /v1/stream: the live counters by server-sent events. One thread writes to all clients; a slow
// one is sent what changed since its last message when it has room again, so nothing piles up for
// it. Thread-safe.
#pragma once

#include <chrono>
#include <memory>

#include "common/http/message.h"
#include "common/rpc/channel.h"
#include "services/dashboard/counters.h"

namespace spm::dashboard {

struct StreamTimes {
  // Between two deltas; the first change after a rest goes out at once. With more than a hundred
  // streams it is 2.5 times as long: 4 deltas a second for each of ten thousand.
  std::chrono::milliseconds delta{100};
  // From the first change to its delta, so that the counters which one event moves go out together.
  std::chrono::milliseconds gather{5};
  std::chrono::milliseconds heartbeat{15'000};
  // Between two questions what the caller may see.
  std::chrono::milliseconds sight{2'000};
  // A stream ends when that cannot be answered for this long.
  std::chrono::milliseconds sight_limit{30'000};
};

class StreamHub {
 public:
  // Both outlive the hub.
  StreamHub(LiveCounters& counters, Channel& performance, StreamTimes times = {});
  ~StreamHub();
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  // A caller that is unknown gets the error; others get a snapshot, then deltas.
  void Handle(std::shared_ptr<const HttpRequest> request, HttpDone done);
  // Ends all streams.
  void Stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace spm::dashboard
