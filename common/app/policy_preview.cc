// What a candidate of a policy would change, before it is saved.
#include <algorithm>

#include "common/app/methods.h"
#include "common/app/policies.h"
#include "common/policy/difference.h"

namespace spm {
namespace {

constexpr int kExamples = 5;
constexpr int kMostExamples = 100;

}  // namespace

StatusOr<base::v1::PreviewPolicyResponse> PreviewPolicy(
    App& app, const base::v1::PreviewPolicyRequest& request, const Caller& caller) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  const ServiceSpec& spec = service->spec();
  ASSIGN_OR_RETURN(auto body, CheckedBody(spec, request.kind(), request.body()));
  const int64_t now_us = service->lane().NowUs();
  const auto book = service->policies();
  const PolicyVersion* newest = book->Newest(request.kind());
  if (newest != nullptr && request.effective_us() != 0)
    RETURN_IF_ERROR(CheckEffective(request.effective_us(), now_us, newest->effective_us));
  const PolicyVersion* in_force =
      book->At(request.kind(), std::max(now_us, request.effective_us()));
  base::v1::PreviewPolicyResponse reply;
  reply.set_version(newest == nullptr ? 1 : newest->version + 1);
  if (in_force != nullptr) *reply.mutable_in_force() = ToProto(request.service(), *in_force);
  const auto* current = in_force == nullptr ? nullptr : in_force->body.get();
  for (auto& change : DifferenceOf(current, *body)) *reply.add_changes() = std::move(change);
  if (spec.guard_policy) {
    ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
    const Status allowed = spec.guard_policy(*snapshot, request.kind(), *body);
    if (allowed.code() == StatusCode::kFailedPrecondition) {
      reply.set_blocked(std::string(allowed.message()));
    } else {
      RETURN_IF_ERROR(allowed);
    }
  }
  if (!spec.preview_policy) return reply;
  const Call call = service->MakeCall(caller, now_us);
  PolicyQuestion question{.kind = request.kind(),
                          .current = current,
                          .candidate = body.get(),
                          .call = &call,
                          .db = &service->db(),
                          .examples = request.examples() <= 0
                                          ? kExamples
                                          : std::min(request.examples(), kMostExamples)};
  RETURN_IF_ERROR(spec.preview_policy(question, &reply));
  return reply;
}

}  // namespace spm
