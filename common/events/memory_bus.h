// The bus inside one process: consumers are called directly, values are kept in a map. For tests it
// interleaves aggregates and repeats events by a seed, as Kafka may. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "common/events/bus.h"
#include "common/events/poison.h"

namespace spm {

class MemoryBus : public Bus {
 public:
  struct Disorder {
    // 0 leaves everything in order.
    uint64_t seed = 0;
    // Each event comes up to this many times more.
    int duplicates = 0;
    // What consumers refuse; the process hands it to them.
    Poison poison = {};
  };
  // "seed=7,duplicates=3,poison=1/100,in=performance,type=spm.leads.v1.LeadCreated,cure=FILE", each
  // of them or none, as SPM_TEST_BUS gives it. INVALID_ARGUMENT otherwise.
  static StatusOr<Disorder> ParseDisorder(const std::string& text);

  MemoryBus() : MemoryBus(Disorder{}) {}
  explicit MemoryBus(Disorder disorder) : disorder_(std::move(disorder)), random_(disorder_.seed) {}

  void Subscribe(const std::string& source, const std::string& consumer, Deliver deliver) override;
  void Publish(const std::string& source, std::vector<Envelope> events,
               std::function<void(Status)> done) override;
  void PublishValue(const std::string& key, const std::string& bytes) override;
  void SubscribeValues(std::function<void(const std::string&, const std::string&)> f) override;

 private:
  std::vector<Envelope> Disordered(std::vector<Envelope> events);

  Disorder disorder_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  std::multimap<std::string, Deliver> consumers_;
  std::mutex values_mutex_;
  std::map<std::string, std::string> values_;
  std::vector<std::function<void(const std::string&, const std::string&)>> readers_;
};

}  // namespace spm
