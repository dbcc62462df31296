// How a service stands, as operators and /metrics are told. For common/app's own files; any thread.
#pragma once

#include "common/app/app.h"
#include "spm/base/v1/operations.pb.h"

namespace spm {

StatusOr<base::v1::ServiceStatus> StatusOf(App& app, ServiceRuntime& service);

// Sets the gauges of every service to what is now; asked before each scrape.
void MeasureServices(App& app);

}  // namespace spm
