#include "common/rpc/library_log.h"

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

void CatchLibraryLogs() {
  gpr_set_log_function(FromGrpc);
  google::protobuf::SetLogHandler(FromProtobuf);
}

}  // namespace spm
