// Poison for tests of a real process: consumers refuse chosen events until they are cured, so that
// what is held, replayed and discarded can be counted. Which ones goes by the event's id alone. A
// value; Refuses is thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/events/dispatch.h"

namespace spm {

struct Poison {
  // Of `of` events, `share` are refused; 0 is none.
  uint32_t share = 0;
  uint32_t of = 1;
  // Only in this consuming service, only of this payload type ("spm.leads.v1.LeadCreated"); empty
  // is any.
  std::string service;
  std::string type;
  // Nothing is refused any more once this file is there; empty is never.
  std::string cure;

  bool Refuses(const std::string& consumer, const base::v1::Event& event) const;
  // The consumer, refusing what is poison to `service`.
  Consumer Applied(const std::string& service, Consumer consumer) const;
};

}  // namespace spm
