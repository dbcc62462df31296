#include "common/rpc/libraries.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>

#include <string>

#include "common/base/log.h"
#include "google/protobuf/stubs/logging.h"

namespace spm {
namespace {

void FromGrpc(gpr_log_func_args* line) {
  if (line->severity == GPR_LOG_SEVERITY_ERROR)
    LogWarn("grpc", {{"text", line->message}});
  else
    LogDebug("grpc", {{"text", line->message}});
}

// Bad requests make it complain; who sent them has been answered.
void FromProtobuf(google::protobuf::LogLevel level, const char*, int, const std::string& text) {
  if (level == google::protobuf::LOGLEVEL_FATAL)
    LogError("protobuf", {{"text", text}});
  else
    LogDebug("protobuf", {{"text", text}});
}

}  // namespace

void PrepareLibraries() {
  // Held for ever: its last release waits up to 10 s for what refused requests have left behind.
  static const bool held = (grpc_init(), true);
  static_cast<void>(held);
  gpr_set_log_function(FromGrpc);
  google::protobuf::SetLogHandler(FromProtobuf);
}

}  // namespace spm
