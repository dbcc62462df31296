// What each process shows of itself: /metrics (Prometheus), /livez, /readyz, /startupz.
// Thread-safe as far as its checks are.
#pragma once

#include <functional>
#include <optional>

#include "common/base/status.h"
#include "common/http/message.h"

namespace spm {

// Quick; an empty one passes. The message of a failed one is shown.
struct HealthChecks {
  // Not OK: the process should be restarted.
  std::function<Status()> live;
  // Not OK: send no requests now.
  std::function<Status()> ready;
  // Not OK: still migrating or filling its memory.
  std::function<Status()> started;
};

// nullopt where the path is none of them.
std::optional<HttpResponse> AdminResponse(const HttpRequest& request, const HealthChecks& checks);

}  // namespace spm
