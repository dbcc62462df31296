// The JSON form of every RPC: request in by path, query or body, the call by gRPC, reply or error
// out. No code for a single RPC; access is decided by the services that are called. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/http/message.h"
#include "common/rpc/channel.h"
#include "services/dashboard/gateway_routes.h"

namespace spm::dashboard {

// The channel of a service by its full name; it outlives the gateway.
using FindChannel = std::function<Channel&(const std::string& service)>;

class Gateway {
 public:
  Gateway(RouteTable routes, FindChannel channels)
      : routes_(std::move(routes)), channels_(std::move(channels)) {}

  // Answers 404 and 405 for paths and methods that no RPC has.
  void Handle(std::shared_ptr<const HttpRequest> request, HttpDone done) const;
  const RouteTable& routes() const { return routes_; }

 private:
  RouteTable routes_;
  FindChannel channels_;
};

// The request message of a matched route. INVALID_ARGUMENT names every wrong field, up to 20.
StatusOr<std::unique_ptr<google::protobuf::Message>> ReadRequest(const HttpRequest& request,
                                                                 const RouteMatch& match);

// Caller, trace and time that a request asks for: X-Spm-As, traceparent, X-Timeout-Ms.
StatusOr<CallOptions> ReadCallOptions(const HttpRequest& request);

// protobuf's JSON mapping, fields without a value included.
StatusOr<std::string> WriteJson(const google::protobuf::Message& message);

}  // namespace spm::dashboard
