// The dashboard of a process: live counters, the JSON gateway of every RPC, streams, the page. It
// has no database: what it shows it hears from the bus or asks by gRPC. Thread-safe once started.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/cache/counters.h"
#include "common/events/bus.h"
#include "common/http/admin.h"
#include "common/http/server.h"
#include "common/rpc/channel.h"
#include "common/rpc/method.h"
#include "services/dashboard/counters.h"
#include "services/dashboard/gateway.h"
#include "services/dashboard/static_files.h"
#include "services/dashboard/stream.h"

namespace spm::dashboard {

// Full names of every service of the suite that has a JSON form.
std::vector<std::string> SuiteServices();

struct DashboardOptions {
  // 0 takes a free one.
  int port = 8080;
  // Full names of the services whose RPCs have a JSON form.
  std::vector<std::string> services = SuiteServices();
  // Embedded folder of the page (common/base/embed.h).
  std::string web_folder = "web";
  HealthChecks health;
  StreamTimes stream;
};

class Dashboard {
 public:
  // Counters and clock outlive it.
  Dashboard(DashboardOptions options, Counters& counters, const Clock& clock);
  ~Dashboard();

  // The values topic, from now on. The bus delivers nothing any more when the dashboard goes.
  void Follow(Bus& bus);
  // A message of the values topic.
  void OnValue(const std::string& key, const std::string& bytes) { live_.OnValue(key, bytes); }
  // DashboardService, for the gRPC server of the process; UNAVAILABLE until Start.
  std::vector<RpcMethod> Methods();

  // Serves on the port and calls the services through `backends`. Errors name an annotation that
  // has no JSON form, or the port that is in use.
  Status Start(std::unique_ptr<Channel> backends);
  int port() const { return server_.port(); }
  void Stop();

 private:
  void Handle(std::shared_ptr<const HttpRequest> request, HttpDone done);
  void Route(const std::shared_ptr<const HttpRequest>& request, HttpDone done);
  HttpResponse File(const HttpRequest& request) const;

  DashboardOptions options_;
  LiveCounters live_;
  StaticFiles page_;
  StaticFiles api_page_;
  std::unique_ptr<Channel> backends_;
  std::atomic<Channel*> channel_{nullptr};
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<StreamHub> streams_;
  std::string openapi_;
  HttpServer server_;
};

}  // namespace spm::dashboard
