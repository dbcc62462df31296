// The services of the suite, for the process that runs them and for what reads their folder.
#pragma once

#include <vector>

#include "common/app/spec.h"
#include "common/config/config.h"

namespace spm::suite {

std::vector<ServiceSpec> Specs(const Config& config);

}  // namespace spm::suite
