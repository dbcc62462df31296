#include "common/http/admin.h"

#include "common/base/metrics.h"

namespace spm {
namespace {

HttpResponse Health(const std::function<Status()>& check) {
  Status status = check ? check() : OkStatus();
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.status = status.ok() ? 200 : 503;
  response.body = status.ok() ? "ok\n" : std::string(status.message()) + "\n";
  return response;
}

}  // namespace

std::optional<HttpResponse> AdminResponse(const HttpRequest& request, const HealthChecks& checks) {
  if (request.path == "/livez") return Health(checks.live);
  if (request.path == "/readyz") return Health(checks.ready);
  if (request.path == "/startupz") return Health(checks.started);
  if (request.path != "/metrics") return std::nullopt;
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = MetricsText();
  return response;
}

}  // namespace spm
