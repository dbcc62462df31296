// Counters of one process. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "common/cache/counters.h"

namespace spm {

// Begins filled: whoever feeds it lives in the same process and hands out everything at its start.
class MemoryCounters : public Counters {
 public:
  StatusOr<SetResult> SetIfNewer(const CounterKey& key, const CounterValue& value) override;
  StatusOr<std::vector<CounterRow>> Snapshot() override;
  Status Fill(const std::vector<CounterRow>& rows) override;
  Status RaiseEpoch(int64_t epoch) override;
  int64_t epoch() const override;

  // What a restart of a server does: everything is gone, the sentinel too.
  void Lose();

 private:
  bool Set(const CounterKey& key, const CounterValue& value);

  mutable std::mutex mutex_;
  std::map<CounterKey, CounterValue> rows_;
  int64_t epoch_ = 1;
  bool filled_ = true;
};

}  // namespace spm
