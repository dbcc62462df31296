// Live keeps roll-ups and counters behind the facts: one thread takes what was committed, tells the
// dashboards what changed, at most every 50 ms, and writes the roll-ups. Start and Stop once; the
// rest is thread-safe and quick.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "common/app/spec.h"
#include "services/performance/rollups.h"
#include "services/performance/target_book.h"
#include "services/performance/value_counters.h"

namespace spm::performance {

class Live {
 public:
  ~Live() { Stop(); }

  // `targets` lives as long as this.
  Status Start(ServiceHost& host, TargetCache& targets);
  void Stop();
  // Something was committed that figures depend on.
  void Wake();
  // The projections were dropped: what memory holds is no longer true.
  void Reset();
  // Commits whose values are not told yet, and whether the day or the organisation has changed
  // since.
  int64_t changed() const;

 private:
  void Loop();
  void Poke() const;
  Status Step();
  Status Reload(Reader& reader, int32_t today, std::shared_ptr<const Directory> directory);
  void Publish();

  ServiceHost* host_ = nullptr;
  TargetCache* targets_ = nullptr;
  std::thread thread_;
  mutable std::mutex mutex_;
  mutable std::condition_variable wake_;
  mutable bool poked_ = false;
  bool stop_ = false;
  std::atomic<int64_t> waiting_{0};
  std::atomic<bool> stale_{true};
  std::atomic<bool> reloading_{false};

  // The thread's own.
  Rollups rollups_;
  Counters counters_;
  std::shared_ptr<const TargetBook> book_;
  std::shared_ptr<const CompanySettings> company_;
  int64_t version_ = 0;
  int64_t clean_us_ = 0;
  // What the values told are for.
  mutable std::mutex state_mutex_;
  int32_t today_ = 0;
  std::shared_ptr<const Directory> directory_;
};

}  // namespace spm::performance
