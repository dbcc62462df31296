// ServiceSpec is the table of contents of a service: every RPC, consumer, timer, job and policy on
// one line. `service.cc` of each service fills one; common/app runs it. Filled by one thread before
// the start, read by all afterwards.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "common/db/db.h"
#include "common/db/table.h"
#include "common/events/bus.h"
#include "common/events/event.h"
#include "common/policy/preview.h"
#include "common/timers/timers.h"
#include "common/write/call.h"
#include "common/write/lane.h"

namespace spm {

class ServiceHost;

// Aggregates that a command names: Loads(kOpportunities, &AdvanceStageRequest::opportunity_id).
template <typename T, typename Request>
auto Loads(const Table<T>& table, const std::string& (Request::*id)() const) {
  return [&table, id](const google::protobuf::Message& request, std::vector<Wanted>* wanted) {
    const std::string& key = (static_cast<const Request&>(request).*id)();
    if (!key.empty()) wanted->push_back({&table, "", key});
  };
}
// Unique keys that a command will ask for; `key` normalises as the handler does.
template <typename Request, typename T>
auto Unique(const Table<T>& table, const std::string& column,
            std::function<std::string(const Request&)> key) {
  return
      [&table, column, key](const google::protobuf::Message& request, std::vector<Wanted>* wanted) {
        std::string value = key(static_cast<const Request&>(request));
        if (!value.empty()) wanted->push_back({&table, column, value});
      };
}

struct ServiceSpec {
  using Message = google::protobuf::Message;
  using Want = std::function<void(const Message&, std::vector<Wanted>*)>;

  struct CommandSpec {
    std::string method;
    const Message* request = nullptr;
    std::vector<Want> wants;
    std::function<StatusOr<std::string>(Tx&, const Message&, const Call&)> run;
    // Rows in a request: 1, or those of a batch.
    std::function<int(const Message&)> rows;
  };
  struct QuerySpec {
    std::string method;
    const Message* request = nullptr;
    std::function<StatusOr<std::string>(Snapshot&, const Message&, const Call&)> run;
  };
  struct ConsumerSpec {
    std::string source;
    // Full name of the payload -> its function.
    std::map<std::string, std::function<Status(Tx&, const base::v1::Event&, const Call&)>> types;
    // Takes the whole span instead, in the same transaction as its marks.
    std::function<Status(Tx&, const std::vector<base::v1::Event>&, const Call&)> span;
  };
  struct TimerSpec {
    std::string kind;
    std::function<Status(Tx&, const TimerFired&, const Call&)> run;
  };
  struct JobSpec {
    std::string name;
    int64_t period_us = 0;
    // One step in a transaction of the lane; true: there is more, run again at once.
    std::function<StatusOr<bool>(Tx&, const Call&)> run;
  };
  struct PolicySpec {
    std::string kind;
    std::shared_ptr<const Message> body;
  };

  // "leads"; the topic is spm.leads.v1, the database leads.db.
  std::string name;
  std::vector<Migration> schema;
  std::vector<CommandSpec> commands;
  std::vector<QuerySpec> queries;
  std::vector<ConsumerSpec> consumers;
  std::vector<TimerSpec> timers;
  std::vector<JobSpec> jobs;
  std::vector<PolicySpec> policies;
  // Keeps a copy of the organisation; every service that decides who sees what.
  bool follows_org = true;
  // True where money is stored, so that the currency cannot change any more.
  std::function<StatusOr<bool>(Snapshot&)> has_money;
  // After migration, before anything runs: performance fills its memory here.
  std::function<Status(ServiceHost&)> on_start;
  std::function<void()> on_stop;
  // Drops the projections, after which every journal that it follows is applied again from the
  // start.
  std::function<void(Tx&)> drop_projections;
  // Whether a policy's body makes sense, beyond its type; names the field as body.<path>.
  std::function<Status(const std::string& kind, const Message& body)> check_policy;
  // Whether the data of now allows a new version: FAILED_PRECONDITION otherwise.
  std::function<Status(Reader&, const std::string& kind, const Message& candidate)> guard_policy;
  // Adds what a candidate would make of the data of now. Pages by key.
  std::function<Status(const PolicyQuestion&, base::v1::PreviewPolicyResponse*)> preview_policy;
  // Derived values not yet published; rebuilds, imports and tests wait for 0.
  std::function<int64_t()> changed;

