// What operators do with a running process: status, held events, rebuild, test clock, policies,
// journals. Each request names its service.
#include <algorithm>

#include "common/app/app.h"
#include "common/base/ids.h"
#include "common/base/version.h"
#include "common/write/journal.h"
#include "spm/base/v1/journal.pb.h"
#include "spm/base/v1/operations.pb.h"
#include "spm/base/v1/policy.pb.h"
#include "spm/org/v1/policy.pb.h"

namespace spm {
namespace {

using namespace base::v1;  // NOLINT: this file is about its messages alone.

constexpr int64_t kIdleMs = 60'000;

const google::protobuf::MethodDescriptor* MethodOf(const std::string& name) {
  size_t slash = name.rfind('/');
  return google::protobuf::DescriptorPool::generated_pool()
      ->FindServiceByName(name.substr(0, slash))
      ->FindMethodByName(name.substr(slash + 1));
}

// A method answered on the pool.
template <typename Q, typename R>
RpcMethod Method(App& app, const std::string& name,
                 std::function<StatusOr<R>(const Q&, const Caller&)> f) {
  return {name, MethodOf(name),
          [&app, f](const RpcContext& context, std::unique_ptr<google::protobuf::Message> request,
                    RpcDone done) {
            std::shared_ptr<google::protobuf::Message> shared = std::move(request);
            auto work = [f, context, shared, done] {
              auto reply = f(static_cast<const Q&>(*shared), context.caller);
              if (!reply.ok()) {
                done(reply.status());
              } else {
                done(reply->SerializeAsString());
              }
            };
            if (!app.pool().Submit(work)) done(Unavailable("the process is stopping"));
          }};
}

StatusOr<ServiceRuntime*> Named(App& app, const std::string& service) {
  ServiceRuntime* found = app.Find(service);
  if (found != nullptr) return found;
  std::string names;
  for (const auto& s : app.services()) names += (names.empty() ? "" : ", ") + s->spec().name;
  return InvalidField("service", "no service " + service + " runs here; these do: " + names);
}

StatusOr<int64_t> Count(Db& db, const std::string& table) {
  ASSIGN_OR_RETURN(auto snapshot, db.OpenSnapshot());
  ASSIGN_OR_RETURN(Rows rows, snapshot->Query("SELECT COUNT(*) FROM " + table));
  return rows[0].Int(0);
}

StatusOr<ReadJournalResponse> ReadJournalRpc(App& app, const ReadJournalRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  int limit = request.page_size() <= 0 ? 1000 : std::min(request.page_size(), 5000);
  ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
  std::vector<std::string> types(request.types().begin(), request.types().end());
  ASSIGN_OR_RETURN(auto events, ReadJournal(*snapshot, request.from_seq(), limit, types));
  ReadJournalResponse reply;
  reply.set_last_seq(service->lane().journal_seq());
  for (auto& e : events) *reply.add_events() = std::move(e);
  return reply;
}

StatusOr<ReadJournalResponse> ReadAggregateRpc(App& app, const ReadAggregateRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
  ASSIGN_OR_RETURN(auto events,
                   ReadAggregates(*snapshot, {request.aggregate_id()}, request.from_version()));
  ReadJournalResponse reply;
  reply.set_last_seq(service->lane().journal_seq());
  for (auto& e : events) *reply.add_events() = std::move(e);
  return reply;
}

StatusOr<GetAppliedResponse> GetApplied(App& app, const GetAppliedRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  GetAppliedResponse reply;
  ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
  for (const auto& dispatch : service->dispatches()) {
    auto* source = reply.add_sources();
    source->set_service(dispatch->source());
    if (ServiceRuntime* owner = app.Find(dispatch->source())) {
      source->set_pending(owner->lane().outbox());
      source->set_last_seq(owner->lane().journal_seq());
    }
    ASSIGN_OR_RETURN(Rows held, snapshot->Query("SELECT COUNT(*) FROM held WHERE source = $1",
                                                {dispatch->source()}));
    source->set_held(held[0].Int(0));
  }
  if (service->spec().changed) reply.set_changed(service->spec().changed());
  return reply;
}

StatusOr<GetStatusResponse> GetStatus(App& app) {
  GetStatusResponse reply;
  for (const auto& service : app.services()) {
    ServiceStatus& s = *reply.add_services();
    s.set_service(service->spec().name);
    s.set_version(kVersion);
    s.set_schema(service->schema());
    s.set_lane_depth(static_cast<int64_t>(service->lane().depth()));
    s.set_outbox(service->lane().outbox());
    ASSIGN_OR_RETURN(int64_t held, Count(service->db(), "held"));
    s.set_held(held);
    ASSIGN_OR_RETURN(int64_t timers, Count(service->db(), "timer"));
    s.set_timers(timers);
    s.set_journal_seq(service->lane().journal_seq());
    reply.set_now_us(service->lane().NowUs());
  }
  reply.set_test_clock(app.test_clock() != nullptr);
  return reply;
}

StatusOr<ListHeldEventsResponse> ListHeld(App& app, const ListHeldEventsRequest& request) {
  if (!request.service().empty()) RETURN_IF_ERROR(Named(app, request.service()));
  int limit = request.page_size() <= 0 ? 100 : std::min(request.page_size(), 1000);
  ListHeldEventsResponse reply;
  for (const auto& service : app.services()) {
    if (!request.service().empty() && service->spec().name != request.service()) continue;
    ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
    ASSIGN_OR_RETURN(Rows rows,
                     snapshot->Query("SELECT aggregate_id, state, error, tries, envelope FROM held "
                                     "ORDER BY aggregate_id, version"));
    for (const Row& row : rows) {
      if (!request.aggregate_id().empty() && row.Text(0) != request.aggregate_id()) continue;
      reply.set_total(reply.total() + 1);
      if (reply.held_events_size() >= limit) continue;
      HeldEvent& held = *reply.add_held_events();
      held.set_service(service->spec().name);
      held.set_state(row.Text(1) == "dead" ? HeldEvent::STATE_DEAD : HeldEvent::STATE_PARKED);
      held.set_error(row.Text(2));
      held.set_tries(static_cast<int32_t>(row.Int(3)));
      if (!held.mutable_event()->ParseFromString(row.Text(4)))
        return Internal("a held event cannot be decoded");
    }
  }
  return reply;
}

StatusOr<ReplayHeldEventsResponse> Replay(App& app, const ReplayHeldEventsRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  ReplayHeldEventsResponse reply;
  for (const auto& dispatch : service->dispatches()) {
    ASSIGN_OR_RETURN(int64_t applied, dispatch->Replay(request.aggregate_id()));
    reply.set_applied(reply.applied() + applied);
  }
  ASSIGN_OR_RETURN(int64_t held, Count(service->db(), "held"));
  reply.set_still_held(held);
  return reply;
}

StatusOr<DiscardHeldEventsResponse> Discard(App& app, const DiscardHeldEventsRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  DiscardHeldEventsResponse reply;
  for (const auto& dispatch : service->dispatches()) {
    auto discarded = dispatch->Discard(request.aggregate_id());
    if (discarded.status().code() == StatusCode::kNotFound) continue;
    RETURN_IF_ERROR(discarded.status());
    reply.set_discarded(reply.discarded() + *discarded);
  }
  if (reply.discarded() == 0) return NotFound("held event of aggregate", request.aggregate_id());
  ASSIGN_OR_RETURN(int64_t held, Count(service->db(), "held"));
  reply.set_still_held(held);
  return reply;
}

// Goes from due timer to due timer and waits at each until everything is at rest, so that what
// happens is what would have happened in real time.
StatusOr<AdvanceClockResponse> Advance(App& app, const AdvanceClockRequest& request) {
  if (app.test_clock() == nullptr)
    return Precondition("NO_TEST_CLOCK", "the clock is real; start with --test-clock to move it");
  if (request.by_us() <= 0 || request.by_us() > 3660 * kDayUs)
    return InvalidField("by_us", "give a time of more than 0 and at most ten years");
  const int64_t target = app.clock().NowUs() + request.by_us();
  auto fired = [&app] {
    int64_t sum = 0;
    for (const auto& s : app.services()) sum += s->scheduler().fired();
    return sum;
  };
  const int64_t before = fired();
  RETURN_IF_ERROR(app.WaitIdle(kIdleMs));
  while (true) {
    int64_t next = target;
    for (const auto& s : app.services()) {
      ASSIGN_OR_RETURN(int64_t due, s->scheduler().NextDueUs());
      if (due > 0) next = std::min(next, due);
    }
    RETURN_IF_ERROR(app.test_clock()->MoveTo(next));
    for (const auto& s : app.services()) s->scheduler().Wake();
    RETURN_IF_ERROR(app.WaitIdle(kIdleMs));
    if (next >= target) break;
  }
  AdvanceClockResponse reply;
  reply.set_now_us(app.clock().NowUs());
  reply.set_fired(fired() - before);
  return reply;
}

StatusOr<RebuildServiceResponse> RebuildRpc(App& app, const RebuildServiceRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  ASSIGN_OR_RETURN(int64_t events, service->Rebuild());
  RebuildServiceResponse reply;
  reply.set_events(events);
  return reply;
}

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
  return InvalidField("kind", spec.name + " has no policy of this kind; list them to see the kinds");
}

StatusOr<std::string> SavePolicy(Tx& tx, const CreatePolicyRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(Rows rows, tx.Query("SELECT version, effective_us, body FROM policy WHERE kind = $1 "
                                       "ORDER BY version DESC LIMIT 1",
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
      return policy.SerializeAsString();
    }
    if (policy.effective_us() < call.now_us)
      return InvalidField("effective_us", "lies in the past; a later version takes effect from now on");
    if (policy.effective_us() < rows[0].Int(1))
      return InvalidField("effective_us", "lies before the newest version takes effect");
  }
  tx.WriteOne("INSERT INTO policy (kind, version, effective_us, body, author, reason) "
              "VALUES ($1, $2, $3, $4, $5, $6)",
              {policy.kind(), policy.version(), policy.effective_us(),
               Bytes{policy.body().SerializeAsString()}, policy.author(), policy.reason()});
  tx.AddEvent(PolicyAggregate(policy.service(), policy.kind()), policy.version(), published);
  return policy.SerializeAsString();
}

void SubmitPolicy(ServiceRuntime* service, const std::string& method, const CreatePolicyRequest& request,
                  const RpcContext& context, RpcDone done) {
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
    done(InvalidField("kind", "the company's settings are fixed; SetCurrency sets the currency while no "
                              "money is stored"));
    return;
  }
  SubmitPolicy(*service, "spm.base.v1.PolicyService/CreatePolicy", request, context, std::move(done));
}

