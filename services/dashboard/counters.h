// The live figures as this process knows them: fed by the values topic, kept in memory for its
// streams and in the shared Counters for others. Numbers its changes, so that a stream asks for
// what is new. Thread-safe; OnValue must come from one thread at a time for each key.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/cache/counters.h"

namespace spm::dashboard {

class LiveCounters {
 public:
  // Takes over what the store holds. `on_change` is called after each change, must be quick and may
  // not call back.
  LiveCounters(Counters& store, const Clock& clock);

  // A message of the values topic. What cannot be decoded is counted and dropped.
  void OnValue(const std::string& key, const std::string& bytes);
  void OnChange(std::function<void()> on_change);

  using Filter = std::function<bool(const CounterKey&)>;
  struct Changes {
    std::vector<CounterRow> rows;
    // Everything up to this version is in `rows`.
    int64_t version = 0;
    // There is more after it.
    bool more = false;
  };
  // Counters changed after version `since` (0: all), oldest change first; at most `limit` rows.
  Changes Since(int64_t since, size_t limit, const Filter& filter) const;

  // Grows with each change, over restarts too.
  int64_t version() const;
  // Milliseconds between the last event and its arrival here.
  int64_t lag_ms() const;

 private:
  struct Entry {
    CounterValue value;
    int64_t changed = 0;
  };
  // Adds or replaces; false where it is not newer. Under the lock.
  bool Take(const CounterKey& key, CounterValue value);
  void Share(const CounterKey& key, const CounterValue& value);

  Counters& store_;
  const Clock& clock_;
  const int64_t started_us_;
  mutable std::mutex mutex_;
  std::map<CounterKey, Entry> entries_;
  std::map<int64_t, const CounterKey*> changes_;
  int64_t version_;
  int64_t lag_ms_ = 0;
  bool store_behind_ = false;
  std::function<void()> on_change_;
  HistogramMetric& lag_;
  CounterMetric& dropped_;
  GaugeMetric& size_;
};

// {"metric": ..., "value": ..., "version": "7", ...} as protobuf writes spm.dashboard.v1.Counter.
void AppendCounterJson(const CounterRow& row, std::string* out);

}  // namespace spm::dashboard
