#include "common/app/runtime.h"

#include <algorithm>
#include <chrono>

#include "common/base/embed.h"
#include "common/base/ids.h"
#include "common/base/log.h"
#include "common/org/follow.h"
#include "google/protobuf/any.pb.h"
#include "spm/base/v1/policy.pb.h"

namespace spm {
namespace {

int64_t SteadyUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string Text(const google::protobuf::Message& m, const char* field) {
  const auto* f = m.GetDescriptor()->FindFieldByName(field);
  return f == nullptr ? "" : m.GetReflection()->GetString(m, f);
}

const google::protobuf::MethodDescriptor* MethodOf(const std::string& name) {
  size_t slash = name.rfind('/');
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name.substr(0, slash));
  return service == nullptr ? nullptr : service->FindMethodByName(name.substr(slash + 1));
}

}  // namespace

std::string PolicyAggregate(const std::string& service, const std::string& kind) {
  return NamedId("policy/" + service + "/" + kind);
}

ServiceRuntime::ServiceRuntime(ServiceSpec spec, Env env)
    : spec_(std::move(spec)),
      env_(std::move(env)),
      directory_(std::make_shared<Directory>(std::vector<org::v1::Unit>(),
                                             std::vector<org::v1::Person>())),
      policies_(std::make_shared<PolicyBook>()) {}

ServiceRuntime::~ServiceRuntime() { Stop(); }

Status ServiceRuntime::Open() {
  ASSIGN_OR_RETURN(db_, Db::OpenSqlite(env_.data + "/" + spec_.name + ".db"));
  std::vector<Migration> schema = {
      {0, "core", std::string(EmbeddedFolder("common/write")[0].text)}};
  schema.insert(schema.end(), spec_.schema.begin(), spec_.schema.end());
  ASSIGN_OR_RETURN(schema_, Migrate(*db_, schema));
  lane_ = std::make_unique<Lane>(
      Lane::Options{.service = spec_.name,
                    .db = db_.get(),
                    .clock = env_.clock,
                    .make_call = [this](const Caller& caller,
                                        int64_t now_us) { return MakeCall(caller, now_us); },
                    .wake_relay =
                        [this] {
                          if (relay_ != nullptr) relay_->Wake();
                        },
                    .crash = env_.crash});
  relay_ = std::make_unique<Relay>(spec_.name, *db_, *lane_, *env_.bus);
  std::map<std::string, TimerFunction> timers;
  for (const auto& t : spec_.timers) timers[t.kind] = t.run;
  std::vector<Job> jobs;
  for (const auto& j : spec_.jobs) jobs.push_back({j.name, j.period_us, j.run});
  jobs.push_back({"forget_handled", kHourUs, [](Tx& tx, const Call& call) -> StatusOr<bool> {
                    // In chunks, so that no transaction is long.
                    ASSIGN_OR_RETURN(Rows old,
                                     tx.Query("SELECT id, scope FROM handled WHERE at_us < $1 "
                                              "ORDER BY at_us LIMIT 1000",
                                              {call.now_us - 7 * kDayUs}));
                    for (const Row& row : old)
                      tx.WriteOne("DELETE FROM handled WHERE id = $1 AND scope = $2",
                                  {row.Text(0), row.Text(1)});
                    return old.size() == 1000;
                  }});
  scheduler_ =
      std::make_unique<Scheduler>(spec_.name, *db_, *lane_, std::move(timers), std::move(jobs));
  RETURN_IF_ERROR(lane_->Start());
  RETURN_IF_ERROR(PublishShippedPolicies());
  ReloadPolicies();
  ReloadDirectory();
  return OkStatus();
}

// Shipped defaults become version 1 at the first start and are never read from code again.
Status ServiceRuntime::PublishShippedPolicies() {
  return lane_->Run("policies", [this](Tx& tx, const Call&) -> Status {
    ASSIGN_OR_RETURN(Rows rows, tx.Query("SELECT DISTINCT kind FROM policy"));
    for (const auto& p : spec_.policies) {
      if (std::any_of(rows.begin(), rows.end(), [&](const Row& r) { return r.Text(0) == p.kind; }))
        continue;
      base::v1::PolicyPublished published;
      base::v1::Policy& policy = *published.mutable_policy();
      policy.set_service(spec_.name);
      policy.set_kind(p.kind);
      policy.set_version(1);
      policy.mutable_body()->PackFrom(*p.body);
      policy.set_author("spm");
      policy.set_reason("shipped default");
      tx.WriteOne(
          "INSERT INTO policy (kind, version, effective_us, body, author, reason) "
          "VALUES ($1, 1, 0, $2, $3, $4)",
          {p.kind, Bytes{policy.body().SerializeAsString()}, policy.author(), policy.reason()});
      tx.AddEvent(PolicyAggregate(spec_.name, p.kind), 1, published);
    }
    return OkStatus();
  });
}

