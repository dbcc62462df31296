// Policies of a running process, and the company's settings, which are one.
#include "common/app/methods.h"
#include "common/base/ids.h"
#include "spm/base/v1/operations.pb.h"
#include "spm/base/v1/policy.pb.h"
#include "spm/org/v1/policy.pb.h"

namespace spm {
namespace {

using namespace base::v1;  // NOLINT: this file is about its messages alone.

Company CompanyOf(App& app, const Caller& caller) {
  auto settings = app.company();
  Company company;
  company.set_currency(settings->currency.code);
  company.set_minor_digits(settings->currency.minor_digits);
  company.set_zone(settings->zone.name());
  company.set_language(settings->language);
  int32_t today = settings->zone.DayAt(app.clock().NowUs());
  company.set_today(FormatDay(today));
  if (caller.person) {
    company.set_caller_id(caller.id);
    company.set_caller_name(caller.name);
  }
  company.set_scope(app.services().front()->directory()->ScopeName(caller, today));
  return company;
}

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

// A kind is a shipped one, or one more of a family ("pipeline:x"), with the same message.
Status CheckPolicy(const ServiceSpec& spec, const CreatePolicyRequest& request,
                   std::shared_ptr<google::protobuf::Message>* body) {
  for (const auto& shipped : spec.policies) {
    if (Family(shipped.kind) != Family(request.kind())) continue;
    body->reset(shipped.body->New());
    if (!request.body().UnpackTo(body->get()))
      return InvalidField("body", "must be a " + shipped.body->GetDescriptor()->full_name());
    if (spec.check_policy) return spec.check_policy(request.kind(), **body);
    return OkStatus();
  }
  return InvalidField("kind",
                      spec.name + " has no policy of this kind; list them to see the kinds");
}

StatusOr<std::string> SavePolicy(Tx& tx, const CreatePolicyRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(Rows rows,
                   tx.Query("SELECT version, effective_us, body, author, reason FROM policy "
                            "WHERE kind = $1 ORDER BY version DESC LIMIT 1",
                            {request.kind()}));
  PolicyPublished published;
  Policy& policy = *published.mutable_policy();
  policy.set_service(request.service());
  policy.set_kind(request.kind());
  policy.set_version(rows.empty() ? 1 : rows[0].Int(0) + 1);
  *policy.mutable_body() = request.body();
  policy.set_effective_us(request.effective_us() == 0 ? call.now_us : request.effective_us());
  policy.set_author(call.caller.id);
  policy.set_reason(request.reason());
  if (policy.version() == 1) policy.set_effective_us(0);
  if (!rows.empty()) {
    google::protobuf::Any newest;
    if (newest.ParseFromString(rows[0].Text(2)) && newest.value() == request.body().value()) {
      policy.set_version(rows[0].Int(0));
      policy.set_effective_us(rows[0].Int(1));
      policy.set_author(rows[0].Text(3));
      policy.set_reason(rows[0].Text(4));
      return policy.SerializeAsString();
    }
    if (policy.effective_us() < call.now_us)
      return InvalidField("effective_us",
                          "lies in the past; a later version takes effect from now on");
    if (policy.effective_us() < rows[0].Int(1))
      return InvalidField("effective_us", "lies before the newest version takes effect");
  }
  tx.WriteOne(
      "INSERT INTO policy (kind, version, effective_us, body, author, reason) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      {policy.kind(), policy.version(), policy.effective_us(),
       Bytes{policy.body().SerializeAsString()}, policy.author(), policy.reason()});
  tx.AddEvent(PolicyAggregate(policy.service(), policy.kind()), policy.version(), published);
  return policy.SerializeAsString();
}

void SubmitPolicy(ServiceRuntime* service, const std::string& method,
                  const CreatePolicyRequest& request, const RpcContext& context, RpcDone done) {
  std::shared_ptr<google::protobuf::Message> body;
  Status checked = CheckPolicy(service->spec(), request, &body);
  if (!checked.ok()) {
    done(checked);
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
                              [service, request](Tx& tx, const Call& call) {
                                tx.OnCommit([service] { service->ReloadPolicies(); });
                                return SavePolicy(tx, request, call);
                              },
                          .done = std::move(done)});
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

Status CheckNoMoney(App& app) {
  for (const auto& s : app.services()) {
    if (!s->spec().has_money) continue;
    ASSIGN_OR_RETURN(auto snapshot, s->db().OpenSnapshot());
    ASSIGN_OR_RETURN(bool money, s->spec().has_money(*snapshot));
    if (money)
      return Precondition("MONEY_STORED",
                          "currency: amounts are stored already, so the currency stays " +
                              app.company()->currency.code);
  }
  return OkStatus();
}

void SetCurrencyRpc(App& app, const RpcContext& context, const google::protobuf::Message& m,
                    RpcDone done) {
  const auto& request = static_cast<const SetCurrencyRequest&>(m);
  auto finish = [&app, caller = context.caller, done](const StatusOr<std::string>& saved) {
    if (!saved.ok()) {
      done(saved.status());
      return;
    }
    Status reloaded = app.ReloadCompany();
    if (!reloaded.ok()) {
      done(reloaded);
    } else {
      done(CompanyOf(app, caller).SerializeAsString());
    }
  };
  auto currency = FindCurrency(request.currency());
  if (!currency.ok()) return done(currency.status());
  auto org = Named(app, "org");
  if (!org.ok()) return done(org.status());
  if (currency->code == app.company()->currency.code) return finish(std::string());
  Status free = CheckNoMoney(app);
  if (!free.ok()) return done(free);
  org::v1::CompanyPolicy policy;
  policy.set_currency(currency->code);
  policy.set_zone(app.company()->zone.name());
  policy.set_language(app.company()->language);
  CreatePolicyRequest create;
  create.set_request_id(request.request_id());
  create.set_service("org");
  create.set_kind("company");
  create.mutable_body()->PackFrom(policy);
  create.set_reason("set currency");
  SubmitPolicy(*org, "spm.base.v1.OperationsService/SetCurrency", create, context, finish);
}

}  // namespace

std::vector<RpcMethod> PolicyMethods(App& app) {
  return {
      On(app, "PolicyService/ListPolicies", ListPolicies),
      On(app, "PolicyService/GetPolicy", GetPolicy),
      Direct(app, "spm.base.v1.PolicyService/CreatePolicy", CreatePolicyRpc),
      Method<GetCompanyRequest, Company>(
          app, "spm.base.v1.OperationsService/GetCompany",
          [&app](const GetCompanyRequest&, const Caller& caller) -> StatusOr<Company> {
            return CompanyOf(app, caller);
          }),
      Direct(app, "spm.base.v1.OperationsService/SetCurrency", SetCurrencyRpc),
  };
}

}  // namespace spm
