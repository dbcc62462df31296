// Waits until what was written shows everywhere: every service has applied the journals of the
// others. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "common/base/status.h"
#include "services/suite/session.h"

namespace spm::suite {

struct SettleOptions {
  // Also waits until derived values are published.
  bool values = false;
  // Without any progress for this long: DEADLINE_EXCEEDED.
  std::chrono::seconds patience{60};
  // Called with the number of events that wait.
  std::function<void(int64_t)> waiting;
};

// Returns the number of events that are held after a fault.
StatusOr<int64_t> Settle(Session* session, const SettleOptions& options);

}  // namespace spm::suite
