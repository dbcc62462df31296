#include "common/write/mask.h"

#include <algorithm>

#include "google/protobuf/descriptor.h"

namespace spm {
namespace {

bool IsSet(const google::protobuf::Message& m, const google::protobuf::FieldDescriptor* field) {
  const auto* reflection = m.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(m, field) > 0
                              : reflection->HasField(m, field);
}

// A copy with this field alone.
std::unique_ptr<google::protobuf::Message> Only(const google::protobuf::Message& m,
                                                const google::protobuf::FieldDescriptor* field) {
  std::unique_ptr<google::protobuf::Message> only(m.New());
  only->CopyFrom(m);
  std::vector<const google::protobuf::FieldDescriptor*> set;
  only->GetReflection()->ListFields(*only, &set);
  for (const auto* other : set)
    if (other != field) only->GetReflection()->ClearField(only.get(), other);
  return only;
}

// The field of `to` becomes that of `from`, absent and empty included.
void CopyField(const google::protobuf::Message& from,
               const google::protobuf::FieldDescriptor* field, google::protobuf::Message* to) {
  to->GetReflection()->ClearField(to, field);
  if (IsSet(from, field)) to->MergeFrom(*Only(from, field));
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Without a mask, everything that is given is to be updated. What cannot be is refused where it
// would change something, and not passed over.
Status CheckUnmasked(const google::protobuf::Message& from, const google::protobuf::Message& to,
                     const std::vector<std::string>& allowed, const std::string& names) {
  std::vector<const google::protobuf::FieldDescriptor*> set;
  from.GetReflection()->ListFields(from, &set);
  // The request names the resource as its type: Customer, customer.
  std::string resource = from.GetDescriptor()->name();
  resource[0] = static_cast<char>(resource[0] | 0x20);
  for (const auto* field : set)
    if (!Contains(allowed, field->name()) &&
        Only(from, field)->SerializeAsString() != Only(to, field)->SerializeAsString())
      return InvalidField(
          resource + "." + field->name(),
          "cannot be changed by an update, which may change " + names + "; leave it out");
  return OkStatus();
}

}  // namespace

Status ApplyMask(const google::protobuf::FieldMask& mask, const std::vector<std::string>& allowed,
                 const google::protobuf::Message& from, google::protobuf::Message* to) {
  std::string names;
  for (const std::string& path : allowed) names += (names.empty() ? "" : ", ") + path;
  std::vector<std::string> paths(mask.paths().begin(), mask.paths().end());
  if (paths.empty()) {
    RETURN_IF_ERROR(CheckUnmasked(from, *to, allowed, names));
    for (const std::string& path : allowed)
      if (IsSet(from, from.GetDescriptor()->FindFieldByName(path))) paths.push_back(path);
    if (paths.empty())
      return InvalidField("update_mask", "names nothing to update; it may name " + names);
  }
  for (const std::string& path : paths)
    if (!Contains(allowed, path))
      return InvalidField("update_mask", "cannot update " + path + "; it may name " + names);
  for (const std::string& path : paths)
    CopyField(from, from.GetDescriptor()->FindFieldByName(path), to);
  return OkStatus();
}

}  // namespace spm
