#include "services/dashboard/gateway_bind.h"

#include <algorithm>
#include <memory>
#include <set>

#include "google/protobuf/any.pb.h"

namespace spm::dashboard {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;
using Kind = JsonValue::Kind;

constexpr size_t kMaxNamesShown = 20;

std::string Join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

std::string Unknown(const Descriptor& type) {
  std::string known;
  for (int i = 0; i < type.field_count(); ++i) {
    if (i == kMaxNamesShown) {
      known += ", ...";
      break;
    }
    known += (i > 0 ? ", " : "") + type.field(i)->json_name();
  }
  return known.empty() ? "there is no such field, nor any other"
                       : "there is no such field; there are: " + known;
}

class JsonBinder {
 public:
  explicit JsonBinder(Violations* wrong) : wrong_(*wrong) {}

  void Fill(const JsonValue& json, Message* message, const std::string& path) {
    const Descriptor& type = *message->GetDescriptor();
    if (json.kind != Kind::kObject)
      return Add(path, std::string("must be an object, not ") + KindName(json.kind));
    if (type.full_name() == "google.protobuf.Any") return FillAny(json, message, path);
    for (const auto& [name, value] : json.members) FillMember(type, name, value, message, path);
  }

 private:
  void Add(const std::string& path, const std::string& what) {
    wrong_.push_back({path.empty() ? "body" : path, what});
  }

  void FillMember(const Descriptor& type, const std::string& name, const JsonValue& value,
                  Message* message, const std::string& parent) {
    const std::string path = Join(parent, name);
    const FieldDescriptor* field = FindField(type, name);
    if (field == nullptr) return Add(path, Unknown(type));
    if (value.kind == Kind::kNull) return;
    const Reflection& reflection = *message->GetReflection();
    const auto* oneof = field->real_containing_oneof();
    bool given = field->is_repeated()
                     ? reflection.FieldSize(*message, field) > 0
                     : field->has_presence() && reflection.HasField(*message, field);
    // ownerId beside owner_id is the same field twice.
    if (given || !seen_.insert({message, field}).second)
      return Add(path, "is given twice: give it once");
    if (oneof != nullptr && reflection.HasOneof(*message, oneof))
      return Add(path, "excludes another field of " + oneof->name() + ": give one of them");
    if (field->is_map()) return FillMap(field, value, message, path);
    if (!field->is_repeated()) return FillOne(field, value, message, path);
    if (value.kind != Kind::kArray)
      return Add(path, std::string("must be an array, not ") + KindName(value.kind));
    for (size_t i = 0; i < value.items.size(); ++i)
      FillOne(field, value.items[i], message, path + "[" + std::to_string(i) + "]");
  }

  void FillOne(const FieldDescriptor* field, const JsonValue& value, Message* message,
               const std::string& path) {
    if (value.kind == Kind::kNull) return Add(path, "must not be null");
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        !(IsTextMessage(*field->message_type()) && value.kind == Kind::kString)) {
      const Reflection& reflection = *message->GetReflection();
      Message* child = field->is_repeated() ? reflection.AddMessage(message, field)
                                            : reflection.MutableMessage(message, field);
      if (MustBeText(*field->message_type()))
        return Add(path, std::string("must be a string, not ") + KindName(value.kind));
      return Fill(value, child, path);
    }
    if (std::string what = WrongKind(field, value.kind); !what.empty()) return Add(path, what);
    if (std::string what = SetFromText(message, field, value.text); !what.empty()) Add(path, what);
  }

  // A date has an object form too; the others are strings only.
  static bool MustBeText(const Descriptor& type) {
    return IsTextMessage(type) && type.full_name() != "google.type.Date";
  }

