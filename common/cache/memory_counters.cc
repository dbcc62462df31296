#include "common/cache/memory_counters.h"

namespace spm {

bool MemoryCounters::Set(const CounterKey& key, const CounterValue& value) {
  auto [it, added] = rows_.try_emplace(key, value);
  if (added) return true;
  if (value.version <= it->second.version) return false;
  it->second = value;
  return true;
}

StatusOr<SetResult> MemoryCounters::SetIfNewer(const CounterKey& key, const CounterValue& value) {
  std::lock_guard lock(mutex_);
  if (!filled_) return SetResult::kEmpty;
  return Set(key, value) ? SetResult::kSet : SetResult::kOld;
}

StatusOr<std::vector<CounterRow>> MemoryCounters::Snapshot() {
  std::lock_guard lock(mutex_);
  return std::vector<CounterRow>(rows_.begin(), rows_.end());
}

Status MemoryCounters::Fill(const std::vector<CounterRow>& rows) {
  std::lock_guard lock(mutex_);
  for (const auto& [key, value] : rows) Set(key, value);
  filled_ = true;
  return OkStatus();
}

Status MemoryCounters::RaiseEpoch(int64_t epoch) {
  std::lock_guard lock(mutex_);
  if (epoch <= epoch_) return OkStatus();
  epoch_ = epoch;
  rows_.clear();
  filled_ = false;
  return OkStatus();
}

int64_t MemoryCounters::epoch() const {
  std::lock_guard lock(mutex_);
  return epoch_;
}

void MemoryCounters::Lose() {
  std::lock_guard lock(mutex_);
  rows_.clear();
  filled_ = false;
}

}  // namespace spm
