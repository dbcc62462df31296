// The relay publishes what commands left in the outbox: part by part in journal order, deletes what
// all consumers have, and begins again from the outbox after a restart. One thread for each
// service.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "common/events/bus.h"
#include "common/write/journal.h"
#include "common/write/lane.h"

namespace spm {

class Relay {
 public:
  Relay(std::string service, Db& db, Lane& lane, Bus& bus);
  ~Relay();
  void Start();
  // Thread-safe and cheap; the lane calls it after each commit.
  void Wake();
  void Stop();
  bool idle() const { return in_flight_.load() == 0; }
  // When the oldest event was recorded that is offered and that not all consumers have; 0 where
  // none is.
  int64_t OldestUs() const;

 private:
  void Loop();
  void PublishPart(Reader& reader, int part);
  void Delivered(int part, std::vector<int64_t> seqs);
  void Release(int part, bool again);

  std::string service_;
  Db& db_;
  Lane& lane_;
  Bus& bus_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  bool stopping_ = false;
  // At most one span of a part is under way.
  std::array<bool, kOutboxParts> busy_{};
  std::array<int64_t, kOutboxParts> oldest_us_{};
  // The last delivery failed.
  std::atomic<bool> paused_{false};
  std::atomic<int> in_flight_{0};
};

}  // namespace spm
