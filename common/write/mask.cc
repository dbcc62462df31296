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

// The field of `to` becomes that of `from`, absent and empty included.
void CopyField(const google::protobuf::Message& from,
               const google::protobuf::FieldDescriptor* field, google::protobuf::Message* to) {
  to->GetReflection()->ClearField(to, field);
  if (!IsSet(from, field)) return;
  // A copy with this field alone merges just it.
  std::unique_ptr<google::protobuf::Message> only(from.New());
  only->CopyFrom(from);
  std::vector<const google::protobuf::FieldDescriptor*> set;
  only->GetReflection()->ListFields(*only, &set);
  for (const auto* other : set)
    if (other != field) only->GetReflection()->ClearField(only.get(), other);
  to->MergeFrom(*only);
}

}  // namespace

Status ApplyMask(const google::protobuf::FieldMask& mask, const std::vector<std::string>& allowed,
                 const google::protobuf::Message& from, google::protobuf::Message* to) {
  std::string names;
  for (const std::string& path : allowed) names += (names.empty() ? "" : ", ") + path;
  std::vector<std::string> paths(mask.paths().begin(), mask.paths().end());
  if (paths.empty()) {
    for (const std::string& path : allowed)
      if (IsSet(from, from.GetDescriptor()->FindFieldByName(path))) paths.push_back(path);
    if (paths.empty())
      return InvalidField("update_mask", "names nothing to update; it may name " + names);
  }
  for (const std::string& path : paths)
    if (std::find(allowed.begin(), allowed.end(), path) == allowed.end())
      return InvalidField("update_mask", "cannot update " + path + "; it may name " + names);
  for (const std::string& path : paths)
    CopyField(from, from.GetDescriptor()->FindFieldByName(path), to);
  return OkStatus();
}

}  // namespace spm
