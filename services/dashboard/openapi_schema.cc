#include "services/dashboard/openapi_schema.h"

#include <algorithm>

#include "common/base/log.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "services/dashboard/gateway_bind.h"
#include "spm/base/v1/options.pb.h"

namespace spm::dashboard {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptorSet;
using google::protobuf::SourceLocation;

constexpr int kDefaultMaxBytes = 1000;

// Lines of a comment as one paragraph.
std::string Paragraph(const std::string& comment) {
  std::string out;
  for (size_t at = 0; at < comment.size();) {
    size_t end = std::min(comment.find('\n', at), comment.size());
    std::string line = comment.substr(at, end - at);
    line.erase(0, line.find_first_not_of(' '));
    if (!line.empty()) out += (out.empty() ? "" : " ") + line;
    at = end + 1;
  }
  return out;
}

template <typename D>
std::string CommentOf(const D* descriptor) {
  SourceLocation location;
  if (descriptor == nullptr || !descriptor->GetSourceLocation(&location)) return "";
  return Paragraph(location.leading_comments);
}

bool HasBehavior(const FieldDescriptor& field, google::api::FieldBehavior wanted) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i)
    if (options.GetExtension(google::api::field_behavior, i) == wanted) return true;
  return false;
}

std::string Type(const char* type, const char* format = "") {
  return JsonObject({{"type", JsonQuote(type)}, {"format", *format ? JsonQuote(format) : ""}});
}

// Messages that are written as something else than an object of their fields.
std::string WellKnown(const std::string& name) {
  if (name == "google.protobuf.Timestamp") return Type("string", "date-time");
  if (name == "google.protobuf.Duration") return Type("string", "duration");
  if (name == "google.protobuf.FieldMask")
    return R"({"type":"string","description":"Names of fields, separated by commas.","examples":["name,amount"]})";
  if (name == "google.protobuf.Any")
    return R"({"type":"object","required":["@type"],"properties":{"@type":{"type":"string","examples":["type.googleapis.com/spm.leads.v1.Pipeline"]}}})";
  return "";
}

}  // namespace

std::string JsonObject(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (value.empty()) continue;
    if (out.size() > 1) out += ',';
    out += JsonQuote(name) + ":" + value;
  }
  return out + "}";
}

std::string JsonArray(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + "]";
}

bool IsRequired(const FieldDescriptor& field) { return HasBehavior(field, google::api::REQUIRED); }

Comments::Comments(std::string_view descriptor_set) {
  FileDescriptorSet files;
  if (descriptor_set.empty() ||
      !files.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size())))
    return;
  pool_ = std::make_unique<DescriptorPool>();
  for (const auto& file : files.file()) pool_->BuildFile(file);
}
Comments::~Comments() = default;

std::string Comments::Of(const Descriptor& m) const {
  return pool_ == nullptr ? "" : CommentOf(pool_->FindMessageTypeByName(m.full_name()));
}
std::string Comments::Of(const FieldDescriptor& f) const {
  return pool_ == nullptr ? "" : CommentOf(pool_->FindFieldByName(f.full_name()));
}
std::string Comments::Of(const EnumDescriptor& e) const {
  return pool_ == nullptr ? "" : CommentOf(pool_->FindEnumTypeByName(e.full_name()));
}
std::string Comments::Of(const google::protobuf::MethodDescriptor& r) const {
  return pool_ == nullptr ? "" : CommentOf(pool_->FindMethodByName(r.full_name()));
}
std::string Comments::Of(const google::protobuf::ServiceDescriptor& s) const {
  return pool_ == nullptr ? "" : CommentOf(pool_->FindServiceByName(s.full_name()));
}

std::string Schemas::Ref(const Descriptor& message) {
  std::string known = WellKnown(message.full_name());
  if (!known.empty()) return known;
  if (begun_.insert(message.full_name()).second) components_[message.full_name()] = Object(message);
  return JsonObject({{"$ref", JsonQuote("#/components/schemas/" + message.full_name())}});
}

std::string Schemas::Object(const Descriptor& message) {
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<std::string> required;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    properties.emplace_back(field.json_name(), Field(field));
    if (IsRequired(field)) required.push_back(JsonQuote(field.json_name()));
  }
  std::string comment = comments_.Of(message);
  std::string object = JsonObject({{"type", "\"object\""},
                                   {"description", comment.empty() ? "" : JsonQuote(comment)},
                                   {"required", required.empty() ? "" : JsonArray(required)},
                                   {"properties", JsonObject(properties)},
                                   {"additionalProperties", "false"}});
  if (message.full_name() != "google.type.Date") return object;
  return JsonObject({{"oneOf", JsonArray({object, Type("string", "date")})},
                     {"description", "\"A day: an object in answers, either form in requests.\""}});
}

std::string Schemas::Enum(const EnumDescriptor& type) {
  if (begun_.insert(type.full_name()).second) {
    std::vector<std::string> names;
    for (int i = 0; i < type.value_count(); ++i) names.push_back(JsonQuote(type.value(i)->name()));
    std::string comment = comments_.Of(type);
    components_[type.full_name()] =
        JsonObject({{"type", "\"string\""},
                    {"description", comment.empty() ? "" : JsonQuote(comment)},
                    {"enum", JsonArray(names)}});
  }
  return JsonObject({{"$ref", JsonQuote("#/components/schemas/" + type.full_name())}});
}

std::string Schemas::Value(const FieldDescriptor& field) {
  const base::v1::Limit& limit = field.options().GetExtension(base::v1::limit);
  bool bounded = limit.min() != 0 || limit.max() != 0;
  std::string min = bounded ? std::to_string(limit.min()) : "";
  std::string max = bounded ? std::to_string(limit.max()) : "";
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      return JsonObject({{"type", "\"string\""},
                         {"maxLength", std::to_string(limit.max_bytes() > 0 ? limit.max_bytes()
                                                                            : kDefaultMaxBytes)}});
    case FieldDescriptor::TYPE_BYTES:
      return R"({"type":"string","contentEncoding":"base64"})";
    case FieldDescriptor::TYPE_BOOL:
      return Type("boolean");
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FLOAT:
      return Type("number", "double");
    case FieldDescriptor::TYPE_ENUM:
      return Enum(*field.enum_type());
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return Ref(*field.message_type());
    default:
      break;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
      field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
    return R"({"type":["string","integer"],"format":"int64"})";
  return JsonObject(
      {{"type", "\"integer\""}, {"format", "\"int32\""}, {"minimum", min}, {"maximum", max}});
}

std::string Schemas::Field(const FieldDescriptor& field) {
  std::string schema;
  if (field.is_map()) {
    schema = JsonObject({{"type", "\"object\""},
                         {"additionalProperties", Value(*field.message_type()->map_value())}});
  } else if (field.is_repeated()) {
    schema = JsonObject({{"type", "\"array\""}, {"items", Value(field)}});
  } else {
    schema = Value(field);
  }
  std::string comment = comments_.Of(field);
  std::string extra;
  if (!comment.empty() && schema.find("\"description\":") == std::string::npos)
    extra += ",\"description\":" + JsonQuote(comment);
  if (HasBehavior(field, google::api::OUTPUT_ONLY)) extra += ",\"readOnly\":true";
  schema.insert(schema.size() - 1, extra);
  return schema;
}

std::string Schemas::Components() const {
  return JsonObject({components_.begin(), components_.end()});
}

}  // namespace spm::dashboard
