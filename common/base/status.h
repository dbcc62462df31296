// Errors of the whole suite: absl::Status with google.rpc details. Keeps absl's own string_view and
// payload calls out of every other file. Values; free of threads.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace google::rpc {
class Status;
}

namespace spm {

using absl::Status;
using absl::StatusCode;
using absl::StatusOr;

inline Status OkStatus() { return absl::OkStatus(); }

// What is wrong with one field and how to mend it.
struct Violation {
  std::string field;
  std::string description;
};

// An error with google.rpc.ErrorInfo (reason in UPPER_SNAKE, domain "spm") and, where violations
// are given, BadRequest (at most 20 of them).
Status Error(StatusCode code, const std::string& reason, const std::string& message,
             const std::vector<Violation>& violations = {});

// The input is wrong in one field; `remedy` says what would be right.
Status InvalidField(const std::string& field, const std::string& remedy);
Status InvalidFields(const std::vector<Violation>& violations);
// `what` is the kind of resource: "opportunity".
Status NotFound(const std::string& what, const std::string& id);
Status Precondition(const std::string& reason, const std::string& message);
Status Aborted(const std::string& reason, const std::string& message);
// A bug. The text is logged; callers see only that something failed.
Status Internal(const std::string& message);
// A dependency is away: pause and try again. Carries RetryInfo.
Status Unavailable(const std::string& message);
// A limit of ours is reached: try again later. Carries RetryInfo.
Status Exhausted(const std::string& reason, const std::string& message);
// Adds a key to the ErrorInfo, for example the id of the existing record.
Status WithMetadata(const Status& status, const std::string& key, const std::string& value);
// Adds google.rpc.RequestInfo, by which its log lines are found.
Status WithTrace(const Status& status, const std::string& trace_id);

// Adds the field that a refusal for the state is about, so that a form can show it there.
Status WithField(const Status& status, const std::string& field);

// True for what is no fault of the input: Unavailable, deadline, resource limits of ours.
bool IsInfrastructure(const Status& status);
// The ErrorInfo's reason; empty without one.
std::string Reason(const Status& status);
// The code's name in UPPER_SNAKE.
std::string CodeName(StatusCode code);
// The message with the field's path before each violation: rows[3].name.
Status Prefixed(const Status& status, const std::string& prefix);

google::rpc::Status ToProto(const Status& status);
Status FromProto(const google::rpc::Status& proto);

namespace internal {
inline Status AsStatus(const Status& s) { return s; }
template <typename T>
Status AsStatus(const StatusOr<T>& s) {
  return s.status();
}
}  // namespace internal

}  // namespace spm

#define RETURN_IF_ERROR(expr)                                                                      \
  do {                                                                                             \
    if (auto spm_status_ = ::spm::internal::AsStatus(expr); !spm_status_.ok()) return spm_status_; \
  } while (false)

#define SPM_CONCAT_INNER_(a, b) a##b
#define SPM_CONCAT_(a, b) SPM_CONCAT_INNER_(a, b)
#define ASSIGN_OR_RETURN(decl, expr) \
  SPM_ASSIGN_OR_RETURN_(SPM_CONCAT_(spm_or_, __LINE__), decl, expr)
#define SPM_ASSIGN_OR_RETURN_(var, decl, expr) \
  auto var = (expr);                           \
  if (!var.ok()) return var.status();          \
  decl = std::move(var).value()
