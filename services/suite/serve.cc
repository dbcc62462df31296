#include "services/suite/serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/app/app.h"
#include "common/base/log.h"
#include "common/cache/memory_counters.h"
#include "common/config/config.h"
#include "common/http/server.h"
#include "common/rpc/server.h"
#include "services/dashboard/service.h"
#include "services/suite/demo/demo.h"
#include "services/suite/session.h"
#include "services/suite/specs.h"

namespace spm::suite {
namespace {

StatusOr<Config> ReadConfig(const ServeOptions& options) {
  ConfigSources sources;
  sources.file = options.config;
  sources.file_required = !options.config.empty();
  sources.environment = SpmEnvironment();
  sources.flags["data"] = options.data;
  if (options.port != 0) {
    sources.flags["port"] = std::to_string(options.port);
    sources.flags["grpc_port"] = std::to_string(options.port + 1);
  }
  if (options.demo) sources.flags["demo"] = "true";
  if (options.test_clock) sources.flags["test_clock"] = "true";
  if (options.reflection) sources.flags["reflection"] = "true";
  return LoadConfig(sources);
}

Status WritePid(const std::string& file) {
  std::ofstream out(file, std::ios::trunc);
  out << getpid() << '\n';
  out.close();
  if (out.fail())
    return Precondition("FOLDER_NOT_WRITABLE", "data: " + file + " cannot be written");
  return OkStatus();
}

// The page's port is the one that users give, so it is the one to be told of first; a folder is not
// touched for nothing.
Status CheckPorts(const Config& config) {
  if (config.port != 0) {
    HttpServer probe({.port = config.port, .name = "dashboard"}, [](auto, auto) {});
    RETURN_IF_ERROR(probe.Start());
  }
  return RpcServer::CheckPort(config.grpc_port);
}

// Simulates a sales team until it is told to stop.
class DemoThread {
 public:
  DemoThread(const std::string& address, const std::string& data) {
    DemoOptions options;
    options.address = address;
    options.state_file = data + "/demo.yaml";
    options.stopped = [this] { return stop_.load(); };
    thread_ = std::thread([this, options] {
      Status status = RunDemo(options);
      if (!status.ok() && !stop_)
        LogError("demo ended", {{"error", std::string(status.message())}});
    });
  }
  ~DemoThread() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// SIGINT and SIGTERM are taken here alone; every thread that starts later inherits the mask.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

Status Run(const Config& config) {
  const sigset_t signals = BlockSignals();
  RETURN_IF_ERROR(CheckPorts(config));
  std::error_code error;
  std::filesystem::create_directories(config.data + "/log", error);
  if (error)
    return Precondition("FOLDER_NOT_WRITABLE", "data: the folder " + config.data +
                                                   " cannot be written (" + error.message() +
                                                   "); give another one with --data FOLDER or "
                                                   "change its owner");
  const bool logs_here = config.log_file == "-";
  OpenLog(logs_here                 ? ""
          : config.log_file.empty() ? config.data + "/log/spm.log"
                                    : config.log_file);
  SetLogLevel(config.log_level);
  MemoryCounters counters;
  std::unique_ptr<dashboard::Dashboard> front;
  std::atomic<App*> running{nullptr};
  auto started = App::Start(config, Specs(config), [&](App& app) {
    dashboard::DashboardOptions options;
    options.port = config.port;
    auto ready = [&running]() -> Status {
      App* at = running.load();
      return at != nullptr ? at->Ready() : Unavailable("starting or stopping");
    };
    options.health = {.live = nullptr, .ready = ready, .started = ready};
    front = std::make_unique<dashboard::Dashboard>(std::move(options), counters, app.clock());
    front->Follow(app.bus());
    return front->Methods();
  });
  RETURN_IF_ERROR(started.status());
  std::unique_ptr<App> app = std::move(started).value();
  const std::string backends = "127.0.0.1:" + std::to_string(app->grpc_port());
  RETURN_IF_ERROR(front->Start(Channel::Connect(backends)));
  Config ports = config;
  ports.port = front->port();
  ports.grpc_port = app->grpc_port();
  RETURN_IF_ERROR(WritePorts(config.file(), ports));
  const std::string pid_file = config.data + "/spm.pid";
  RETURN_IF_ERROR(WritePid(pid_file));
  running = app.get();
  // Standard output is for JSON alone where the log goes there.
  std::FILE* out = logs_here ? stderr : stdout;
  fmt::print(out, "spm runs at http://127.0.0.1:{}  (gRPC on port {}, data in {})\n", ports.port,
             ports.grpc_port, config.data);
  std::fflush(out);
  {
    std::unique_ptr<DemoThread> demo;
    if (config.demo) demo = std::make_unique<DemoThread>(backends, config.data);
    int signal = 0;
    sigwait(&signals, &signal);
    LogInfo("stopping", {{"signal", std::to_string(signal)}});
  }
  running = nullptr;
  front->Stop();
  app->Stop();
  app.reset();
  std::filesystem::remove(pid_file, error);
  return OkStatus();
}

}  // namespace

int Serve(const ServeOptions& options) {
  auto config = ReadConfig(options);
  if (!config.ok()) return Fail(config.status());
  if (options.print_config) {
    fmt::print("{}", PrintConfig(*config));
    return kDone;
  }
  Status status = Run(*config);
  if (status.ok()) return kDone;
  LogError("not started", {{"error", std::string(status.message())}});
  fmt::print(stderr, "spm: {}\n", std::string(status.message()));
  return kBrokenOff;
}

}  // namespace spm::suite
