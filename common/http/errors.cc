#include "common/http/errors.h"

#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace spm {
namespace {

std::string StatusJson(google::rpc::Status proto) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.add_whitespace = false;
  std::string json;
  if (MessageToJsonString(proto, &json, options).ok()) return json;
  // A detail of a type that this binary does not know: the error itself still goes out.
  proto.clear_details();
  json.clear();
  if (MessageToJsonString(proto, &json, options).ok()) return json;
  return R"({"code":13,"message":"","details":[]})";
}

}  // namespace

int HttpStatusOf(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return 200;
    case StatusCode::kCancelled:
      return 499;
    case StatusCode::kInvalidArgument:
    case StatusCode::kFailedPrecondition:
    case StatusCode::kOutOfRange:
      return 400;
    case StatusCode::kDeadlineExceeded:
      return 504;
    case StatusCode::kNotFound:
      return 404;
    case StatusCode::kAlreadyExists:
    case StatusCode::kAborted:
      return 409;
    case StatusCode::kPermissionDenied:
      return 403;
    case StatusCode::kUnauthenticated:
      return 401;
    case StatusCode::kResourceExhausted:
      return 429;
    case StatusCode::kUnimplemented:
      return 501;
    case StatusCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

HttpResponse ErrorResponse(const Status& status) {
  return ErrorResponse(HttpStatusOf(status.code()), status);
}

HttpResponse ErrorResponse(int http_status, const Status& status) {
  HttpResponse response;
  response.status = http_status;
  google::rpc::Status proto = ToProto(status);
  google::rpc::RetryInfo retry;
  for (const auto& detail : proto.details()) {
    if (!detail.UnpackTo(&retry)) continue;
    int64_t seconds = retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0);
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  response.body = StatusJson(std::move(proto));
  return response;
}

}  // namespace spm
