// ServiceRuntime runs one ServiceSpec: its database, lane, relay, consumers, timers, jobs, policies
// and copy of the organisation. Open, Start and Stop from one thread, in this order; the rest from
// any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/app/pool.h"
#include "common/app/spec.h"
#include "common/events/dispatch.h"
#include "common/events/poison.h"
#include "common/events/relay.h"
#include "common/rpc/method.h"
#include "common/timers/scheduler.h"

namespace spm {

class ServiceRuntime : public ServiceHost {
 public:
  struct Env {
    // Folder of the databases.
    std::string data;
    const Clock* clock = nullptr;
    Bus* bus = nullptr;
    Pool* pool = nullptr;
    // Settings as they are now.
    std::function<std::shared_ptr<const CompanySettings>()> company;
    // Another service of the process; null where it is not here.
    std::function<ServiceRuntime*(const std::string&)> peer;
    std::function<bool(const char*)> crash;
    // What this service's consumers refuse in a test.
    Poison poison = {};
  };

  ServiceRuntime(ServiceSpec spec, Env env);
  ~ServiceRuntime() override;

  // Opens and migrates the database, starts the lane, publishes shipped policies at the first
  // start.
  Status Open();
  // Follows the others; fills the service's memory.
  Status Follow();
  // Relay and scheduler.
  void Start();
  // Publishes nothing new and fires nothing; the lane goes on.
  void Drain();
  void Stop();

  std::vector<RpcMethod> Methods();
  // Person for `id` or `source:external_id`; the local operator for "". UNAUTHENTICATED otherwise.
  StatusOr<Caller> Authenticate(const std::string& as) const;
  Call MakeCall(const Caller& caller, int64_t now_us) const;
  // A command that did not come through its own RPC (policies).
  void Submit(Command command) { lane_->Submit(std::move(command)); }

  const ServiceSpec& spec() const override { return spec_; }
  Db& db() override { return *db_; }
  // What keeps the database from being used; OK where nothing does.
  Status Health() const { return db_->Health(); }
  Lane& lane() override { return *lane_; }
  Bus& bus() override { return *env_.bus; }
  const Clock& clock() const override { return *env_.clock; }
  std::shared_ptr<const Directory> directory() const override;
  std::shared_ptr<const CompanySettings> company() const override { return env_.company(); }
  base::v1::Freshness Freshness() const override;
  std::shared_ptr<const PolicyBook> policies() const;
  // Reads the policies anew, after a commit that added one.
  void ReloadPolicies();

  const std::vector<std::unique_ptr<Dispatch>>& dispatches() const { return dispatches_; }
  Scheduler& scheduler() { return *scheduler_; }
  // When the oldest event was recorded that is offered and that not all consumers have; 0 where
  // none is.
  int64_t oldest_waiting_us() const { return relay_->OldestUs(); }
  int schema() const { return schema_; }
  // Nothing waits, runs, is due or is to be delivered.
  bool Idle();
  // Drops the projections and applies every journal again; number of events. One that is broken
  // off, by a crash too, goes on at the next start.
  StatusOr<int64_t> Rebuild();

 private:
  // Applies the journals of those that it follows from their start; what is applied is passed over.
  StatusOr<int64_t> ApplyJournals();
  Status ResumeRebuild();
  Status PublishShippedPolicies();
  void ReloadDirectory();
  Dispatch* FollowOne(const ServiceSpec::ConsumerSpec& spec);
  RpcMethod Bind(const ServiceSpec::CommandSpec& spec);
  RpcMethod Bind(const ServiceSpec::QuerySpec& spec);

  ServiceSpec spec_;
  Env env_;
  int schema_ = 0;
  std::unique_ptr<Db> db_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::unique_ptr<Dispatch>> dispatches_;
  std::atomic<bool> draining_{false};
  // One rebuild at a time.
  std::mutex rebuild_mutex_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Directory> directory_;
  std::shared_ptr<const PolicyBook> policies_;
};

// The table of a policy's event: the id under which the versions of a kind are journaled.
std::string PolicyAggregate(const std::string& service, const std::string& kind);

}  // namespace spm
