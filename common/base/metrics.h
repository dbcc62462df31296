// Prometheus metrics of the process: `spm_<what>_<unit>`, counters end in _total. Look one up once
// and keep the reference. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace spm {

using Labels = std::map<std::string, std::string>;

class CounterMetric {
 public:
  void Add(double by = 1);
  double Value() const;

 private:
  friend CounterMetric& CounterOf(const std::string&, const std::string&, const Labels&);
  void* impl_ = nullptr;
};

class GaugeMetric {
 public:
  void Set(double value);
  double Value() const;

 private:
  friend GaugeMetric& GaugeOf(const std::string&, const std::string&, const Labels&);
  void* impl_ = nullptr;
};

class HistogramMetric {
 public:
  // Seconds.
  void Observe(double seconds);

 private:
  friend HistogramMetric& HistogramOf(const std::string&, const std::string&, const Labels&);
  void* impl_ = nullptr;
};

// The metric of a name and its labels, made at first use and kept for ever.
CounterMetric& CounterOf(const std::string& name, const std::string& help, const Labels& = {});
GaugeMetric& GaugeOf(const std::string& name, const std::string& help, const Labels& = {});
// Buckets from 0.5 ms to 10 s.
HistogramMetric& HistogramOf(const std::string& name, const std::string& help, const Labels& = {});

// Asked before everything is told, for gauges that are looked up then; until it is destroyed, which
// waits for a look under way.
class MetricsSource {
 public:
  explicit MetricsSource(std::function<void()> measure);
  ~MetricsSource();
  MetricsSource(const MetricsSource&) = delete;

 private:
  uint64_t key_;
};

// Everything in the text format of Prometheus, with what every process tells: version, processor
// time, memory, open files, start.
std::string MetricsText();

}  // namespace spm
