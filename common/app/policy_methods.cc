// Policies of a running process: listed, previewed, published.
#include "common/app/policies.h"

#include "common/app/methods.h"
#include "common/base/ids.h"

namespace spm {
namespace {

using namespace base::v1;  // NOLINT: this file is about its messages alone.

StatusOr<ListPoliciesResponse> ListPolicies(App& app, const ListPoliciesRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  ListPoliciesResponse reply;
  for (const auto& v : service->policies()->List(request.kind()))
    *reply.add_policies() = ToProto(request.service(), v);
  return reply;
}

StatusOr<Policy> GetPolicy(App& app, const GetPolicyRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  int64_t at = request.at_us() == 0 ? app.clock().NowUs() : request.at_us();
  const auto book = service->policies();
  const PolicyVersion* version = book->At(request.kind(), at);
  if (version == nullptr) return NotFound("policy", request.kind());
  return ToProto(request.service(), *version);
}

std::string Family(const std::string& kind) { return kind.substr(0, kind.find(':')); }

// The newest version of a kind; version 0 where there is none.
StatusOr<Policy> NewestOf(Tx& tx, const std::string& kind) {
  ASSIGN_OR_RETURN(Rows rows,
                   tx.Query("SELECT version, effective_us, body, author, reason FROM policy "
                            "WHERE kind = $1 ORDER BY version DESC LIMIT 1",
                            {kind}));
  Policy newest;
  if (rows.empty()) return newest;
  newest.set_kind(kind);
  newest.set_version(rows[0].Int(0));
  newest.set_effective_us(rows[0].Int(1));
  if (!newest.mutable_body()->ParseFromString(rows[0].Text(2)))
    return Internal("policy " + kind + " cannot be decoded");
  newest.set_author(rows[0].Text(3));
  newest.set_reason(rows[0].Text(4));
  return newest;
}

Status CheckBase(const CreatePolicyRequest& request, int64_t newest) {
  if (request.base_version() == 0 || request.base_version() == newest) return OkStatus();
  return Aborted("VERSION_CONFLICT", "base_version: the newest version of " + request.kind() +
                                         " is " + std::to_string(newest) + ", not " +
                                         std::to_string(request.base_version()) +
                                         "; read it, and decide again");
}

// `message` is the body as it was checked.
StatusOr<std::string> SavePolicy(Tx& tx, const ServiceSpec& spec,
                                 const CreatePolicyRequest& request,
                                 const google::protobuf::Message& message, const Call& call) {
  ASSIGN_OR_RETURN(Policy newest, NewestOf(tx, request.kind()));
  newest.set_service(request.service());
  const bool first = newest.version() == 0;
  if (!first && newest.body().value() == request.body().value()) return newest.SerializeAsString();
  RETURN_IF_ERROR(CheckBase(request, newest.version()));
  PolicyPublished published;
  Policy& policy = *published.mutable_policy();
  policy.set_service(request.service());
  policy.set_kind(request.kind());
  policy.set_version(newest.version() + 1);
  *policy.mutable_body() = request.body();
  policy.set_author(call.caller.id);
  policy.set_reason(request.reason());
  if (!first) {
    policy.set_effective_us(request.effective_us() == 0 ? call.now_us : request.effective_us());
    RETURN_IF_ERROR(CheckEffective(policy.effective_us(), call.now_us, newest.effective_us()));
  }
  if (spec.guard_policy) RETURN_IF_ERROR(spec.guard_policy(tx, request.kind(), message));
  tx.WriteOne(
      "INSERT INTO policy (kind, version, effective_us, body, author, reason) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      {policy.kind(), policy.version(), policy.effective_us(),
       Bytes{policy.body().SerializeAsString()}, policy.author(), policy.reason()});
  tx.AddEvent(PolicyAggregate(policy.service(), policy.kind()), policy.version(), published);
  return policy.SerializeAsString();
}

void CreatePolicyRpc(App& app, const RpcContext& context, const google::protobuf::Message& m,
                     RpcDone done) {
  const auto& request = static_cast<const CreatePolicyRequest&>(m);
  auto service = Named(app, request.service());
  if (!service.ok()) {
    done(service.status());
    return;
  }
  if (request.service() == "org" && Family(request.kind()) == "company") {
    done(InvalidField("kind",
                      "the company's settings are fixed; SetCurrency sets the currency while no "
                      "money is stored"));
    return;
  }
  SubmitPolicy(*service, "spm.base.v1.PolicyService/CreatePolicy", request, context,
               std::move(done));
}

}  // namespace

