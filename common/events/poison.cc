#include "common/events/poison.h"

#include <unistd.h>

#include <utility>

namespace spm {
namespace {

Status Refused() { return InvalidField("SPM_TEST_BUS", "this event is poison"); }

}  // namespace

bool Poison::Refuses(const std::string& consumer, const base::v1::Event& event) const {
  if (share == 0) return false;
  if (!service.empty() && service != consumer) return false;
  if (!type.empty() && type != event.type()) return false;
  const std::string id = event.aggregate_id() + "." + std::to_string(event.version());
  if (Murmur2(id) % of >= share) return false;
  return cure.empty() || access(cure.c_str(), F_OK) != 0;
}

Consumer Poison::Applied(const std::string& name, Consumer consumer) const {
  if (share == 0) return consumer;
  for (auto& [type_name, function] : consumer.types)
    function = [poison = *this, name, f = std::move(function)](Tx& tx, const base::v1::Event& event,
                                                               const Call& call) {
      return poison.Refuses(name, event) ? Refused() : f(tx, event, call);
    };
  if (consumer.span)
    consumer.span = [poison = *this, name, f = std::move(consumer.span)](
                        Tx& tx, const std::vector<base::v1::Event>& events, const Call& call) {
      for (const auto& event : events)
        if (poison.Refuses(name, event)) return Refused();
      return f(tx, events, call);
    };
  return consumer;
}

}  // namespace spm
