// Table of contents of leads: customers, contacts, leads, opportunities and their stages.
#pragma once

#include "common/app/spec.h"

namespace spm::leads {

ServiceSpec LeadsService();

}  // namespace spm::leads
