#include "common/rpc/validate.h"

#include <set>
#include <utility>

#include "common/base/ids.h"
#include "common/base/text.h"
#include "common/rpc/field_plan.h"
#include "common/rpc/value_check.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/field_mask.pb.h"

namespace spm {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxViolations = 20;

// Walks a message and gathers what is wrong.
class Walk {
 public:
  explicit Walk(const FieldDescriptor* rows = nullptr) : rows_(rows) {}

  // `required_only` names the required fields that count here; all where it is null.
  void Check(const Message& message, const std::string& prefix,
             const std::set<std::string>* required_only = nullptr) {
    for (const FieldPlan& plan : PlanOf(*message.GetDescriptor()).fields) {
      if (Full()) return;
      const bool counts = required_only == nullptr || required_only->count(plan.field->name()) > 0;
      CheckField(message, plan, PathOf(prefix, plan.field->name()), counts);
    }
  }

  // The resource of an update, under a request that has a mask.
  void CheckUpdate(const Message& request, const FieldDescriptor& mask_field) {
    const Message& mask = request.GetReflection()->GetMessage(request, &mask_field);
    std::set<std::string> named;
    for (const auto& path : static_cast<const google::protobuf::FieldMask&>(mask).paths())
      named.insert(path.substr(0, path.find('.')));
    masked_ = named.count("*") > 0 ? nullptr : &named;
    Check(request, "");
    masked_ = nullptr;
  }

  void Add(const std::string& field, const std::string& description) {
    if (!Full()) found_.push_back({field, description});
  }
  std::vector<Violation> Take() { return std::move(found_); }

 private:
  static std::string PathOf(const std::string& prefix, const std::string& name) {
    return prefix.empty() ? name : prefix + "." + name;
  }
  bool Full() const { return found_.size() >= kMaxViolations; }

  void CheckField(const Message& message, const FieldPlan& plan, const std::string& path,
                  bool required_counts) {
    const Reflection& reflection = *message.GetReflection();
    const bool empty = IsEmpty(message, *plan.field);
    if (empty && plan.required && required_counts) {
      Add(path, plan.field->name() == "request_id" ? kRequestIdRemedy : "is required");
      return;
    }
    if (plan.field->is_repeated()) {
      CheckItems(message, plan, path);
    } else if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!reflection.HasField(message, plan.field)) return;
      CheckChild(reflection.GetMessage(message, plan.field), plan, path);
    } else {
      Note(path, CheckScalar(message, plan, -1));
    }
  }

  void CheckItems(const Message& message, const FieldPlan& plan, const std::string& path) {
    const Reflection& reflection = *message.GetReflection();
    const int size = reflection.FieldSize(message, plan.field);
    if (size > plan.max_items) {
      Add(path, "has " + std::to_string(size) + " items; at most " +
                    std::to_string(plan.max_items) + " are allowed");
      return;
    }
    if (plan.field == rows_) return;
    for (int i = 0; i < size && !Full(); ++i) {
      const std::string item = path + "[" + std::to_string(i) + "]";
      if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
        CheckChild(reflection.GetRepeatedMessage(message, plan.field, i), plan, item);
      else
        Note(item, CheckScalar(message, plan, i));
    }
  }

  void CheckChild(const Message& child, const FieldPlan& plan, const std::string& path) {
    // Only the resource directly below the request is masked.
    const std::set<std::string>* masked = std::exchange(masked_, nullptr);
    if (plan.special == Special::kAny)
      CheckAny(static_cast<const google::protobuf::Any&>(child), path);
    else if (plan.special != Special::kNone)
      Note(path, CheckSpecial(child, plan.special));
    else
      Check(child, path, plan.field->is_repeated() ? nullptr : masked);
    masked_ = masked;
  }

  void CheckAny(const google::protobuf::Any& any, const std::string& path) {
    std::string fault;
    const std::unique_ptr<Message> inner = Unpacked(any, &fault);
    if (inner == nullptr)
      Add(path, fault);
    else
      Check(*inner, path);
  }

  void Note(const std::string& path, const std::string& fault) {
    if (!fault.empty()) Add(path, fault);
  }

  const FieldDescriptor* rows_;
  const std::set<std::string>* masked_ = nullptr;
  std::vector<Violation> found_;
};

