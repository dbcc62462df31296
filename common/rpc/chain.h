// The call chain: what every RPC passes before its handler, and what every answer passes on its way
// back. Knows no transport. A bound method is immutable; a call may be answered, abandoned and
// asked from any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/base/metrics.h"
#include "common/base/status.h"
#include "common/rpc/method.h"

namespace spm {

// Says who calls a service ("spm.leads.v1.LeadService"). `as` is x-spm-as, empty where it is
// missing. UNAUTHENTICATED for an unknown one.
using AuthenticateFor =
    std::function<StatusOr<Caller>(const std::string& service, const std::string& as)>;

// A method ready to be called: checked, with its request type and its metrics.
class BoundMethod {
 public:
  // An error names a method that is unknown to the protos or without access annotation.
  static StatusOr<std::shared_ptr<const BoundMethod>> Bind(RpcMethod method,
                                                           AuthenticateFor authenticate);

  const RpcMethod& method() const { return method_; }
  // "leads"; "base" for what belongs to the process.
  const std::string& owner() const { return owner_; }
  // "spm.leads.v1.LeadService"
  const std::string& service() const { return method_.descriptor->service()->full_name(); }
  StatusOr<Caller> WhoCalls(const std::string& as) const { return authenticate_(service(), as); }
  // INVALID_ARGUMENT with what is wrong; RESOURCE_EXHAUSTED where it is too large.
  StatusOr<std::unique_ptr<google::protobuf::Message>> Read(const std::string& bytes) const;
  void Count(StatusCode code, double seconds) const;

 private:
  BoundMethod(RpcMethod method, AuthenticateFor authenticate);

  RpcMethod method_;
  AuthenticateFor authenticate_;
  const google::protobuf::Message* prototype_;
  std::string owner_;
  size_t max_bytes_;
  HistogramMetric& seconds_;
  mutable std::array<std::atomic<CounterMetric*>, 17> codes_{};
};

// What the transport knows of a call.
struct IncomingCall {
  // As gRPC writes it: "ipv4:127.0.0.1:40000".
  std::string peer;
  // x-spm-as and traceparent; empty where they are missing.
  std::string as;
  std::string traceparent;
  // When the caller stops waiting; 0 where it does not say, which makes it 10 s from now.
  int64_t deadline_us = 0;
  std::string bytes;
};

class RpcCall : public std::enable_shared_from_this<RpcCall> {
 public:
  RpcCall(std::shared_ptr<const BoundMethod> method, RpcDone reply);

  // Runs the chain; the reply is given once, now or later.
  void Run(const IncomingCall& incoming);
  // The caller is gone or its time is over: replies so, if nothing has been replied yet.
  void Abandon(StatusCode code);
  bool answered() const { return answered_; }
  // Steady clock.
  int64_t deadline_us() const { return context_.deadline_us; }

 private:
  Status Pass(const IncomingCall& incoming, std::unique_ptr<google::protobuf::Message>* request);
  void Answer(StatusOr<std::string> reply);
  Status Polished(const Status& status) const;
  void Log(const Status& status, double seconds) const;

  const std::shared_ptr<const BoundMethod> method_;
  const RpcDone reply_;
  const std::chrono::steady_clock::time_point start_;
  RpcContext context_;
  std::string request_id_;
  std::atomic<bool> answered_{false};
  // Apart from the call, since contexts hold it.
  const std::shared_ptr<std::atomic<bool>> abandoned_ = std::make_shared<std::atomic<bool>>(false);
};

// Microseconds of the steady clock.
int64_t SteadyUs();
// The peer is on this machine.
bool IsLoopback(const std::string& peer);

}  // namespace spm
