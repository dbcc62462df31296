#include "services/suite/policy_yaml.h"

#include <fmt/format.h>

#include <limits>

#include "common/policy/difference.h"
#include "google/protobuf/descriptor.h"
#include "services/suite/import/mapping_yaml.h"

namespace spm::suite {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Writing.

void Emit(const Message& message, YAML::Emitter* out);

void EmitOne(const Message& m, const FieldDescriptor& f, int i, YAML::Emitter* out) {
  const Reflection& r = *m.GetReflection();
  const bool list = f.is_repeated();
  switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      *out << (list ? r.GetRepeatedInt32(m, &f, i) : r.GetInt32(m, &f));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      *out << (list ? r.GetRepeatedInt64(m, &f, i) : r.GetInt64(m, &f));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      *out << (list ? r.GetRepeatedBool(m, &f, i) : r.GetBool(m, &f));
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      *out << ShortName(*(list ? r.GetRepeatedEnum(m, &f, i) : r.GetEnum(m, &f)));
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Emit(list ? r.GetRepeatedMessage(m, &f, i) : r.GetMessage(m, &f), out);
      break;
    default: {
      const std::string text = list ? r.GetRepeatedString(m, &f, i) : r.GetString(m, &f);
      // What would read back as a number or yes needs quotes; a blank does, too.
      *out << YAML::DoubleQuoted << text;
    }
  }
}

void Emit(const Message& message, YAML::Emitter* out) {
  const auto& type = *message.GetDescriptor();
  *out << YAML::BeginMap;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    *out << YAML::Key << field.name() << YAML::Value;
    if (!field.is_repeated()) {
      EmitOne(message, field, 0, out);
      continue;
    }
    const int size = message.GetReflection()->FieldSize(message, &field);
    if (size == 0) *out << YAML::Flow;
    *out << YAML::BeginSeq;
    for (int n = 0; n < size; ++n) EmitOne(message, field, n, out);
    *out << YAML::EndSeq;
  }
  *out << YAML::EndMap;
}

// Reading.

class BodyReader {
 public:
  explicit BodyReader(Faults* faults) : yaml_(faults) {}

  void Read(const YAML::Node& node, const std::string& what, Message* message) {
    const auto& type = *message->GetDescriptor();
    std::vector<YamlReader::Key> keys;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      keys.push_back({field->name(), [this, field, message](const YAML::Node& value) {
                        ReadField(value, *field, message);
                      }});
    }
    yaml_.Keys(node, what, keys);
  }

 private:
  void ReadField(const YAML::Node& node, const FieldDescriptor& field, Message* message) {
    if (!field.is_repeated()) return ReadOne(node, field, message);
    if (!node.IsSequence()) return yaml_.Fault(node, field.name() + " takes a list (- ...)");
    for (const auto& item : node) ReadOne(item, field, message);
  }

  void ReadOne(const YAML::Node& node, const FieldDescriptor& f, Message* m) {
    const Reflection& r = *m->GetReflection();
    const bool list = f.is_repeated();
    switch (f.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: {
        using Limits = std::numeric_limits<int32_t>;
        const auto n =
            static_cast<int32_t>(yaml_.Integer(node, f.name(), Limits::min(), Limits::max()));
        return list ? r.AddInt32(m, &f, n) : r.SetInt32(m, &f, n);
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        using Limits = std::numeric_limits<int64_t>;
        const int64_t n = yaml_.Integer(node, f.name(), Limits::min(), Limits::max());
        return list ? r.AddInt64(m, &f, n) : r.SetInt64(m, &f, n);
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        const bool yes = yaml_.YesNo(node, f.name());
        return list ? r.AddBool(m, &f, yes) : r.SetBool(m, &f, yes);
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const EnumValueDescriptor* value = Word(node, f);
        if (value == nullptr) return;
        return list ? r.AddEnum(m, &f, value) : r.SetEnum(m, &f, value);
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Read(node, f.name(), list ? r.AddMessage(m, &f) : r.MutableMessage(m, &f));
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = yaml_.Text(node, f.name());
        return list ? r.AddString(m, &f, text) : r.SetString(m, &f, text);
      }
      default:
        return yaml_.Fault(node, f.name() + " cannot be given in YAML");
    }
  }

  // By its short name (open) or its whole one (STAGE_KIND_OPEN).
  const EnumValueDescriptor* Word(const YAML::Node& node, const FieldDescriptor& field) {
    const std::string word = yaml_.Text(node, field.name());
    const EnumDescriptor& type = *field.enum_type();
    std::string known;
    for (int i = 0; i < type.value_count(); ++i) {
      const EnumValueDescriptor& value = *type.value(i);
      const std::string name = ShortName(value);
      if (word == name || word == value.name()) return &value;
      if (value.number() != 0) known += (known.empty() ? "" : ", ") + name;
    }
    yaml_.Fault(node, fmt::format("{} is one of {}, not '{}'", field.name(), known, word));
    return nullptr;
  }

  YamlReader yaml_;
};

}  // namespace

std::string BodyToYaml(const Message& body) {
  YAML::Emitter out;
  Emit(body, &out);
  return std::string(out.c_str()) + "\n";
}

Status BodyFromYaml(const std::string& file, const std::string& text, Message* body) {
  Faults faults(file);
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) {
      faults.Add(1, "is empty; begin with: spm policy show KIND > FILE");
    } else {
      BodyReader(&faults).Read(root, "the policy", body);
    }
  } catch (const YAML::Exception& e) {
    faults.Add(e.mark.line + 1, "is no YAML: " + e.msg);
  }
  return faults.any() ? faults.ToStatus() : OkStatus();
}

}  // namespace spm::suite
