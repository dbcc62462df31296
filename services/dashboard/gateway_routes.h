// The paths of the gateway, read from the google.api.http annotations of descriptors. Immutable
// once built; any thread may read.
#pragma once

#include <string>
#include <vector>

#include "common/base/status.h"
#include "google/protobuf/descriptor.h"

namespace spm::dashboard {

struct RouteSegment {
  // Text of a fixed segment; empty where it is a field's.
  std::string literal;
  const google::protobuf::FieldDescriptor* field = nullptr;
};

struct Route {
  std::string http_method;
  // "/v1/leads/{lead_id}:assign"
  std::string path;
  std::vector<RouteSegment> segments;
  // Without its colon; empty for most.
  std::string verb;
  // The request is the body; otherwise the query.
  bool body = false;
  const google::protobuf::MethodDescriptor* rpc = nullptr;
  // "spm.leads.v1.LeadService/AssignLead"
  std::string rpc_name;
};

// One form of annotation is known: GET or DELETE without a body, POST or PATCH with body "*",
// segments that are literals or {field} of a singular string, number or enum, one :verb at the end.
// Any other is an error that names the RPC.
StatusOr<Route> ParseRoute(const google::protobuf::MethodDescriptor& rpc);

struct RouteMatch {
  const Route* route = nullptr;
  // Decoded, one for each field segment.
  std::vector<std::string> values;
  // Where no route has this method: the methods that the path has; none means 404.
  std::vector<std::string> other_methods;
};

class RouteTable {
 public:
  // Every RPC of the services, by full name ("spm.leads.v1.LeadService"). Two RPCs with one path
  // are an error.
  static StatusOr<RouteTable> Build(const std::vector<std::string>& services);

  // `path` as sent, percent-encoded. A route with a verb goes before one without.
  RouteMatch Find(const std::string& http_method, const std::string& path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace spm::dashboard
