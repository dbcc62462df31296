// What the annotations of a message's fields ask for, read from its descriptor once and kept.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace spm {

// Messages that are checked as a whole.
enum class Special { kNone, kDate, kMoney, kTimestamp, kAny, kMask };

struct FieldPlan {
  const google::protobuf::FieldDescriptor* field = nullptr;
  bool required = false;
  bool output_only = false;
  int max_bytes = 0;
  int max_items = 0;
  // Both 0 is no limit.
  int64_t min = 0;
  int64_t max = 0;
  bool multiline = false;
  Special special = Special::kNone;
};

struct MessagePlan {
  std::vector<FieldPlan> fields;
  // Here or in a message below.
  bool has_output_only = false;
};

const MessagePlan& PlanOf(const google::protobuf::Descriptor& message);

}  // namespace spm
