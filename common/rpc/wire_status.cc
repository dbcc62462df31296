#include "common/rpc/wire_status.h"

#include "common/base/text.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace spm {
namespace {

// Trailers hold 8 KiB in all: the message up to three times its size, the details in base 64.
constexpr size_t kMaxMessageBytes = 600;
constexpr size_t kMaxDetailBytes = 4000;

// The last violations are left out until the rest fits; after them the largest details.
void Shrink(google::rpc::Status* proto) {
  google::rpc::BadRequest bad;
  for (auto& any : *proto->mutable_details()) {
    if (!any.UnpackTo(&bad)) continue;
    while (proto->ByteSizeLong() > kMaxDetailBytes && bad.field_violations_size() > 1) {
      bad.mutable_field_violations()->RemoveLast();
      any.PackFrom(bad);
    }
  }
  while (proto->ByteSizeLong() > kMaxDetailBytes && proto->details_size() > 0)
    proto->mutable_details()->RemoveLast();
}

}  // namespace

grpc::Status ToGrpc(const Status& status) {
  google::rpc::Status proto = ToProto(status);
  const std::string message = Utf8Prefix(proto.message(), kMaxMessageBytes);
  proto.set_message(message);
  Shrink(&proto);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message,
                      proto.SerializeAsString());
}

}  // namespace spm
