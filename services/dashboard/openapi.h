// The OpenAPI 3.1 document of the gateway, from the same descriptors as its routes.
#pragma once

#include <string>
#include <vector>

#include "services/dashboard/gateway_routes.h"

namespace spm::dashboard {

// `descriptors` is a serialized google.protobuf.FileDescriptorSet with source information, whose
// comments become descriptions; empty leaves them out.
std::string OpenApiDocument(const std::vector<Route>& routes, std::string_view descriptors);

}  // namespace spm::dashboard
