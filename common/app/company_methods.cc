// The company's settings, which are a policy of org, and who the caller is.
#include <future>

#include "common/app/methods.h"
#include "common/app/policies.h"
#include "common/write/lane_hold.h"
#include "spm/base/v1/operations.pb.h"
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

// What the lanes of all services that store money wait for.
using Holds = std::vector<std::unique_ptr<LaneHold>>;

StatusOr<std::shared_ptr<Holds>> HoldMoney(App& app) {
  auto holds = std::make_shared<Holds>();
  for (const auto& s : app.services()) {
    if (!s->spec().has_money) continue;
    ASSIGN_OR_RETURN(auto hold, LaneHold::Take(s->lane()));
    holds->push_back(std::move(hold));
  }
  return holds;
}

org::v1::CompanyPolicy WithCurrency(const CompanySettings& settings, const std::string& code) {
  org::v1::CompanyPolicy policy;
  policy.set_currency(code);
  policy.set_zone(settings.zone.name());
  policy.set_language(settings.language);
  return policy;
}

// From the look for money until the new settings are read nobody stores any: a command that comes
// in between waits, and is then decided in the new currency.
Status SetCurrency(App& app, const SetCurrencyRequest& request, const RpcContext& context) {
  ASSIGN_OR_RETURN(const Currency currency, FindCurrency(request.currency()));
  ASSIGN_OR_RETURN(ServiceRuntime * org, Named(app, "org"));
  if (currency.code == app.company()->currency.code) return OkStatus();
  ASSIGN_OR_RETURN(auto holds, HoldMoney(app));
  RETURN_IF_ERROR(CheckNoMoney(app));
  CreatePolicyRequest create;
  create.set_request_id(request.request_id());
  create.set_service("org");
  create.set_kind("company");
  create.mutable_body()->PackFrom(WithCurrency(*app.company(), currency.code));
  create.set_reason("set currency");
  auto promise = std::make_shared<std::promise<Status>>();
  auto saved = promise->get_future();
  SubmitPolicy(
      org, "spm.base.v1.OperationsService/SetCurrency", create, context,
      [promise](const StatusOr<std::string>& reply) { promise->set_value(reply.status()); });
  RETURN_IF_ERROR(saved.get());
  return app.ReloadCompany();
}

}  // namespace

std::vector<RpcMethod> CompanyMethods(App& app) {
  return {
      Method<GetCompanyRequest, Company>(
          app, "spm.base.v1.OperationsService/GetCompany",
          [&app](const GetCompanyRequest&, const Caller& caller) -> StatusOr<Company> {
            return CompanyOf(app, caller);
          }),
      Pooled<SetCurrencyRequest, Company>(app, "spm.base.v1.OperationsService/SetCurrency",
                                          [&app](const SetCurrencyRequest& request,
                                                 const RpcContext& context) -> StatusOr<Company> {
                                            RETURN_IF_ERROR(SetCurrency(app, request, context));
                                            return CompanyOf(app, context.caller);
                                          }),
  };
}

}  // namespace spm
