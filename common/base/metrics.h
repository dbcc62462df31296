// Prometheus metrics of the process: `spm_<what>_<unit>`, counters end in _total. Look one up once
// and keep the reference. Thread-safe.
#pragma once

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

// Everything in the text format of Prometheus.
std::string MetricsText();

}  // namespace spm
