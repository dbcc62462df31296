// The client's side of gRPC: calls any method by its path with generated messages or with bytes, so
// that nothing outside common/rpc sees grpcpp. Thread-safe; callbacks come on gRPC's threads and
// must not block.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/base/status.h"
#include "google/protobuf/message.h"

namespace spm {

struct CallOptions {
  // Acts as a member: a person's id or `source:external_id` (metadata x-spm-as).
  std::string as;
  std::chrono::milliseconds timeout{10000};
  // W3C traceparent; empty sends none.
  std::string traceparent;
};

class Channel {
 public:
  // `address` is host:port. Connects at the first call; takes replies of up to 64 MiB.
  static std::unique_ptr<Channel> Connect(const std::string& address);
  // Cancels the calls that run and waits until they have answered; not from a callback.
  virtual ~Channel() = default;

  // `method` is "spm.leads.v1.LeadService/CreateLead". Waits for the reply. The server's error
  // comes back with its details; UNAVAILABLE where nothing listens.
  Status Call(const std::string& method, const google::protobuf::Message& request,
              google::protobuf::Message* reply, const CallOptions& options = {});

  // `done` is called once. The bytes are empty where the status is not OK.
  using Done = std::function<void(Status, std::string reply_bytes)>;
  virtual void CallBytes(const std::string& method, std::string request_bytes,
                         const CallOptions& options, Done done) = 0;
};

}  // namespace spm