void ServiceRuntime::ReloadPolicies() {
  auto snapshot = db_->OpenSnapshot();
  if (!snapshot.ok()) return;
  auto book = PolicyBook::Load(**snapshot);
  if (!book.ok()) {
    LogError("policies cannot be read",
             {{"service", spec_.name}, {"error", std::string(book.status().message())}});
    return;
  }
  std::lock_guard lock(mutex_);
  policies_ = std::move(book).value();
}

void ServiceRuntime::ReloadDirectory() {
  auto snapshot = db_->OpenSnapshot();
  if (!snapshot.ok()) return;
  auto directory = Directory::Load(**snapshot);
  if (!directory.ok()) {
    LogError("the directory cannot be read",
             {{"service", spec_.name}, {"error", std::string(directory.status().message())}});
    return;
  }
  std::lock_guard lock(mutex_);
  directory_ = std::move(directory).value();
}

std::shared_ptr<const Directory> ServiceRuntime::directory() const {
  std::lock_guard lock(mutex_);
  return directory_;
}

std::shared_ptr<const PolicyBook> ServiceRuntime::policies() const {
  std::lock_guard lock(mutex_);
  return policies_;
}

Dispatch* ServiceRuntime::FollowOne(const ServiceSpec::ConsumerSpec& spec) {
  Consumer consumer = env_.poison.Applied(
      spec_.name, {.source = spec.source, .types = spec.types, .span = spec.span});
  std::string source = spec.source;
  auto read_owner = [this, source](const std::string& id,
                                   int64_t from) -> StatusOr<std::vector<base::v1::Event>> {
    ServiceRuntime* owner = env_.peer(source);
    if (owner == nullptr) return Unavailable("service " + source + " is away");
    ASSIGN_OR_RETURN(auto snapshot, owner->db().OpenSnapshot());
    return ReadAggregates(*snapshot, {id}, from);
  };
  dispatches_.push_back(
      std::make_unique<Dispatch>(spec_.name, std::move(consumer), *lane_, read_owner));
  Dispatch* dispatch = dispatches_.back().get();
  env_.bus->Subscribe(source, spec_.name,
                      [dispatch](std::vector<Envelope> events, const auto& done) {
                        dispatch->Deliver(std::move(events), done);
                      });
  return dispatch;
}

Status ServiceRuntime::Follow() {
  if (spec_.follows_org) {
    // What the service itself does with events of org comes after its copy is up to date.
    ServiceSpec::ConsumerSpec org{.source = "org", .types = {}, .span = {}};
    ServiceSpec::ConsumerSpec own;
    for (const auto& c : spec_.consumers)
      if (c.source == "org") own = c;
    org.span = [this, own](Tx& tx, const std::vector<base::v1::Event>& events,
                           const Call& call) -> Status {
      ASSIGN_OR_RETURN(bool changed, FollowOrg(tx, events));
      if (changed) tx.OnCommit([this] { ReloadDirectory(); });
      if (own.span) RETURN_IF_ERROR(own.span(tx, events, call));
      for (const auto& e : events) {
        auto function = own.types.find(e.type());
        if (function != own.types.end()) RETURN_IF_ERROR(function->second(tx, e, call));
      }
      return OkStatus();
    };
    FollowOne(org);
  }
  for (const auto& c : spec_.consumers)
    if (c.source != "org" || !spec_.follows_org) FollowOne(c);
  // What was applied before this start: everything, unless something still waits.
  for (const auto& dispatch : dispatches_) {
    ServiceRuntime* owner = env_.peer(dispatch->source());
    if (owner == nullptr || owner->lane().outbox() > 0) continue;
    ASSIGN_OR_RETURN(auto snapshot, owner->db().OpenSnapshot());
    ASSIGN_OR_RETURN(Rows last, snapshot->Query("SELECT recorded_us, occurred_us FROM journal "
                                                "ORDER BY seq DESC LIMIT 1"));
    if (!last.empty()) dispatch->NoteApplied(last[0].Int(0), last[0].Int(1));
  }
  if (spec_.on_start) RETURN_IF_ERROR(spec_.on_start(*this));
  return ResumeRebuild();
}

void ServiceRuntime::Start() {
  relay_->Start();
  relay_->Wake();
  scheduler_->Start();
}

void ServiceRuntime::Drain() {
  draining_ = true;
  if (scheduler_ != nullptr) scheduler_->Stop();
  if (relay_ != nullptr) relay_->Stop();
}

void ServiceRuntime::Stop() {
  Drain();
  if (spec_.on_stop) spec_.on_stop();
  spec_.on_stop = nullptr;
  if (lane_ != nullptr) lane_->Stop();
}

