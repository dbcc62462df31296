// A process of the suite: config -> databases -> migrate -> wire -> serve -> drain. Knows where
// events go and who is in the process, so that no service need. Start and Stop from one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/app/backup_runner.h"
#include "common/app/folder_lock.h"
#include "common/app/runtime.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/config/config.h"
#include "common/events/memory_bus.h"

namespace spm {

class RpcServer;

class App {
 public:
  // Called with the app wired and before it serves: more RPCs of the process.
  using More = std::function<std::vector<RpcMethod>(App&)>;

  // Runs the services of `specs` with what `config` says. Errors say what to mend: a port in use, a
  // folder that cannot be written or that another process uses, a newer database.
  static StatusOr<std::unique_ptr<App>> Start(const Config& config, std::vector<ServiceSpec> specs,
                                              const More& more = nullptr);
  ~App();
  // Not ready any more; ends requests, delivers, stops.
  void Stop();

  // Null where the service is not here.
  ServiceRuntime* Find(const std::string& service);
  const std::vector<std::unique_ptr<ServiceRuntime>>& services() const { return services_; }
  Bus& bus() { return *bus_; }
  const Clock& clock() const { return *clock_; }
  // Null without --test-clock.
  TestClock* test_clock() { return test_clock_; }
  const Config& config() const { return config_; }
  int grpc_port() const { return grpc_port_; }
  // Who a caller of a service (full name of the protobuf service) is.
  StatusOr<Caller> Authenticate(const std::string& service, const std::string& as);
  std::shared_ptr<const CompanySettings> company() const;
  // Reads the company's policy anew.
  Status ReloadCompany();
  // OK while it serves: started, not stopping, no database damaged.
  Status Ready() const;
  bool ready() const { return Ready().ok(); }
  // Real time since the start.
  int64_t uptime_ms() const;
  // All services at rest: lanes, outboxes, consumers, timers due. DEADLINE_EXCEEDED after `ms`.
  Status WaitIdle(int64_t ms);
  Pool& pool() { return *pool_; }
  BackupRunner& backups() { return backups_; }

 private:
  explicit App(Config config);
  Status Open(std::vector<ServiceSpec> specs);
  Status LockFolder();

  Config config_;
  std::unique_ptr<FolderLock> lock_;
  int grpc_port_ = 0;
  std::unique_ptr<Clock> clock_;
  TestClock* test_clock_ = nullptr;
  std::unique_ptr<MemoryBus> bus_;
  std::unique_ptr<Pool> pool_;
  std::vector<std::unique_ptr<ServiceRuntime>> services_;
  std::unique_ptr<RpcServer> server_;
  BackupRunner backups_{*this};
  mutable std::mutex mutex_;
  std::shared_ptr<const CompanySettings> company_ = std::make_shared<CompanySettings>();
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  // Tells /metrics how the services stand.
  std::unique_ptr<MetricsSource> metrics_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> stopped_{false};
};

// JournalService, PolicyService and OperationsService of a process.
std::vector<RpcMethod> OperationsMethods(App& app);

}  // namespace spm
