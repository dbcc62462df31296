// Bodies of policies as YAML that people edit, and back. One thread.
#pragma once

#include <string>

#include "common/base/status.h"
#include "google/protobuf/message.h"

namespace spm::suite {

// Every field, in the order of the proto; words of an enum without its name (open, won, lost).
std::string BodyToYaml(const google::protobuf::Message& body);

// Fills an empty message. INVALID_ARGUMENT names file, line and what would be right: an unknown key
// (with the nearest known one), a key twice, a value of another type. A key that is left out is 0,
// no or empty.
Status BodyFromYaml(const std::string& file, const std::string& text,
                    google::protobuf::Message* body);

}  // namespace spm::suite
