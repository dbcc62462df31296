// performance: facts, metrics, targets, live figures.
#pragma once

#include "common/app/spec.h"

namespace spm::performance {

ServiceSpec PerformanceService();

}  // namespace spm::performance
