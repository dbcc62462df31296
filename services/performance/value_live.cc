#include "services/performance/value_live.h"

#include <algorithm>
#include <chrono>

#include "common/base/log.h"
#include "common/base/metrics.h"

namespace spm::performance {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kGap{50};
// Also how long a new day or organisation may go unnoticed.
constexpr milliseconds kTick{500};
// While facts keep coming. What is not written is added up again at the next start, some 100,000
// facts a second.
constexpr int64_t kFlushEveryUs = 5 * kSecondUs;

int64_t SteadyUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             steady_clock::now().time_since_epoch())
      .count();
}

int32_t Today(const ServiceHost& host) { return host.company()->zone.DayAt(host.clock().NowUs()); }

}  // namespace

Status Live::Start(ServiceHost& host, TargetCache& targets) {
  host_ = &host;
  targets_ = &targets;
  stop_ = false;
  // A restart must not take a counter back to an older version.
  version_ = host.clock().NowUs();
  stale_ = true;
  thread_ = std::thread([this] { Loop(); });
  return OkStatus();
}

void Live::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Live::Wake() {
  ++waiting_;
  Poke();
}

void Live::Poke() const {
  std::lock_guard lock(mutex_);
  poked_ = true;
  wake_.notify_all();
}

void Live::Reset() {
  stale_ = true;
  Wake();
}

int64_t Live::changed() const {
  if (!host_) return 0;
  std::lock_guard lock(state_mutex_);
  const bool moved = today_ != Today(*host_) || directory_ != host_->directory();
  // Whoever asks waits for it.
  if (moved) Poke();
  return waiting_ + (stale_ || reloading_ || moved ? 1 : 0);
}

void Live::Loop() {
  for (;;) {
    const auto started = steady_clock::now();
    if (Status status = Step(); !status.ok()) {
      LogWarn("live counters wait", {{"error", std::string(status.message())}});
      stale_ = true;
      reloading_ = false;
    }
    std::unique_lock lock(mutex_);
    if (wake_.wait_until(lock, started + kGap, [this] { return stop_; })) return;
    wake_.wait_until(lock, started + kTick, [this] { return stop_ || poked_; });
    if (stop_) return;
    poked_ = false;
  }
}

Status Live::Reload(Reader& reader, int32_t today, std::shared_ptr<const Directory> directory) {
  ASSIGN_OR_RETURN(std::vector<StageCopy> stages, ReadStages(reader));
  counters_.Begin(today, directory, stages);
  RETURN_IF_ERROR(rollups_.Load(reader, counters_.first_day(), today,
                                [this](const RollupRow& row) { counters_.Add(row); }));
  return OkStatus();
}

Status Live::Step() {
  const int64_t waiting = waiting_.load();
  if (!rollups_.dirty()) clean_us_ = SteadyUs();
  auto directory = host_->directory();
  auto company = host_->company();
  const int32_t today = Today(*host_);
  if (!directory) return OkStatus();
  {
    ASSIGN_OR_RETURN(std::unique_ptr<Snapshot> snapshot, host_->db().OpenSnapshot());
    if (stale_ || today != today_ || directory != directory_ || company != company_) {
      // In this order, so that it never looks as if there were nothing to do.
      reloading_ = true;
      stale_ = false;
      RETURN_IF_ERROR(Reload(*snapshot, today, directory));
      company_ = company;
    } else if (waiting > 0) {
      RETURN_IF_ERROR(
          rollups_.Pull(*snapshot, [this](const RollupRow& row) { counters_.Add(row); }));
    }
    ASSIGN_OR_RETURN(auto book, targets_->Get(*snapshot));
    if (book != book_) counters_.UseTargets(book_ = book);
  }
  Publish();
  const bool idle =
      waiting_.load() == waiting && host_->lane().idle() && host_->Freshness().pending() == 0;
  {
    std::lock_guard lock(state_mutex_);
    today_ = today;
    directory_ = std::move(directory);
    reloading_ = false;
    waiting_ -= waiting;
  }
  // After that, since nobody waits for it: the values are told.
  if (rollups_.dirty() && (idle || SteadyUs() - clean_us_ > kFlushEveryUs))
    return rollups_.Flush(host_->lane());
  return OkStatus();
}

void Live::Publish() {
  const int64_t recorded_us = host_->Freshness().recorded_us();
  const int64_t now_us = host_->clock().NowUs();
  auto changed = counters_.Take(MinorPerMajor(company_->currency));
  for (v1::ValueChanged& value : changed) {
    value.set_version(version_ = std::max(version_ + 1, now_us));
    value.set_recorded_us(recorded_us);
    host_->bus().PublishValue(ValueKey(value), value.SerializeAsString());
  }
  if (changed.empty()) return;
  static CounterMetric& told =
      CounterOf("spm_live_values_total", "Live values told to the dashboards");
  told.Add(static_cast<double>(changed.size()));
}

}  // namespace spm::performance
