// Checks of single values, for validate.cc: each returns what is wrong and how to mend it, or
// nothing. Pure functions.
#pragma once

#include <memory>
#include <string>

#include "common/rpc/field_plan.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/message.h"

namespace spm {

inline constexpr char kRequestIdRemedy[] =
    "must be a version-4 UUID, made anew for each command and sent again with each retry of it";

// Not set; a text of blanks counts as empty.
bool IsEmpty(const google::protobuf::Message& message,
             const google::protobuf::FieldDescriptor& field);

// A field that is no message; item `index` of it where that is not negative.
std::string CheckScalar(const google::protobuf::Message& message, const FieldPlan& plan, int index);

// A day, a moment, an amount of money or a mask.
std::string CheckSpecial(const google::protobuf::Message& message, Special special);

// What is packed in it; nullptr with the fault where this binary knows no such message.
std::unique_ptr<google::protobuf::Message> Unpacked(const google::protobuf::Any& any,
                                                    std::string* fault);

}  // namespace spm
