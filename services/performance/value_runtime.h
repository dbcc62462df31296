// What the handlers of performance share while it runs. Made once; filled when the service starts.
#pragma once

#include <atomic>

#include "common/app/spec.h"
#include "services/performance/target_book.h"
#include "services/performance/value_live.h"

namespace spm::performance {

struct Runtime {
  TargetCache targets;
  Live live;
  std::atomic<ServiceHost*> host{nullptr};

  // What an answer is based on (D9).
  base::v1::Freshness Freshness() const {
    ServiceHost* h = host.load();
    return h ? h->Freshness() : base::v1::Freshness();
  }
};

}  // namespace spm::performance