Policy ToProto(const std::string& service, const PolicyVersion& version) {
  Policy policy;
  policy.set_service(service);
  policy.set_kind(version.kind);
  policy.set_version(version.version);
  policy.set_effective_us(version.effective_us);
  policy.mutable_body()->PackFrom(*version.body);
  policy.set_author(version.author);
  policy.set_reason(version.reason);
  return policy;
}

// A kind is a shipped one, or one more of a family ("pipeline:x"), with the same message.
StatusOr<std::shared_ptr<const google::protobuf::Message>> CheckedBody(
    const ServiceSpec& spec, const std::string& kind, const google::protobuf::Any& any) {
  for (const auto& shipped : spec.policies) {
    if (Family(shipped.kind) != Family(kind)) continue;
    std::shared_ptr<google::protobuf::Message> body(shipped.body->New());
    if (!any.UnpackTo(body.get()))
      return InvalidField("body", "must be a " + shipped.body->GetDescriptor()->full_name());
    if (spec.check_policy) RETURN_IF_ERROR(spec.check_policy(kind, *body));
    return std::shared_ptr<const google::protobuf::Message>(std::move(body));
  }
  return InvalidField("kind",
                      spec.name + " has no policy of this kind; list them to see the kinds");
}

Status CheckEffective(int64_t effective_us, int64_t now_us, int64_t newest_us) {
  if (effective_us < now_us)
    return InvalidField("effective_us",
                        "lies in the past; a later version takes effect from now on");
  if (effective_us < newest_us)
    return InvalidField("effective_us", "lies before the newest version takes effect (" +
                                            FormatTime(newest_us) + ")");
  return OkStatus();
}

void SubmitPolicy(ServiceRuntime* service, const std::string& method,
                  const CreatePolicyRequest& request, const RpcContext& context, RpcDone done) {
  auto body = CheckedBody(service->spec(), request.kind(), request.body());
  if (!body.ok()) {
    done(body.status());
    return;
  }
  service->Submit(Command{.method = method,
                          .request_id = request.request_id(),
                          .hash = Sha256(request.SerializeAsString()),
                          .caller = context.caller,
                          .trace = context.trace,
                          .wanted = {},
                          .cancelled = context.cancelled,
                          .run =
                              [service, request, body = *body](Tx& tx, const Call& call) {
                                tx.OnCommit([service] { service->ReloadPolicies(); });
                                return SavePolicy(tx, service->spec(), request, *body, call);
                              },
                          .done = std::move(done)});
}

std::vector<RpcMethod> PolicyMethods(App& app) {
  std::vector<RpcMethod> methods = {
      On(app, "PolicyService/ListPolicies", ListPolicies),
      On(app, "PolicyService/GetPolicy", GetPolicy),
      Direct(app, "spm.base.v1.PolicyService/CreatePolicy", CreatePolicyRpc),
      Method<PreviewPolicyRequest, PreviewPolicyResponse>(
          app, "spm.base.v1.PolicyService/PreviewPolicy",
          [&app](const PreviewPolicyRequest& request, const Caller& caller) {
            return PreviewPolicy(app, request, caller);
          }),
  };
  for (RpcMethod& method : CompanyMethods(app)) methods.push_back(std::move(method));
  return methods;
}

}  // namespace spm
