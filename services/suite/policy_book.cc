#include "services/suite/policy_book.h"

#include "common/base/ids.h"
#include "common/base/time.h"
#include "services/suite/import/mapping_yaml.h"

namespace spm::suite {
namespace {

std::string Family(const std::string& kind) { return kind.substr(0, kind.find(':')); }

StatusOr<std::vector<std::string>> Services(Session* session) {
  base::v1::GetStatusResponse status;
  RETURN_IF_ERROR(session->Call("spm.base.v1.OperationsService/GetStatus",
                                base::v1::GetStatusRequest(), &status));
  std::vector<std::string> names;
  for (const auto& service : status.services()) names.push_back(service.service());
  return names;
}

}  // namespace

StatusOr<std::vector<Versions>> AllPolicies(Session* session, const std::string& service) {
  std::vector<std::string> services = {service};
  if (service.empty()) {
    ASSIGN_OR_RETURN(services, Services(session));
  }
  std::vector<Versions> all;
  for (const std::string& name : services) {
    base::v1::ListPoliciesRequest request;
    request.set_service(name);
    base::v1::ListPoliciesResponse reply;
    RETURN_IF_ERROR(session->Call("spm.base.v1.PolicyService/ListPolicies", request, &reply));
    for (const auto& policy : reply.policies()) {
      if (all.empty() || all.back().front().kind() != policy.kind() ||
          all.back().front().service() != name)
        all.emplace_back();
      all.back().push_back(policy);
    }
  }
  return all;
}

StatusOr<Versions> VersionsOf(Session* session, const std::string& service,
                              const std::string& kind) {
  ASSIGN_OR_RETURN(auto all, AllPolicies(session, service));
  std::vector<Versions> found;
  std::vector<std::string> kinds;
  std::string list;
  for (Versions& versions : all) {
    const std::string& name = versions.front().kind();
    kinds.push_back(name);
    list += (list.empty() ? "" : ", ") + name;
    if (name == kind) found.push_back(std::move(versions));
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    return InvalidField("KIND", "several services have a policy " + kind + "; say --service");
  const std::string near = Nearest(kind, kinds);
  return InvalidField("KIND", "there is no policy " + kind +
                                  (near.empty() ? "" : " (did you mean " + near + "?)") +
                                  "; there are " + list);
}

StatusOr<base::v1::Policy> NewOfFamily(Session* session, const std::string& service,
                                       const std::string& kind) {
  if (kind.find(':') == std::string::npos) return VersionsOf(session, service, kind).status();
  ASSIGN_OR_RETURN(auto all, AllPolicies(session, service));
  for (const Versions& versions : all) {
    const auto& known = versions.front();
    if (known.kind().find(':') == std::string::npos || Family(known.kind()) != Family(kind))
      continue;
    base::v1::Policy fresh;
    fresh.set_service(known.service());
    fresh.set_kind(kind);
    fresh.mutable_body()->set_type_url(known.body().type_url());
    return fresh;
  }
  return VersionsOf(session, service, kind).status();
}

const base::v1::Policy& InForce(const Versions& versions, int64_t at_us) {
  for (auto v = versions.rbegin(); v != versions.rend(); ++v)
    if (v->version() == 1 || v->effective_us() <= at_us) return *v;
  return versions.front();
}

StatusOr<std::unique_ptr<google::protobuf::Message>> BodyOf(const base::v1::Policy& policy) {
  const std::string& url = policy.body().type_url();
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      url.substr(url.rfind('/') + 1));
  if (type == nullptr)
    return Internal("this spm does not know " + url + "; use that of the running suite");
  std::unique_ptr<google::protobuf::Message> body(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!body->ParseFromString(policy.body().value()))
    return Internal("policy " + policy.kind() + " cannot be decoded");
  return body;
}

std::string SinceText(const base::v1::Policy& policy) {
  return policy.effective_us() == 0 ? "ever"
                                    : FormatTime(policy.effective_us()).substr(0, 19) + "Z";
}

std::string AuthorText(Names* names, const base::v1::Policy& policy) {
  if (!IsId(policy.author())) return policy.author();
  const auto name = names->Person(policy.author());
  return name.ok() ? *name : policy.author();
}

}  // namespace spm::suite
