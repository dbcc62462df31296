// Errors as HTTP shows them: google.rpc.Status in JSON with the status of its code. Values.
#pragma once

#include "common/base/status.h"
#include "common/http/message.h"

namespace spm {

// As google.rpc.Code says: INVALID_ARGUMENT is 400, ABORTED 409, ...
int HttpStatusOf(StatusCode code);
// {code, message, details}; Retry-After where the status carries RetryInfo.
HttpResponse ErrorResponse(const Status& status);
// The same under a status of HTTP that no code has: 405, 413, 415, 431.
HttpResponse ErrorResponse(int http_status, const Status& status);

}  // namespace spm
