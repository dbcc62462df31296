// Updates by field mask (AIP-161), for every resource. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "common/base/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace spm {

// Copies the fields that `mask` names from `from` to `to`; an empty mask names those of `allowed`
// that are set, and refuses others that would change something. INVALID_ARGUMENT names the path
// that may not be updated, and those that may.
Status ApplyMask(const google::protobuf::FieldMask& mask, const std::vector<std::string>& allowed,
                 const google::protobuf::Message& from, google::protobuf::Message* to);

}  // namespace spm
