// Table of contents of org: people, units, who belongs where and from when.
#pragma once

#include "common/app/spec.h"
#include "spm/org/v1/policy.pb.h"

namespace spm::org {

// `company` are the settings that the first start publishes.
ServiceSpec OrgService(const v1::CompanyPolicy& company);

}  // namespace spm::org
