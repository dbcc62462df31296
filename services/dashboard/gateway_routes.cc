#include "services/dashboard/gateway_routes.h"

#include <algorithm>
#include <map>
#include <optional>

#include "common/http/message.h"
#include "google/api/annotations.pb.h"

namespace spm::dashboard {
namespace {

using google::api::HttpRule;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

std::string NameOf(const MethodDescriptor& rpc) {
  return rpc.service()->full_name() + "/" + rpc.name();
}

Status Refused(const MethodDescriptor& rpc, const std::string& why) {
  return Precondition("HTTP_ANNOTATION", NameOf(rpc) + ": " + why);
}

std::vector<std::string> Split(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t at = 1; at <= path.size();) {
    size_t end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

bool IsPlain(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

StatusOr<RouteSegment> ParseSegment(const MethodDescriptor& rpc, const std::string& text) {
  if (IsPlain(text)) return RouteSegment{text, nullptr};
  if (text.size() < 3 || text.front() != '{' || text.back() != '}' ||
      !IsPlain(text.substr(1, text.size() - 2)))
    return Refused(rpc, "segment \"" + text + "\" is neither a word nor {field}");
  std::string name = text.substr(1, text.size() - 2);
  const FieldDescriptor* field = rpc.input_type()->FindFieldByName(name);
  if (field == nullptr) return Refused(rpc, "its request has no field " + name);
  if (field->is_repeated() || field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
    return Refused(rpc, "field " + name + " of the path is not a single value");
  return RouteSegment{"", field};
}

Status TakePattern(const HttpRule& rule, Route* route) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      route->http_method = "GET", route->path = rule.get();
      break;
    case HttpRule::kDelete:
      route->http_method = "DELETE", route->path = rule.delete_();
      break;
    case HttpRule::kPost:
      route->http_method = "POST", route->path = rule.post();
      break;
    case HttpRule::kPatch:
      route->http_method = "PATCH", route->path = rule.patch();
      break;
    default:
      return Refused(*route->rpc, "only get, post, patch and delete are served");
  }
  route->body = rule.pattern_case() == HttpRule::kPost || rule.pattern_case() == HttpRule::kPatch;
  if (rule.body() != (route->body ? "*" : ""))
    return Refused(*route->rpc,
                   route->body ? "post and patch take body \"*\"" : "get and delete take no body");
  return OkStatus();
}

// Values of the field segments where the path is this route's.
std::optional<std::vector<std::string>> Matches(const Route& route,
                                                std::vector<std::string> parts) {
  if (parts.size() != route.segments.size()) return std::nullopt;
  if (!route.verb.empty()) {
    std::string& last = parts.back();
    std::string end = ":" + route.verb;
    if (last.size() <= end.size() || !last.ends_with(end)) return std::nullopt;
    last.resize(last.size() - end.size());
  }
  std::vector<std::string> values;
  for (size_t i = 0; i < parts.size(); ++i) {
    auto text = PercentDecode(parts[i], false);
    if (!text || text->empty()) return std::nullopt;
    const RouteSegment& segment = route.segments[i];
    if (segment.field != nullptr) {
      values.push_back(std::move(*text));
    } else if (*text != segment.literal) {
      return std::nullopt;
    }
  }
  return values;
}

// The same for two paths that could both match one request equally well.
std::string Shape(const Route& route) {
  std::string shape = route.http_method;
  for (const auto& segment : route.segments)
    shape += "/" + (segment.field != nullptr ? "{}" : segment.literal);
  return shape + ":" + route.verb;
}

}  // namespace

StatusOr<Route> ParseRoute(const MethodDescriptor& rpc) {
  Route route;
  route.rpc = &rpc;
  route.rpc_name = NameOf(rpc);
  if (rpc.client_streaming() || rpc.server_streaming())
    return Refused(rpc, "streams have no JSON form");
  if (!rpc.options().HasExtension(google::api::http))
    return Refused(rpc, "has no google.api.http annotation");
  const HttpRule& rule = rpc.options().GetExtension(google::api::http);
  if (rule.additional_bindings_size() > 0) return Refused(rpc, "has additional_bindings");
  if (!rule.response_body().empty()) return Refused(rpc, "has a response_body");
  RETURN_IF_ERROR(TakePattern(rule, &route));
  if (route.path.empty() || route.path.front() != '/')
    return Refused(rpc, "the path must begin with a slash");
  std::vector<std::string> parts = Split(route.path);
  if (size_t colon = parts.back().rfind(':'); colon != std::string::npos) {
    route.verb = parts.back().substr(colon + 1);
    parts.back().resize(colon);
    if (!IsPlain(route.verb)) return Refused(rpc, "the verb \"" + route.verb + "\" is no word");
  }
  for (const std::string& part : parts) {
    ASSIGN_OR_RETURN(RouteSegment segment, ParseSegment(rpc, part));
    route.segments.push_back(std::move(segment));
  }
  return route;
}

StatusOr<RouteTable> RouteTable::Build(const std::vector<std::string>& services) {
  RouteTable table;
  std::map<std::string, std::string> shapes;
  for (const std::string& name : services) {
    const auto* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) return Precondition("UNKNOWN_SERVICE", name + " is not linked");
    for (int i = 0; i < service->method_count(); ++i) {
      ASSIGN_OR_RETURN(Route route, ParseRoute(*service->method(i)));
      auto [other, added] = shapes.emplace(Shape(route), route.rpc_name);
      if (!added)
        return Precondition("HTTP_ANNOTATION",
                            route.rpc_name + " and " + other->second + " have one path");
      table.routes_.push_back(std::move(route));
    }
  }
  // Fixed words before fields, verbs before none, so that the first match is the closest.
  auto vague = [](const Route& r) {
    auto fields = std::count_if(r.segments.begin(), r.segments.end(),
                                [](const RouteSegment& s) { return s.field != nullptr; });
    return std::make_pair(r.verb.empty() ? 1 : 0, fields);
  };
  std::stable_sort(table.routes_.begin(), table.routes_.end(),
                   [&](const Route& a, const Route& b) { return vague(a) < vague(b); });
  return table;
}

RouteMatch RouteTable::Find(const std::string& http_method, const std::string& path) const {
  RouteMatch match;
  if (path.empty() || path.front() != '/') return match;
  const std::vector<std::string> parts = Split(path);
  for (const Route& route : routes_) {
    auto values = Matches(route, parts);
    if (!values) continue;
    if (route.http_method == http_method) return {&route, std::move(*values), {}};
    if (std::find(match.other_methods.begin(), match.other_methods.end(), route.http_method) ==
        match.other_methods.end())
      match.other_methods.push_back(route.http_method);
  }
  return match;
}

}  // namespace spm::dashboard
