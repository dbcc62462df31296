#include "common/app/app.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "common/app/databases.h"
#include "common/app/status.h"
#include "common/base/log.h"
#include "common/rpc/server.h"
#include "spm/org/v1/policy.pb.h"

namespace spm {
namespace {

constexpr int kQueryThreads = 4;
constexpr auto kDrain = std::chrono::seconds(5);
// A named point of the lane at which a test kills the process: SPM_CRASH_AT=leads/after_commit.
constexpr char kCrashAt[] = "SPM_CRASH_AT";

std::function<bool(const char*)> CrashPoint(const std::string& service) {
  const char* at = std::getenv(kCrashAt);
  if (at == nullptr) return nullptr;
  return [point = std::string(at), service](const char* step) {
    if (point == service + "/" + step) _exit(70);
    return false;
  };
}

}  // namespace

App::App(Config config) : config_(std::move(config)) {}

App::~App() { Stop(); }

// Two processes on one folder would each think that they own its databases.
Status App::LockFolder() {
  std::error_code error;
  std::filesystem::create_directories(config_.data, error);
  if (error)
    return Precondition("FOLDER_NOT_WRITABLE",
                        "data: the folder " + config_.data + " cannot be made: " + error.message());
  ASSIGN_OR_RETURN(lock_, FolderLock::Take(config_.data));
  return OkStatus();
}

Status App::Open(std::vector<ServiceSpec> specs) {
  RETURN_IF_ERROR(LockFolder());
  if (config_.test_clock) {
    ASSIGN_OR_RETURN(auto clock, TestClock::Open(config_.data + "/clock"));
    test_clock_ = clock.get();
    clock_ = std::move(clock);
  } else {
    clock_ = std::make_unique<SystemClock>();
  }
  const char* disorder = std::getenv("SPM_TEST_BUS");
  ASSIGN_OR_RETURN(auto parsed, MemoryBus::ParseDisorder(disorder == nullptr ? "" : disorder));
  bus_ = std::make_unique<MemoryBus>(parsed);
  pool_ = std::make_unique<Pool>(kQueryThreads);
  std::vector<std::string> names;
  names.reserve(specs.size());
  for (const ServiceSpec& spec : specs) names.push_back(spec.name);
  RETURN_IF_ERROR(CheckDatabases(config_.data, names));
  for (ServiceSpec& spec : specs) {
    std::string name = spec.name;
    services_.push_back(std::make_unique<ServiceRuntime>(
        std::move(spec),
        ServiceRuntime::Env{.data = config_.data,
                            .clock = clock_.get(),
                            .bus = bus_.get(),
                            .pool = pool_.get(),
                            .company = [this] { return company(); },
                            .peer = [this](const std::string& n) { return Find(n); },
                            .crash = CrashPoint(name),
                            .poison = parsed.poison}));
  }
  // The company's settings come from org, so that it opens first and every Call finds them.
  for (auto& service : services_) RETURN_IF_ERROR(service->Open());
  RETURN_IF_ERROR(NoteDatabases(config_.data, names));
  RETURN_IF_ERROR(ReloadCompany());
  for (auto& service : services_) RETURN_IF_ERROR(service->Follow());
  return OkStatus();
}

StatusOr<std::unique_ptr<App>> App::Start(const Config& config, std::vector<ServiceSpec> specs,
                                          const More& more) {
  std::unique_ptr<App> app(new App(config));
  RETURN_IF_ERROR(app->Open(std::move(specs)));
  RpcServer::Options options;
  options.port = config.grpc_port;
  options.reflection = config.reflection;
  options.authenticate = [raw = app.get()](const std::string& service, const std::string& as) {
    return raw->Authenticate(service, as);
  };
  for (auto& service : app->services_)
    for (RpcMethod& m : service->Methods()) options.methods.push_back(std::move(m));
  for (auto* of : {OperationsMethods, BackupMethods})
    for (RpcMethod& m : of(*app)) options.methods.push_back(std::move(m));
  if (more)
    for (RpcMethod& m : more(*app)) options.methods.push_back(std::move(m));
  app->server_ = std::make_unique<RpcServer>(std::move(options));
  RETURN_IF_ERROR(app->server_->Start());
  app->grpc_port_ = app->server_->port();
  for (auto& service : app->services_) service->Start();
  app->metrics_ = std::make_unique<MetricsSource>([raw = app.get()] { MeasureServices(*raw); });
  app->server_->SetServing(true, true);
  app->ready_ = true;
  LogInfo("serving", {{"grpc_port", std::to_string(app->grpc_port_)}, {"data", config.data}});
  return app;
}

void App::Stop() {
  if (stopped_.exchange(true)) return;
  ready_ = false;
  backups_.Stop();
  if (server_ != nullptr) {
    server_->SetServing(true, false);
    server_->Stop(kDrain);
  }
  metrics_.reset();
  for (auto& service : services_) service->Drain();
  if (pool_ != nullptr) pool_->Stop();
  for (auto& service : services_) service->Stop();
  LogInfo("stopped");
}

Status App::Ready() const {
  if (!ready_) return Unavailable("starting or stopping");
  for (const auto& service : services_) RETURN_IF_ERROR(service->Health());
  return OkStatus();
}

ServiceRuntime* App::Find(const std::string& service) {
  for (auto& s : services_)
    if (s->spec().name == service) return s.get();
  return nullptr;
}

// spm.leads.v1.LeadService asks the directory of leads; what belongs to no service asks any.
StatusOr<Caller> App::Authenticate(const std::string& service, const std::string& as) {
  for (auto& s : services_)
    if (service.starts_with("spm." + s->spec().name + ".")) return s->Authenticate(as);
  ServiceRuntime* org = Find("org");
  return (org != nullptr ? *org : *services_.front()).Authenticate(as);
}

std::shared_ptr<const CompanySettings> App::company() const {
  std::lock_guard lock(mutex_);
  return company_;
}

Status App::ReloadCompany() {
  ServiceRuntime* org = Find("org");
  if (org == nullptr) return OkStatus();
  const auto book = org->policies();
  const PolicyVersion* version = book->At("company", org->lane().NowUs());
  if (version == nullptr) return Internal("org has no policy of the company");
  const auto& policy = static_cast<const org::v1::CompanyPolicy&>(*version->body);
  auto settings = std::make_shared<CompanySettings>();
  ASSIGN_OR_RETURN(settings->currency, FindCurrency(policy.currency()));
  ASSIGN_OR_RETURN(settings->zone, Zone::Find(policy.zone()));
  settings->language = policy.language();
  std::lock_guard lock(mutex_);
  company_ = std::move(settings);
  return OkStatus();
}

int64_t App::uptime_ms() const {
  const auto up = std::chrono::steady_clock::now() - start_;
  return std::chrono::duration_cast<std::chrono::milliseconds>(up).count();
}

// At rest is twice in a row: what one service ends may begin something in another.
Status App::WaitIdle(int64_t ms) {
  auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  int at_rest = 0;
  while (at_rest < 2) {
    bool idle = true;
    for (auto& s : services_) idle = s->Idle() && idle;
    at_rest = idle ? at_rest + 1 : 0;
    if (idle) continue;
    if (stopped_) return Unavailable("the suite is stopping");
    if (std::chrono::steady_clock::now() > end)
      return Error(
          StatusCode::kDeadlineExceeded, "NOT_IDLE",
          "the suite does not come to rest; stop what sends commands (the demo?) and repeat");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return OkStatus();
}

}  // namespace spm
