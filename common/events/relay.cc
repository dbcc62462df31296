#include "common/events/relay.h"

#include <chrono>

#include "common/base/log.h"
#include "common/base/metrics.h"

namespace spm {
namespace {

constexpr int kSpan = 1000;
constexpr auto kPoll = std::chrono::milliseconds(500);

}  // namespace

Relay::Relay(std::string service, Db& db, Lane& lane, Bus& bus)
    : service_(std::move(service)), db_(db), lane_(lane), bus_(bus) {}

Relay::~Relay() { Stop(); }

void Relay::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Relay::Wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void Relay::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  // What is under way refers to this; its answers come from lanes that still run.
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return in_flight_.load() == 0; });
}

int64_t Relay::OldestUs() const {
  std::lock_guard lock(mutex_);
  int64_t oldest_us = 0;
  for (int64_t us : oldest_us_)
    if (us != 0 && (oldest_us == 0 || us < oldest_us)) oldest_us = us;
  return oldest_us;
}

void Relay::Loop() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kPoll, [this] { return woken_ || stopping_; });
      if (stopping_) return;
      woken_ = false;
    }
    auto snapshot = db_.OpenSnapshot();
    if (!snapshot.ok()) continue;
    for (int part = 0; part < kOutboxParts; ++part) PublishPart(**snapshot, part);
  }
}

void Relay::PublishPart(Reader& reader, int part) {
  {
    std::lock_guard lock(mutex_);
    if (busy_[part] || stopping_) return;
  }
  auto events = ReadOutbox(reader, part, kSpan);
  if (!events.ok() || events->empty()) return;
  const int64_t oldest_us = events->front().recorded_us();
  std::vector<Envelope> span;
  std::vector<int64_t> seqs;
  for (base::v1::Event& e : *events) {
    seqs.push_back(e.seq());
    span.push_back({service_, std::move(e)});
  }
  {
    std::lock_guard lock(mutex_);
    busy_[part] = true;
    oldest_us_[part] = oldest_us;
    ++in_flight_;
  }
  bus_.Publish(service_, std::move(span), [this, part, seqs](const Status& status) {
    if (status.ok()) {
      if (paused_.exchange(false)) LogInfo("delivery goes on", {{"service", service_}});
      Delivered(part, seqs);
      return;
    }
    // The next poll offers them again; told once, and not of each part twice a second.
    if (!paused_.exchange(true))
      LogWarn("delivery paused", {{"service", service_}, {"error", std::string(status.message())}});
    Release(part, false);
  });
}

void Relay::Delivered(int part, std::vector<int64_t> seqs) {
  const auto n = static_cast<double>(seqs.size());
  lane_.Submit(spm::Delivered{part, std::move(seqs), [this, part, n](const Status& status) {
                                if (status.ok())
                                  CounterOf("spm_events_delivered_total",
                                            "Events that all consumers have",
                                            {{"service", service_}})
                                      .Add(n);
                                Release(part, status.ok());
                              }});
}

void Relay::Release(int part, bool again) {
  std::lock_guard lock(mutex_);
  busy_[part] = false;
  --in_flight_;
  if (again) {
    woken_ = true;
    oldest_us_[part] = 0;
  }
  wake_.notify_all();
}

}  // namespace spm
