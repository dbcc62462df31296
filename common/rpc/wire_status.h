// Errors as gRPC carries them: google.rpc.Status in grpc-status-details-bin, small enough for the
// trailers. Only for common/rpc, since it shows grpcpp.
#pragma once

#include <grpcpp/support/status.h>

#include "common/base/status.h"

namespace spm {

grpc::Status ToGrpc(const Status& status);

}  // namespace spm
