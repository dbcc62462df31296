#include "services/dashboard/counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/base/log.h"
#include "spm/performance/v1/events.pb.h"

namespace spm::dashboard {

LiveCounters::LiveCounters(Counters& store, const Clock& clock)
    : store_(store),
      clock_(clock),
      started_us_(clock.NowUs()),
      version_(started_us_),
      lag_(HistogramOf("spm_dashboard_lag_seconds", "From an event to its counter")),
      dropped_(CounterOf("spm_dashboard_values_dropped_total", "Values that could not be decoded")),
      size_(GaugeOf("spm_dashboard_counters", "Live counters")) {
  auto rows = store_.Snapshot();
  if (!rows.ok()) {
    store_behind_ = true;
    return;
  }
  for (auto& [key, value] : *rows) Take(key, std::move(value));
}

void LiveCounters::OnChange(std::function<void()> on_change) {
  std::lock_guard lock(mutex_);
  on_change_ = std::move(on_change);
}

bool LiveCounters::Take(const CounterKey& key, CounterValue value) {
  auto [it, added] = entries_.try_emplace(key);
  if (!added && value.version <= it->second.value.version) return false;
  if (!added) changes_.erase(it->second.changed);
  it->second = {std::move(value), ++version_};
  changes_.emplace(version_, &it->first);
  size_.Set(static_cast<double>(entries_.size()));
  return true;
}

void LiveCounters::OnValue(const std::string& topic_key, const std::string& bytes) {
  performance::v1::ValueChanged message;
  if (!message.ParseFromString(bytes)) {
    dropped_.Add();
    LogWarn("a value cannot be decoded", {{"key", topic_key}});
    return;
  }
  CounterKey key{message.metric(), message.grain(), message.period(), message.subject()};
  CounterValue value{std::nullopt, message.version(), message.recorded_us(), message.name()};
  if (message.has_value()) value.value = message.value();
  std::function<void()> on_change;
  {
    std::lock_guard lock(mutex_);
    if (!Take(key, value)) return;
    on_change = on_change_;
    // Values from before this process are no measure of how fast it is.
    if (value.recorded_us >= started_us_) {
      int64_t lag_us = std::max<int64_t>(0, clock_.NowUs() - value.recorded_us);
      lag_ms_ = lag_us / 1000;
      lag_.Observe(static_cast<double>(lag_us) / 1e6);
    }
  }
  if (on_change) on_change();
  Share(key, value);
}

// Streams do not wait for the store, nor does a store that is away stop them.
void LiveCounters::Share(const CounterKey& key, const CounterValue& value) {
  auto result = store_.SetIfNewer(key, value);
  std::vector<CounterRow> all;
  {
    std::lock_guard lock(mutex_);
    if (!result.ok()) {
      store_behind_ = true;
      return;
    }
    if (*result != SetResult::kEmpty && !store_behind_) return;
    store_behind_ = false;
    for (const auto& [k, entry] : entries_) all.emplace_back(k, entry.value);
  }
  if (store_.Fill(all).ok()) return;
  std::lock_guard lock(mutex_);
  store_behind_ = true;
}

LiveCounters::Changes LiveCounters::Since(int64_t since, size_t limit, const Filter& filter) const {
  Changes changes;
  std::lock_guard lock(mutex_);
  changes.version = version_;
  for (auto it = changes_.upper_bound(since); it != changes_.end(); ++it) {
    if (!filter(*it->second)) continue;
    if (changes.rows.size() == limit) {
      changes.version = std::prev(it)->first;
      changes.more = true;
      break;
    }
    changes.rows.emplace_back(*it->second, entries_.at(*it->second).value);
  }
  return changes;
}

int64_t LiveCounters::version() const {
  std::lock_guard lock(mutex_);
  return version_;
}

int64_t LiveCounters::lag_ms() const {
  std::lock_guard lock(mutex_);
  return lag_ms_;
}

void AppendCounterJson(const CounterRow& row, std::string* out) {
  const auto& [key, value] = row;
  *out += fmt::format(R"({{"metric":{},"grain":{},"period":{},"subject":{},"name":{},)",
                      JsonQuote(key.metric), JsonQuote(key.grain), JsonQuote(key.period),
                      JsonQuote(key.subject), JsonQuote(value.name));
  if (value.value && std::isfinite(*value.value))
    *out += fmt::format(R"("value":{},)", *value.value);
  *out += fmt::format(R"("version":"{}","recordedUs":"{}"}})", value.version, value.recorded_us);
}

}  // namespace spm::dashboard
