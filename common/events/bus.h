// The bus between services: events of journals to consumers, derived values to the dashboards. In
// process here; Kafka behind the same interface. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/events/event.h"

namespace spm {

// A consuming service's end: takes a span of events of one source and answers when they are applied
// or held. Unavailable means: pause, lose nothing, offer them again.
using Deliver = std::function<void(std::vector<Envelope>, std::function<void(Status)> done)>;

class Bus {
 public:
  virtual ~Bus() = default;
  // `consumer` follows `source` from now on.
  virtual void Subscribe(const std::string& source, const std::string& consumer,
                         Deliver deliver) = 0;
  // Offers events of one outbox part, in journal order for each aggregate; `done` is OK when all
  // consumers have them.
  virtual void Publish(const std::string& source, std::vector<Envelope> events,
                       std::function<void(Status)> done) = 0;

  // The compacted topic of derived values: the newest bytes of each key.
  virtual void PublishValue(const std::string& key, const std::string& bytes) = 0;
  // Hands out what is there, then every change. The function must be quick.
  virtual void SubscribeValues(
      std::function<void(const std::string& key, const std::string& bytes)> f) = 0;
};

}  // namespace spm
