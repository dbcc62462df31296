#include "services/dashboard/service.h"

#include "common/base/embed.h"
#include "common/base/log.h"
#include "common/http/errors.h"
#include "services/dashboard/counters_rpc.h"
#include "services/dashboard/gateway_guard.h"
#include "services/dashboard/openapi.h"

namespace spm::dashboard {
namespace {

constexpr char kApiFolder[] = "api";
constexpr char kProtoFolder[] = "protos";

HttpServerOptions ServerOptions(int port) {
  HttpServerOptions options;
  options.port = port;
  options.name = "dashboard";
  return options;
}

// Descriptors with their comments, where the build has put them in.
std::string_view DescriptorSet() {
  const auto& files = EmbeddedFolder(kProtoFolder);
  return files.empty() ? std::string_view() : files.front().text;
}

HttpResponse MethodNotAllowed() {
  HttpResponse response = ErrorResponse(
      405, Error(StatusCode::kUnimplemented, "METHOD_NOT_ALLOWED", "this path takes GET"));
  response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

}  // namespace

std::vector<std::string> SuiteServices() {
  return {"spm.leads.v1.CustomerService",      "spm.leads.v1.InteractionService",
          "spm.leads.v1.LeadService",          "spm.leads.v1.OpportunityService",
          "spm.orders.v1.ProductService",      "spm.org.v1.OrgService",
          "spm.performance.v1.MetricService",  "spm.performance.v1.TargetService",
          "spm.dashboard.v1.DashboardService", "spm.base.v1.JournalService",
          "spm.base.v1.OperationsService",     "spm.base.v1.PolicyService",
          "spm.base.v1.BackupService"};
}

Dashboard::Dashboard(DashboardOptions options, Counters& counters, const Clock& clock)
    : options_(std::move(options)),
      live_(counters, clock),
      page_(options_.web_folder, "/"),
      api_page_(kApiFolder, "/api"),
      server_(ServerOptions(options_.port),
              [this](std::shared_ptr<const HttpRequest> request, HttpDone done) {
                Handle(std::move(request), std::move(done));
              }) {}

Dashboard::~Dashboard() { Stop(); }

void Dashboard::Follow(Bus& bus) {
  bus.SubscribeValues(
      [this](const std::string& key, const std::string& bytes) { OnValue(key, bytes); });
}

std::vector<RpcMethod> Dashboard::Methods() {
  return {GetCountersMethod(live_, [this] { return channel_.load(); })};
}

Status Dashboard::Start(std::unique_ptr<Channel> backends) {
  ASSIGN_OR_RETURN(RouteTable routes, RouteTable::Build(options_.services));
  openapi_ = OpenApiDocument(routes.routes(), DescriptorSet());
  backends_ = std::move(backends);
  channel_ = backends_.get();
  gateway_ = std::make_unique<Gateway>(
      std::move(routes), [this](const std::string&) -> Channel& { return *backends_; });
  streams_ = std::make_unique<StreamHub>(live_, *backends_, options_.stream);
  RETURN_IF_ERROR(server_.Start());
  LogInfo("dashboard serves", {{"port", std::to_string(port())}});
  return OkStatus();
}

void Dashboard::Stop() {
  if (streams_ != nullptr) streams_->Stop();
  server_.Stop();
}

void Dashboard::Handle(std::shared_ptr<const HttpRequest> request, HttpDone done) {
  HttpDone guarded = [request, done = std::move(done)](HttpResponse response) {
    AddSecurityHeaders(*request, &response);
    done(std::move(response));
  };
  if (auto refusal = GuardRequest(*request, port())) return guarded(*std::move(refusal));
  Route(request, std::move(guarded));
}

void Dashboard::Route(const std::shared_ptr<const HttpRequest>& request, HttpDone done) {
  bool reads = request->method == "GET" || request->method == "HEAD";
  if (request->path == "/v1/stream")
    return reads ? streams_->Handle(request, std::move(done)) : done(MethodNotAllowed());
  if (request->path == "/v1" || request->path.starts_with("/v1/"))
    return gateway_->Handle(request, std::move(done));
  if (!reads) return done(MethodNotAllowed());
  if (auto admin = AdminResponse(*request, options_.health)) return done(*std::move(admin));
  done(File(*request));
}

HttpResponse Dashboard::File(const HttpRequest& request) const {
  if (request.path == "/openapi.json") {
    HttpResponse response;
    response.headers.emplace_back("Cache-Control", "no-cache");
    response.body = openapi_;
    return response;
  }
  if (request.path == "/api" || request.path.starts_with("/api/")) return api_page_.Get(request);
  if (page_.empty())
    return ErrorResponse(
        Error(StatusCode::kNotFound, "NO_PAGE",
              "this binary was built without the page; /openapi.json and /v1 serve"));
  return page_.Get(request);
}

}  // namespace spm::dashboard
