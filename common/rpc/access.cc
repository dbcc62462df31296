#include "common/rpc/access.h"

#include <cctype>
#include <string>

#include "spm/base/v1/options.pb.h"

namespace spm {
namespace {

// ROLE_OPERATOR -> operator
template <typename Roles>
std::string NamesOf(const Roles& roles) {
  std::string names;
  for (int role : roles) {
    if (!names.empty()) names += ", ";
    for (char c : base::v1::Role_Name(static_cast<base::v1::Role>(role)).substr(5))
      names += static_cast<char>(std::tolower(c));
  }
  return names.empty() ? "none" : names;
}

}  // namespace

Status CheckAccess(const google::protobuf::MethodDescriptor* method, const Caller& caller) {
  const base::v1::Access& access = method->options().GetExtension(base::v1::access);
  if (access.member() && (caller.person || !caller.roles.empty())) return OkStatus();
  for (int role : access.roles())
    if (caller.Has(static_cast<base::v1::Role>(role))) return OkStatus();
  const std::string needed = access.member() ? "a member of the organisation"
                                             : "one of the roles " + NamesOf(access.roles());
  return Error(
      StatusCode::kPermissionDenied, "PERMISSION_DENIED",
      method->name() + " needs " + needed + "; the caller's roles: " + NamesOf(caller.roles));
}

Status EveryMethodHasAccess(const std::vector<const google::protobuf::MethodDescriptor*>& methods) {
  for (const auto* method : methods) {
    const base::v1::Access& access = method->options().GetExtension(base::v1::access);
    if (!access.member() && access.roles().empty())
      return Internal("method " + method->full_name() + " has no access annotation");
  }
  return OkStatus();
}

}  // namespace spm
