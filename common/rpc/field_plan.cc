#include "common/rpc/field_plan.h"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_map>

#include "google/api/field_behavior.pb.h"
#include "spm/base/v1/options.pb.h"

namespace spm {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kDefaultBytes = 1000;
constexpr int kDefaultItems = 1000;

Special SpecialOf(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return Special::kNone;
  static const auto* specials = new std::map<std::string, Special>{
      {"google.type.Date", Special::kDate},
      {"google.type.Money", Special::kMoney},
      {"google.protobuf.Timestamp", Special::kTimestamp},
      {"google.protobuf.Any", Special::kAny},
      {"google.protobuf.FieldMask", Special::kMask},
  };
  const auto found = specials->find(field.message_type()->full_name());
  return found == specials->end() ? Special::kNone : found->second;
}

FieldPlan PlanField(const FieldDescriptor& field) {
  FieldPlan plan;
  plan.field = &field;
  plan.special = SpecialOf(field);
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    const int behavior = options.GetExtension(google::api::field_behavior, i);
    plan.required = plan.required || behavior == google::api::REQUIRED;
    plan.output_only = plan.output_only || behavior == google::api::OUTPUT_ONLY;
  }
  const auto& limit = options.GetExtension(base::v1::limit);
  plan.max_bytes = limit.max_bytes() > 0 ? limit.max_bytes() : kDefaultBytes;
  plan.max_items = limit.max_items() > 0 ? limit.max_items() : kDefaultItems;
  plan.min = limit.min();
  plan.max = limit.max();
  plan.multiline = limit.multiline();
  return plan;
}

bool HasOutputOnly(const Descriptor& message, std::set<const Descriptor*>* seen) {
  if (!seen->insert(&message).second) return false;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (PlanField(field).output_only) return true;
    if (field.message_type() != nullptr && HasOutputOnly(*field.message_type(), seen)) return true;
  }
  return false;
}

std::unique_ptr<MessagePlan> MakePlan(const Descriptor& message) {
  auto plan = std::make_unique<MessagePlan>();
  for (int i = 0; i < message.field_count(); ++i)
    plan->fields.push_back(PlanField(*message.field(i)));
  std::set<const Descriptor*> seen;
  plan->has_output_only = HasOutputOnly(message, &seen);
  return plan;
}

}  // namespace

const MessagePlan& PlanOf(const Descriptor& message) {
  static auto* mutex = new std::shared_mutex;
  static auto* plans = new std::unordered_map<const Descriptor*, std::unique_ptr<MessagePlan>>;
  {
    std::shared_lock lock(*mutex);
    const auto found = plans->find(&message);
    if (found != plans->end()) return *found->second;
  }
  auto made = MakePlan(message);
  std::unique_lock lock(*mutex);
  return *plans->try_emplace(&message, std::move(made)).first->second;
}

}  // namespace spm
