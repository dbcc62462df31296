// What time it is. All code asks a Clock; business time may be moved by the test clock, every wait
// of the machinery is real. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/status.h"

namespace spm {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowUs() const = 0;
};

class SystemClock : public Clock {
 public:
  int64_t NowUs() const override;
};

// Stands still until it is set. For unit tests.
class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t now_us) : now_us_(now_us) {}
  int64_t NowUs() const override { return now_us_.load(); }
  void Set(int64_t now_us) { now_us_ = now_us; }
  void Advance(int64_t by_us) { now_us_ += by_us; }

 private:
  std::atomic<int64_t> now_us_;
};

// Real time plus an offset that is kept in a file, so that it survives a restart (`--test-clock`).
class TestClock : public Clock {
 public:
  static StatusOr<std::unique_ptr<TestClock>> Open(const std::string& file);
  int64_t NowUs() const override;
  // Moves forward to at least `us`; never back. Durable when it returns.
  Status MoveTo(int64_t us);

 private:
  explicit TestClock(std::string file) : file_(std::move(file)) {}
  std::string file_;
  std::mutex mutex_;  // one move at a time
  std::atomic<int64_t> offset_us_{0};
};

}  // namespace spm