StatusOr<Caller> ServiceRuntime::Authenticate(const std::string& as) const {
  if (as.empty()) {
    Caller local{.id = "local", .name = "local", .roles = {}};
    for (int role = base::v1::ROLE_REP; role <= base::v1::ROLE_SERVICE; ++role)
      local.roles.push_back(static_cast<base::v1::Role>(role));
    return local;
  }
  auto directory = this->directory();
  const org::v1::Person* person = directory->FindPerson(directory->PersonId(as));
  if (person == nullptr || person->inactive())
    return Error(StatusCode::kUnauthenticated, "UNKNOWN_CALLER",
                 "x-spm-as: no active person has the id or key " + as +
                     "; give a person's id or source:external_id");
  Caller caller{.id = person->id(), .name = person->name(), .roles = {}, .person = true};
  for (int role : person->roles()) caller.roles.push_back(static_cast<base::v1::Role>(role));
  if (caller.roles.empty()) caller.roles.push_back(base::v1::ROLE_REP);
  return caller;
}

Call ServiceRuntime::MakeCall(const Caller& caller, int64_t now_us) const {
  Call call;
  call.caller = caller;
  call.now_us = now_us;
  call.company = env_.company();
  call.today = call.company->zone.DayAt(now_us);
  call.directory = directory();
  call.policies = policies();
  call.scope =
      Directory::SeesAll(caller)
          ? Scope::Service()
          : Scope::Of(caller.id, call.today, call.directory->VisibleTo(caller.id, call.today));
  return call;
}

RpcMethod ServiceRuntime::Bind(const ServiceSpec::CommandSpec& spec) {
  return {spec.method, MethodOf(spec.method),
          [this, &spec](const RpcContext& context,
                        std::unique_ptr<google::protobuf::Message> request, RpcDone done) {
            std::shared_ptr<const google::protobuf::Message> shared = std::move(request);
            Command command{
                .method = spec.method,
                .request_id = Text(*shared, "request_id"),
                .hash = Sha256(shared->SerializeAsString()),
                .caller = context.caller,
                .trace = context.trace,
                .wanted = {},
                .rows = spec.rows(*shared),
                .cancelled = context.cancelled,
                .run = [&spec, shared](Tx& tx,
                                       const Call& call) { return spec.run(tx, *shared, call); },
                .done = std::move(done)};
            for (const auto& want : spec.wants) want(*shared, &command.wanted);
            lane_->Submit(std::move(command));
          }};
}

RpcMethod ServiceRuntime::Bind(const ServiceSpec::QuerySpec& spec) {
  return {spec.method, MethodOf(spec.method),
          [this, &spec](const RpcContext& context,
                        std::unique_ptr<google::protobuf::Message> request, const RpcDone& done) {
            std::shared_ptr<const google::protobuf::Message> shared = std::move(request);
            auto work = [this, &spec, context, shared, done] {
              if (context.deadline_us != 0 && SteadyUs() > context.deadline_us) {
                done(Error(StatusCode::kDeadlineExceeded, "DEADLINE", "the deadline has passed"));
                return;
              }
              auto snapshot = db_->OpenSnapshot();
              if (!snapshot.ok()) {
                done(snapshot.status());
                return;
              }
              Call call = MakeCall(context.caller, lane_->NowUs());
              call.trace = context.trace;
              StatusOr<std::string> reply = Internal("unanswered");
              try {
                reply = spec.run(**snapshot, *shared, call);
              } catch (const std::exception& e) {
                reply = Internal(std::string("exception: ") + e.what());
              }
              snapshot->reset();
              done(std::move(reply));
            };
            if (!env_.pool->Submit(work)) done(Unavailable("the service is stopping; try again"));
          }};
}

std::vector<RpcMethod> ServiceRuntime::Methods() {
  std::vector<RpcMethod> methods;
  for (const auto& c : spec_.commands) methods.push_back(Bind(c));
  for (const auto& q : spec_.queries) methods.push_back(Bind(q));
  return methods;
}

base::v1::Freshness ServiceRuntime::Freshness() const {
  base::v1::Freshness fresh;
  int64_t pending = 0, oldest_us = 0;
  for (const auto& dispatch : dispatches_) {
    fresh.set_recorded_us(std::max(fresh.recorded_us(), dispatch->recorded_us()));
    fresh.set_occurred_us(std::max(fresh.occurred_us(), dispatch->occurred_us()));
    ServiceRuntime* owner = env_.peer(dispatch->source());
    if (owner == nullptr) continue;
    pending += owner->lane().outbox();
    const int64_t waits_us = owner->relay_->OldestUs();
    if (waits_us != 0 && (oldest_us == 0 || waits_us < oldest_us)) oldest_us = waits_us;
  }
  fresh.set_pending(pending);
  // An event that waits has waited since it was recorded, however long nothing happened before it.
  if (pending > 0 && oldest_us > 0)
    fresh.set_lag_ms(std::max<int64_t>(0, (lane_->NowUs() - oldest_us) / 1000));
  return fresh;
}

bool ServiceRuntime::Idle() {
  return lane_->outbox() == 0 && lane_->idle() && relay_->idle() && scheduler_->Idle() &&
         (!spec_.changed || spec_.changed() == 0);
}

}  // namespace spm
