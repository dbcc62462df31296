#include "services/dashboard/gateway_guard.h"

#include "common/http/errors.h"

namespace spm::dashboard {
namespace {

constexpr int kHttpPort = 80;
constexpr char kPolicy[] =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src "
    "'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// localhost:8080, 127.0.0.1:8080, [::1]:8080
bool IsOurs(std::string_view authority, int port) {
  for (std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (authority.size() < name.size() ||
        !EqualsIgnoringCase(authority.substr(0, name.size()), name))
      continue;
    std::string_view rest = authority.substr(name.size());
    return rest == ":" + std::to_string(port) || (rest.empty() && port == kHttpPort);
  }
  return false;
}

bool IsJson(const std::string& content_type) {
  std::string_view type = std::string_view(content_type).substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return EqualsIgnoringCase(type, "application/json");
}

}  // namespace

std::optional<HttpResponse> GuardRequest(const HttpRequest& request, int port) {
  const std::string* host = request.Header("Host");
  if (host == nullptr || !IsOurs(*host, port))
    return ErrorResponse(Error(StatusCode::kPermissionDenied, "FOREIGN_HOST",
                               "Host must be localhost:" + std::to_string(port) +
                                   " or 127.0.0.1:" + std::to_string(port) +
                                   ": this server answers on its own machine only"));
  const std::string* origin = request.Header("Origin");
  static constexpr std::string_view kScheme = "http://";
  if (origin != nullptr && !(origin->starts_with(kScheme) &&
                             IsOurs(std::string_view(*origin).substr(kScheme.size()), port)))
    return ErrorResponse(Error(StatusCode::kPermissionDenied, "FOREIGN_ORIGIN",
                               "Origin must be this server's own: other sites may not call it"));
  const std::string* type = request.Header("Content-Type");
  if (!request.body.empty() && (type == nullptr || !IsJson(*type)))
    return ErrorResponse(415, Error(StatusCode::kInvalidArgument, "NOT_JSON",
                                    "send the body as Content-Type: application/json"));
  return std::nullopt;
}

void AddSecurityHeaders(const HttpRequest& request, HttpResponse* response) {
  auto add = [response](const char* name, const char* value) {
    response->headers.emplace_back(name, value);
  };
  add("Content-Security-Policy", kPolicy);
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  if (request.path.starts_with("/v1/") || response->status >= 400) add("Cache-Control", "no-store");
}

}  // namespace spm::dashboard