  // `method` is "LeadService/CreateLead" of package spm.<name>.v1.
  template <typename Q, typename R, typename... W>
  void Command(const std::string& method, StatusOr<R> (*f)(Tx&, const Q&, const Call&),
               W... wants) {
    Command<Q, R>(method, std::function<StatusOr<R>(Tx&, const Q&, const Call&)>(f), wants...);
  }
  template <typename Q, typename R, typename... W>
  void Command(const std::string& method, std::function<StatusOr<R>(Tx&, const Q&, const Call&)> f,
               W... wants) {
    CommandSpec c;
    c.method = Full(method);
    c.request = &Q::default_instance();
    (c.wants.push_back(wants), ...);
    c.run = [f](Tx& tx, const Message& q, const Call& call) -> StatusOr<std::string> {
      StatusOr<R> reply = f(tx, static_cast<const Q&>(q), call);
      if (!reply.ok()) return reply.status();
      return reply->SerializeAsString();
    };
    c.rows = [](const Message& q) {
      if constexpr (requires(const Q& x) { x.rows_size(); }) {
        return static_cast<const Q&>(q).rows_size() + 1;
      } else {
        return 1;
      }
    };
    commands.push_back(std::move(c));
  }
  // F: StatusOr<R>(Snapshot&, const Q&, const Call&); a lambda may hold what it reads from.
  template <typename Q, typename R>
  void Query(const std::string& method,
             std::function<StatusOr<R>(Snapshot&, const Q&, const Call&)> f) {
    queries.push_back(
        {Full(method), &Q::default_instance(),
         [f](Snapshot& s, const Message& q, const Call& call) -> StatusOr<std::string> {
           StatusOr<R> reply = f(s, static_cast<const Q&>(q), call);
           if (!reply.ok()) return reply.status();
           return reply->SerializeAsString();
         }});
  }
  template <typename Q, typename R>
  void Query(const std::string& method, StatusOr<R> (*f)(Snapshot&, const Q&, const Call&)) {
    Query<Q, R>(method, std::function<StatusOr<R>(Snapshot&, const Q&, const Call&)>(f));
  }
  // Follows `source` ("orders"); a type without a function is passed over.
  template <typename E>
  void On(const std::string& source, Status (*f)(Tx&, const Received<E>&, const Call&)) {
    Consumer(source).types[E::descriptor()->full_name()] = [f](Tx& tx, const base::v1::Event& meta,
                                                               const Call& call) {
      E event;
      if (!event.ParseFromString(meta.payload()))
        return InvalidField("payload", "cannot be decoded as " + E::descriptor()->full_name());
      return f(tx, Received<E>{meta, event}, call);
    };
  }
  ConsumerSpec& Consumer(const std::string& source) {
    for (auto& c : consumers)
      if (c.source == source) return c;
    consumers.emplace_back().source = source;
    return consumers.back();
  }
  void Timer(const std::string& kind, Status (*f)(Tx&, const TimerFired&, const Call&)) {
    timers.push_back({kind, f});
  }
  void Job(const std::string& job, int64_t period_us, StatusOr<bool> (*f)(Tx&, const Call&)) {
    jobs.push_back({job, period_us, f});
  }
  template <typename P>
  void Policy(const std::string& kind, const P& shipped) {
    policies.push_back({kind, std::make_shared<P>(shipped)});
  }

 private:
  std::string Full(const std::string& method) const { return "spm." + name + ".v1." + method; }
};

// What a running service offers to its own code and to common/app.
class ServiceHost {
 public:
  virtual ~ServiceHost() = default;
  virtual const ServiceSpec& spec() const = 0;
  virtual Db& db() = 0;
  virtual Lane& lane() = 0;
  virtual Bus& bus() = 0;
  virtual const Clock& clock() const = 0;
  virtual std::shared_ptr<const Directory> directory() const = 0;
  virtual std::shared_ptr<const CompanySettings> company() const = 0;
  // What it has applied of the services that it follows: the newest event, and what waits.
  virtual base::v1::Freshness Freshness() const = 0;
};

}  // namespace spm
