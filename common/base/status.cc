#include "common/base/status.h"

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace spm {
namespace {

// All details travel as one serialized google.rpc.Status, so that they cross gRPC unchanged.
constexpr char kDetails[] = "spm/details";
constexpr size_t kMaxViolations = 20;
constexpr char kDomain[] = "spm";

google::rpc::Status Details(const Status& status) {
  google::rpc::Status proto;
  if (auto payload = status.GetPayload(kDetails)) proto.ParseFromString(std::string(*payload));
  return proto;
}

Status Make(StatusCode code, const std::string& message, const google::rpc::Status& details) {
  Status status(code, message);
  status.SetPayload(kDetails, absl::Cord(details.SerializeAsString()));
  return status;
}

}  // namespace

Status Error(StatusCode code, const std::string& reason, const std::string& message,
             const std::vector<Violation>& violations) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(kDomain);
  details.add_details()->PackFrom(info);
  if (!violations.empty()) {
    google::rpc::BadRequest bad;
    for (size_t i = 0; i < violations.size() && i < kMaxViolations; ++i) {
      auto* v = bad.add_field_violations();
      v->set_field(violations[i].field);
      v->set_description(violations[i].description);
    }
    details.add_details()->PackFrom(bad);
  }
  return Make(code, message, details);
}

Status InvalidFields(const std::vector<Violation>& violations) {
  std::string text;
  for (size_t i = 0; i < violations.size() && i < kMaxViolations; ++i) {
    if (i > 0) text += "; ";
    text += violations[i].field + ": " + violations[i].description;
  }
  return Error(StatusCode::kInvalidArgument, "INVALID_FIELD", text, violations);
}

Status InvalidField(const std::string& field, const std::string& remedy) {
  return InvalidFields({{field, remedy}});
}

Status NotFound(const std::string& what, const std::string& id) {
  return Error(StatusCode::kNotFound, "NOT_FOUND", what + " " + id + " not found");
}

Status Precondition(const std::string& reason, const std::string& message) {
  return Error(StatusCode::kFailedPrecondition, reason, message);
}

Status Aborted(const std::string& reason, const std::string& message) {
  return Error(StatusCode::kAborted, reason, message);
}

Status Internal(const std::string& message) {
  return Error(StatusCode::kInternal, "INTERNAL", message);
}

namespace {

Status WithRetry(const Status& status) {
  google::rpc::Status details = Details(status);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  details.add_details()->PackFrom(retry);
  return Make(status.code(), std::string(status.message()), details);
}

}  // namespace

Status Unavailable(const std::string& message) {
  return WithRetry(Error(StatusCode::kUnavailable, "UNAVAILABLE", message));
}

Status Exhausted(const std::string& reason, const std::string& message) {
  return WithRetry(Error(StatusCode::kResourceExhausted, reason, message));
}

Status WithMetadata(const Status& status, const std::string& key, const std::string& value) {
  google::rpc::Status details = Details(status);
  google::rpc::ErrorInfo info;
  for (auto& any : *details.mutable_details()) {
    if (!any.UnpackTo(&info)) continue;
    (*info.mutable_metadata())[key] = value;
    any.PackFrom(info);
  }
  return Make(status.code(), std::string(status.message()), details);
}

Status WithTrace(const Status& status, const std::string& trace_id) {
  google::rpc::Status details = Details(status);
  google::rpc::RequestInfo info;
  info.set_request_id(trace_id);
  details.add_details()->PackFrom(info);
  return Make(status.code(), std::string(status.message()), details);
}

Status WithField(const Status& status, const std::string& field) {
  google::rpc::Status details = Details(status);
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field(field);
  violation->set_description(std::string(status.message()));
  details.add_details()->PackFrom(bad);
  return Make(status.code(), std::string(status.message()), details);
}

bool IsInfrastructure(const Status& status) {
  return status.code() == StatusCode::kUnavailable ||
         status.code() == StatusCode::kDeadlineExceeded ||
         status.code() == StatusCode::kResourceExhausted || status.code() == StatusCode::kCancelled;
}

std::string Reason(const Status& status) {
  const google::rpc::Status details = Details(status);
  google::rpc::ErrorInfo info;
  for (const auto& any : details.details())
    if (any.UnpackTo(&info)) return info.reason();
  return "";
}

std::string CodeName(StatusCode code) { return absl::StatusCodeToString(code); }

Status Prefixed(const Status& status, const std::string& prefix) {
  google::rpc::Status details = Details(status);
  google::rpc::BadRequest bad;
  for (auto& any : *details.mutable_details()) {
    if (!any.UnpackTo(&bad)) continue;
    for (auto& v : *bad.mutable_field_violations()) v.set_field(prefix + "." + v.field());
    any.PackFrom(bad);
  }
  return Make(status.code(), prefix + ": " + std::string(status.message()), details);
}

google::rpc::Status ToProto(const Status& status) {
  google::rpc::Status proto = Details(status);
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(std::string(status.message()));
  return proto;
}

Status FromProto(const google::rpc::Status& proto) {
  if (proto.code() == 0) return OkStatus();
  google::rpc::Status details;
  *details.mutable_details() = proto.details();
  return Make(static_cast<StatusCode>(proto.code()), proto.message(), details);
}

}  // namespace spm
