// DashboardService: the live counters by gRPC. Thread-safe.
#pragma once

#include <functional>

#include "common/rpc/channel.h"
#include "common/rpc/method.h"
#include "services/dashboard/counters.h"

namespace spm::dashboard {

// GetCounters: what the caller may see, filtered as it asks. `performance` gives the channel,
// nullptr while there is none. The counters outlive the method.
RpcMethod GetCountersMethod(const LiveCounters& counters, std::function<Channel*()> performance);

}  // namespace spm::dashboard