Status CheckNoMoney(App& app) {
  for (const auto& s : app.services()) {
    if (!s->spec().has_money) continue;
    ASSIGN_OR_RETURN(auto snapshot, s->db().OpenSnapshot());
    ASSIGN_OR_RETURN(bool money, s->spec().has_money(*snapshot));
    if (money)
      return Precondition("MONEY_STORED", "currency: amounts are stored already, so the currency stays " +
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

RpcMethod Direct(App& app, const std::string& name,
                 void (*f)(App&, const RpcContext&, const google::protobuf::Message&, RpcDone)) {
  return {name, MethodOf(name),
          [&app, f](const RpcContext& context, std::unique_ptr<google::protobuf::Message> request,
                    RpcDone done) { f(app, context, *request, std::move(done)); }};
}

template <typename Q, typename R>
RpcMethod On(App& app, const std::string& name, StatusOr<R> (*f)(App&, const Q&)) {
  return Method<Q, R>(app, "spm.base.v1." + name,
                      [&app, f](const Q& request, const Caller&) { return f(app, request); });
}

}  // namespace

std::vector<RpcMethod> OperationsMethods(App& app) {
  return {
      On(app, "JournalService/ReadJournal", ReadJournalRpc),
      On(app, "JournalService/ReadAggregate", ReadAggregateRpc),
      On(app, "JournalService/GetApplied", GetApplied),
      On(app, "PolicyService/ListPolicies", ListPolicies),
      On(app, "PolicyService/GetPolicy", GetPolicy),
      Direct(app, "spm.base.v1.PolicyService/CreatePolicy", CreatePolicyRpc),
      Method<GetStatusRequest, GetStatusResponse>(
          app, "spm.base.v1.OperationsService/GetStatus",
          [&app](const GetStatusRequest&, const Caller&) { return GetStatus(app); }),
      On(app, "OperationsService/ListHeldEvents", ListHeld),
      On(app, "OperationsService/ReplayHeldEvents", Replay),
      On(app, "OperationsService/DiscardHeldEvents", Discard),
      On(app, "OperationsService/AdvanceClock", Advance),
      On(app, "OperationsService/RebuildService", RebuildRpc),
      Method<GetCompanyRequest, Company>(
          app, "spm.base.v1.OperationsService/GetCompany",
          [&app](const GetCompanyRequest&, const Caller& caller) -> StatusOr<Company> {
            return CompanyOf(app, caller);
          }),
      Direct(app, "spm.base.v1.OperationsService/SetCurrency", SetCurrencyRpc),
  };
}

}  // namespace spm