void CheckRequestId(const Message& request, Walk* walk) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return;
  const std::string id = request.GetReflection()->GetString(request, field);
  if (!id.empty() && !IsUuidV4(id)) walk->Add("request_id", kRequestIdRemedy);
}

void CheckPageSize(const Message& request, Walk* walk) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("page_size");
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_INT32) return;
  if (request.GetReflection()->GetInt32(request, field) < 0)
    walk->Add("page_size", "must not be negative; 0 takes the default");
}

bool IsRepeatedMessage(const FieldDescriptor* field) {
  return field != nullptr && field->is_repeated() &&
         field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

}  // namespace

std::vector<Violation> ValidateMessage(const Message& message, const std::string& prefix) {
  Walk walk;
  walk.Check(message, prefix);
  return walk.Take();
}

std::vector<Violation> ValidateRequest(const Message& request, const Descriptor& response) {
  const Descriptor& descriptor = *request.GetDescriptor();
  Walk walk(BatchRows(descriptor, response));
  CheckRequestId(request, &walk);
  CheckPageSize(request, &walk);
  const FieldDescriptor* mask = descriptor.FindFieldByName("update_mask");
  if (mask != nullptr && mask->message_type() == google::protobuf::FieldMask::descriptor())
    walk.CheckUpdate(request, *mask);
  else
    walk.Check(request, "");
  return walk.Take();
}

const FieldDescriptor* BatchRows(const Descriptor& request, const Descriptor& response) {
  if (!IsRepeatedMessage(response.FindFieldByName("results"))) return nullptr;
  for (const char* name : {"rows", "leads"}) {
    const FieldDescriptor* field = request.FindFieldByName(name);
    if (IsRepeatedMessage(field)) return field;
  }
  return nullptr;
}

namespace {

// True where a text could begin or end with something to remove: a look at two bytes.
bool MayTrim(const std::string& text) {
  if (text.empty()) return false;
  const auto suspect = [](char c) { return static_cast<uint8_t>(c) <= 0x20 || (c & 0x80) != 0; };
  return suspect(text.front()) || suspect(text.back());
}

void TrimField(Message* message, const FieldDescriptor* field) {
  const Reflection& reflection = *message->GetReflection();
  std::string scratch;
  const int size = field->is_repeated() ? reflection.FieldSize(*message, field) : 1;
  for (int i = 0; i < size; ++i) {
    const std::string& text =
        field->is_repeated() ? reflection.GetRepeatedStringReference(*message, field, i, &scratch)
                             : reflection.GetStringReference(*message, field, &scratch);
    if (!MayTrim(text)) continue;
    const std::string_view trimmed = Trimmed(text);
    if (trimmed.size() == text.size()) continue;
    if (field->is_repeated())
      reflection.SetRepeatedString(message, field, i, std::string(trimmed));
    else
      reflection.SetString(message, field, std::string(trimmed));
  }
}

}  // namespace

void TrimTexts(Message* message) {
  const Reflection& reflection = *message->GetReflection();
  for (const FieldPlan& plan : PlanOf(*message->GetDescriptor()).fields) {
    const FieldDescriptor* field = plan.field;
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      TrimField(message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map() ||
               plan.special != Special::kNone) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(*message, field); ++i)
        TrimTexts(reflection.MutableRepeatedMessage(message, field, i));
    } else if (reflection.HasField(*message, field)) {
      TrimTexts(reflection.MutableMessage(message, field));
    }
  }
}

void ClearOutputOnly(Message* message) {
  const MessagePlan& plan = PlanOf(*message->GetDescriptor());
  if (!plan.has_output_only) return;
  const Reflection& reflection = *message->GetReflection();
  for (const FieldPlan& field : plan.fields) {
    if (field.output_only) {
      reflection.ClearField(message, field.field);
    } else if (field.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (field.field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(*message, field.field); ++i)
        ClearOutputOnly(reflection.MutableRepeatedMessage(message, field.field, i));
    } else if (reflection.HasField(*message, field.field)) {
      ClearOutputOnly(reflection.MutableMessage(message, field.field));
    }
  }
}

}  // namespace spm
