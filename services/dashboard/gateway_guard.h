// What stands between any web page and a server on loopback that asks for no password: Host, Origin
// and content type are checked, and every answer says what a browser may do with it. Free of
// threads.
#pragma once

#include <optional>

#include "common/http/message.h"

namespace spm::dashboard {

// The refusal, or nullopt where the request may pass. `port` is ours.
//  - Host must be localhost, 127.0.0.1 or [::1] with our port: else another name was rebound to us;
//  - an Origin that is present must be ours: else another site's page sends the request;
//  - a body must be application/json: a form of another site cannot be.
std::optional<HttpResponse> GuardRequest(const HttpRequest& request, int port);

// Content-Security-Policy and its like; answers of the API are not to be stored.
void AddSecurityHeaders(const HttpRequest& request, HttpResponse* response);

}  // namespace spm::dashboard
