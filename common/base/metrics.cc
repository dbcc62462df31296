#include "common/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <unordered_map>

#include "common/base/process.h"

namespace spm {
namespace {

// Never destroyed: threads may count until the process ends.
prometheus::Registry& Registry() {
  static auto* registry = new prometheus::Registry;
  return *registry;
}

// Handles by the address of what they stand for, so that the same name gives the same handle.
template <typename Metric>
Metric& HandleOf(void* impl, Metric made) {
  static auto* mutex = new std::mutex;
  static auto* handles = new std::unordered_map<void*, Metric>;
  std::lock_guard lock(*mutex);
  return handles->try_emplace(impl, made).first->second;
}

const prometheus::Histogram::BucketBoundaries& Seconds() {
  static const prometheus::Histogram::BucketBoundaries buckets = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return buckets;
}

struct Sources {
  std::mutex mutex;
  uint64_t last = 0;
  std::map<uint64_t, std::function<void()>> all;
};
Sources& TheSources() {
  static auto* sources = new Sources;
  return *sources;
}

}  // namespace

void CounterMetric::Add(double by) { static_cast<prometheus::Counter*>(impl_)->Increment(by); }
double CounterMetric::Value() const { return static_cast<prometheus::Counter*>(impl_)->Value(); }

void GaugeMetric::Set(double value) { static_cast<prometheus::Gauge*>(impl_)->Set(value); }
double GaugeMetric::Value() const { return static_cast<prometheus::Gauge*>(impl_)->Value(); }

void HistogramMetric::Observe(double seconds) {
  static_cast<prometheus::Histogram*>(impl_)->Observe(seconds);
}

CounterMetric& CounterOf(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(Registry());
  CounterMetric metric;
  metric.impl_ = &family.Add(labels);
  return HandleOf(metric.impl_, metric);
}

GaugeMetric& GaugeOf(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(Registry());
  GaugeMetric metric;
  metric.impl_ = &family.Add(labels);
  return HandleOf(metric.impl_, metric);
}

HistogramMetric& HistogramOf(const std::string& name, const std::string& help,
                             const Labels& labels) {
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(Registry());
  HistogramMetric metric;
  metric.impl_ = &family.Add(labels, Seconds());
  return HandleOf(metric.impl_, metric);
}

MetricsSource::MetricsSource(std::function<void()> measure) {
  std::lock_guard lock(TheSources().mutex);
  key_ = ++TheSources().last;
  TheSources().all[key_] = std::move(measure);
}

MetricsSource::~MetricsSource() {
  std::lock_guard lock(TheSources().mutex);
  TheSources().all.erase(key_);
}

std::string MetricsText() {
  {
    std::lock_guard lock(TheSources().mutex);
    MeasureProcess();
    for (const auto& [key, measure] : TheSources().all) measure();
  }
  return prometheus::TextSerializer().Serialize(Registry().Collect());
}

}  // namespace spm