  static std::string WrongKind(const FieldDescriptor* field, Kind kind) {
    bool text = kind == Kind::kString, number = kind == Kind::kNumber;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return text ? "" : std::string("must be a string, not ") + KindName(kind);
      case FieldDescriptor::CPPTYPE_BOOL:
        return kind == Kind::kBool ? "" : "must be true or false";
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return "";
      case FieldDescriptor::CPPTYPE_ENUM:
        return text || number ? "" : std::string("must be a string, not ") + KindName(kind);
      default:
        return text || number ? "" : std::string("must be a number, not ") + KindName(kind);
    }
  }

  void FillMap(const FieldDescriptor* field, const JsonValue& value, Message* message,
               const std::string& path) {
    if (value.kind != Kind::kObject)
      return Add(path, std::string("must be an object, not ") + KindName(value.kind));
    const Descriptor& entry = *field->message_type();
    for (const auto& [name, item] : value.members) {
      Message* pair = message->GetReflection()->AddMessage(message, field);
      std::string what = SetFromText(pair, entry.map_key(), name);
      if (!what.empty()) Add(Join(path, name), "its name " + what);
      FillOne(entry.map_value(), item, pair, Join(path, name));
    }
  }

  void FillAny(const JsonValue& json, Message* message, const std::string& path) {
    JsonValue rest;
    rest.kind = Kind::kObject;
    std::string url;
    for (const auto& member : json.members) {
      if (member.first == "@type") {
        url = member.second.text;
      } else {
        rest.members.push_back(member);
      }
    }
    std::string name = url.substr(url.rfind('/') + 1);
    const Descriptor* type = DescriptorPool::generated_pool()->FindMessageTypeByName(name);
    if (type == nullptr)
      return Add(Join(path, "@type"),
                 "must name a message, as type.googleapis.com/spm.leads.v1.Lead does");
    std::unique_ptr<Message> body(MessageFactory::generated_factory()->GetPrototype(type)->New());
    // Its own binder: what this one has seen goes by addresses, and the body's will be used again.
    JsonBinder(&wrong_).Fill(rest, body.get(), path);
    static_cast<google::protobuf::Any*>(message)->PackFrom(*body);
  }

  Violations& wrong_;
  std::set<std::pair<const Message*, const FieldDescriptor*>> seen_;
};

// The message that holds the last field of a dotted name, and that field.
struct Target {
  Message* message = nullptr;
  const FieldDescriptor* field = nullptr;
};

std::string FindTarget(const std::string& dotted, Message* root, Target* target) {
  target->message = root;
  for (size_t at = 0;;) {
    size_t end = std::min(dotted.find('.', at), dotted.size());
    const Descriptor& type = *target->message->GetDescriptor();
    target->field = FindField(type, dotted.substr(at, end - at));
    if (target->field == nullptr) return Unknown(type);
    if (end == dotted.size()) return "";
    if (target->field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        target->field->is_repeated())
      return target->field->json_name() + " has no fields that a query can give";
    target->message =
        target->message->GetReflection()->MutableMessage(target->message, target->field);
    at = end + 1;
  }
}

}  // namespace

const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
  if (const FieldDescriptor* field = type.FindFieldByName(name)) return field;
  for (int i = 0; i < type.field_count(); ++i)
    if (type.field(i)->json_name() == name) return type.field(i);
  return nullptr;
}

void BindJson(const JsonValue& json, Message* message, Violations* wrong) {
  JsonBinder(wrong).Fill(json, message, "");
}

void BindQuery(const HttpFields& query, Message* message, Violations* wrong) {
  std::set<std::pair<const Message*, const FieldDescriptor*>> seen;
  for (const auto& [name, text] : query) {
    Target target;
    std::string what = FindTarget(name, message, &target);
    if (what.empty() && !target.field->is_repeated() &&
        !seen.insert({target.message, target.field}).second)
      what = "is given twice: give it once";
    if (what.empty()) what = SetFromText(target.message, target.field, text);
    if (!what.empty()) wrong->push_back({IsUtf8(name) ? name : "query", what});
  }
}

}  // namespace spm::dashboard
