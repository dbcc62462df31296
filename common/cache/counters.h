// The live counters that dashboards share: set, never incremented, and only by a newer version, so
// that repeats, reordering and several writers end in the same figures. May be lost at any moment:
// then it answers kEmpty until it is filled again. Thread-safe.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"

namespace spm {

struct CounterKey {
  std::string metric;
  // company, region, team, rep or stage.
  std::string grain;
  // 2017-06, 2017-Q2, 2017, or "now".
  std::string period;
  std::string subject;

  auto operator<=>(const CounterKey&) const = default;
};

struct CounterValue {
  // Absent is null.
  std::optional<double> value;
  // Grows with each change of the counter.
  int64_t version = 0;
  // When the last event in it was recorded.
  int64_t recorded_us = 0;
  std::string name;

  bool operator==(const CounterValue&) const = default;
};

using CounterRow = std::pair<CounterKey, CounterValue>;

enum class SetResult {
  kSet,
  // The same or a newer version is there.
  kOld,
  // The store has lost its figures, or holds those of another epoch: Fill it.
  kEmpty,
};

class Counters {
 public:
  virtual ~Counters() = default;

  // Unavailable where the store cannot be reached; the caller keeps the value and fills later.
  virtual StatusOr<SetResult> SetIfNewer(const CounterKey& key, const CounterValue& value) = 0;
  // All counters of the epoch, sorted by key; none after a loss.
  virtual StatusOr<std::vector<CounterRow>> Snapshot() = 0;
  // Sets what is newer of the rows and then the sentinel that ends kEmpty.
  virtual Status Fill(const std::vector<CounterRow>& rows) = 0;
  // A rebuild or a restore raises the epoch: counters of earlier ones are gone, whatever version
  // they had. Lower or equal does nothing.
  virtual Status RaiseEpoch(int64_t epoch) = 0;
  virtual int64_t epoch() const = 0;
};

}  // namespace spm
