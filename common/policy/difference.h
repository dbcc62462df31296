// What differs between two bodies of a policy, field by field, for those who decide about it. Pure.
#pragma once

#include <vector>

#include "google/protobuf/message.h"
#include "spm/base/v1/policy.pb.h"

namespace spm {

// In the order of the fields. Elements of a list that have an `id` are told apart by it, others by
// their place: stages[quote].stall_days, budget_bands[0].points. A null `before` is nothing yet.
std::vector<base::v1::PolicyChange> DifferenceOf(const google::protobuf::Message* before,
                                                 const google::protobuf::Message& after);

// The value's short name: STAGE_KIND_OPEN of StageKind is "open".
std::string ShortName(const google::protobuf::EnumValueDescriptor& value);

}  // namespace spm
