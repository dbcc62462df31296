#include "common/policy/difference.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include "google/protobuf/descriptor.h"

namespace spm {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Changes = std::vector<base::v1::PolicyChange>;

void Compare(const Message* before, const Message* after, const std::string& path,
             Changes* changes);

void Add(const std::string& path, const std::string& before, const std::string& after,
         Changes* changes) {
  if (before == after) return;
  base::v1::PolicyChange& change = changes->emplace_back();
  change.set_path(path);
  change.set_before(before);
  change.set_after(after);
}

// A number, a word or a text; of a list its i-th element.
std::string Scalar(const Message& m, const FieldDescriptor& f, int i = -1) {
  const auto& r = *m.GetReflection();
  const bool list = i >= 0;
  switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(list ? r.GetRepeatedInt32(m, &f, i) : r.GetInt32(m, &f));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(list ? r.GetRepeatedInt64(m, &f, i) : r.GetInt64(m, &f));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (list ? r.GetRepeatedBool(m, &f, i) : r.GetBool(m, &f)) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return ShortName(*(list ? r.GetRepeatedEnum(m, &f, i) : r.GetEnum(m, &f)));
    case FieldDescriptor::CPPTYPE_STRING:
      return list ? r.GetRepeatedString(m, &f, i) : r.GetString(m, &f);
    default:
      return "?";
  }
}

// What a whole element says, in one line, for one that comes or goes.
std::string Line(const Message& m) {
  const auto& r = *m.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  r.ListFields(m, &fields);
  std::string text;
  for (const FieldDescriptor* f : fields) {
    text += (text.empty() ? "" : ", ") + f->name() + ": ";
    if (f->is_repeated()) {
      text += std::to_string(r.FieldSize(m, f));
    } else if (f->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      text += "{" + Line(r.GetMessage(m, f)) + "}";
    } else {
      text += Scalar(m, *f);
    }
  }
  return text.empty() ? "(empty)" : text;
}

const FieldDescriptor* KeyOf(const FieldDescriptor& list) {
  const FieldDescriptor* id = list.message_type()->FindFieldByName("id");
  return id != nullptr && id->cpp_type() == FieldDescriptor::CPPTYPE_STRING ? id : nullptr;
}

// Elements in order, each with what names it.
std::vector<std::pair<std::string, const Message*>> Elements(const Message* m,
                                                             const FieldDescriptor& f) {
  std::vector<std::pair<std::string, const Message*>> all;
  if (m == nullptr) return all;
  const FieldDescriptor* key = KeyOf(f);
  for (int i = 0; i < m->GetReflection()->FieldSize(*m, &f); ++i) {
    const Message& one = m->GetReflection()->GetRepeatedMessage(*m, &f, i);
    all.emplace_back(key == nullptr ? std::to_string(i) : Scalar(one, *key), &one);
  }
  return all;
}

const Message* Named(const std::vector<std::pair<std::string, const Message*>>& elements,
                     const std::string& name) {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [&](const auto& e) { return e.first == name; });
  return found == elements.end() ? nullptr : found->second;
}

// The names that both have, in the order of the first.
std::string CommonOrder(const std::vector<std::pair<std::string, const Message*>>& of,
                        const std::vector<std::pair<std::string, const Message*>>& other) {
  std::string text;
  for (const auto& [name, element] : of)
    if (Named(other, name) != nullptr) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void CompareLists(const Message* before, const Message* after, const FieldDescriptor& f,
                  const std::string& path, Changes* changes) {
  const auto old = Elements(before, f), now = Elements(after, f);
  for (const auto& [name, element] : now) {
    const std::string at = path + "[" + name + "]";
    const Message* was = Named(old, name);
    if (was == nullptr) {
      Add(at, "", Line(*element), changes);
    } else {
      Compare(was, element, at, changes);
    }
  }
  for (const auto& [name, element] : old)
    if (Named(now, name) == nullptr) Add(path + "[" + name + "]", Line(*element), "", changes);
  Add(path + " (order)", CommonOrder(old, now), CommonOrder(now, old), changes);
}

std::string ScalarList(const Message* m, const FieldDescriptor& f) {
  std::string text;
  for (int i = 0; m != nullptr && i < m->GetReflection()->FieldSize(*m, &f); ++i)
    text += (i == 0 ? "" : ", ") + Scalar(*m, f, i);
  return text;
}

const Message* Sub(const Message* m, const FieldDescriptor& f) {
  if (m == nullptr || !m->GetReflection()->HasField(*m, &f)) return nullptr;
  return &m->GetReflection()->GetMessage(*m, &f);
}

void Compare(const Message* before, const Message* after, const std::string& path,
             Changes* changes) {
  const Message* any = after != nullptr ? after : before;
  if (any == nullptr) return;
  for (int i = 0; i < any->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& f = *any->GetDescriptor()->field(i);
    const std::string at = (path.empty() ? "" : path + ".") + f.name();
    const bool message = f.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (f.is_repeated() && message) {
      CompareLists(before, after, f, at, changes);
    } else if (f.is_repeated()) {
      Add(at, ScalarList(before, f), ScalarList(after, f), changes);
    } else if (message) {
      Compare(Sub(before, f), Sub(after, f), at, changes);
    } else {
      Add(at, before == nullptr ? "" : Scalar(*before, f),
          after == nullptr ? "" : Scalar(*after, f), changes);
    }
  }
}

}  // namespace

std::vector<base::v1::PolicyChange> DifferenceOf(const Message* before, const Message& after) {
  Changes changes;
  Compare(before, &after, "", &changes);
  return changes;
}

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  // Values of StageKind begin with STAGE_KIND_.
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (std::isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  prefix += '_';
  std::string name = value.name();
  if (name.starts_with(prefix)) name = name.substr(prefix.size());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

}  // namespace spm
