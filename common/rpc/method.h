// One RPC as the server binds it: a path, its descriptor, and what answers it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/status.h"
#include "common/org/caller.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace spm {

// What the call chain knows when a request has passed it.
struct RpcContext {
  Caller caller;
  // Real time at which the caller stops waiting, in microseconds of the steady clock.
  int64_t deadline_us = 0;
  // W3C traceparent.
  std::string trace;
  // The caller has given up; a command that has not begun need not.
  std::function<bool()> cancelled;
};

// Called once, from any thread, with the serialized reply.
using RpcDone = std::function<void(StatusOr<std::string>)>;

struct RpcMethod {
  // "spm.leads.v1.LeadService/CreateLead"
  std::string name;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::function<void(const RpcContext&, std::unique_ptr<google::protobuf::Message> request,
                     RpcDone)>
      handle;
};

}  // namespace spm
