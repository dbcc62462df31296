// What CreatePolicy and PreviewPolicy have in common. For common/app's own files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/app/app.h"
#include "spm/base/v1/policy.pb.h"

namespace spm {

// The body as the kind's own message, checked by its owner. INVALID_ARGUMENT names the field.
StatusOr<std::shared_ptr<const google::protobuf::Message>> CheckedBody(
    const ServiceSpec& spec, const std::string& kind, const google::protobuf::Any& body);

// When a later version may take effect: not in the past, and not before the newest one does.
Status CheckEffective(int64_t effective_us, int64_t now_us, int64_t newest_us);

base::v1::Policy ToProto(const std::string& service, const PolicyVersion& version);

StatusOr<base::v1::PreviewPolicyResponse> PreviewPolicy(
    App& app, const base::v1::PreviewPolicyRequest& request, const Caller& caller);

// Publishes a version in the service's lane; `done` gets its bytes.
void SubmitPolicy(ServiceRuntime* service, const std::string& method,
                  const base::v1::CreatePolicyRequest& request, const RpcContext& context,
                  RpcDone done);

// OperationsService/GetCompany and SetCurrency.
std::vector<RpcMethod> CompanyMethods(App& app);

}  // namespace spm
