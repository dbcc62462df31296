// Whether the company's settings make sense. Pure.
#pragma once

#include <string>

#include "common/base/status.h"
#include "google/protobuf/message.h"
#include "spm/org/v1/policy.pb.h"

namespace spm::org {

// A known currency, a known zone, and a language that the page speaks. INVALID_ARGUMENT names each
// field as body.<path>.
Status CheckCompany(const v1::CompanyPolicy& company);

// The same by kind; org has the one of "company".
Status CheckPolicyBody(const std::string& kind, const google::protobuf::Message& body);

}  // namespace spm::org
