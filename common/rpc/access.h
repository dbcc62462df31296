// Who may call what, from the access annotations of the protos. Pure functions.
#pragma once

#include <vector>

#include "common/base/status.h"
#include "common/org/caller.h"
#include "google/protobuf/descriptor.h"

namespace spm {

// PERMISSION_DENIED, naming the roles that may, where the caller has none of them.
Status CheckAccess(const google::protobuf::MethodDescriptor* method, const Caller& caller);

// INTERNAL naming the first method whose annotation is missing or allows nobody.
Status EveryMethodHasAccess(const std::vector<const google::protobuf::MethodDescriptor*>& methods);

}  // namespace spm
