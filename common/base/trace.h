// W3C trace context: version-traceid-spanid-flags. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace spm {

// A span below the caller's, or of a new trace where the text is no traceparent.
std::string ChildTrace(std::string_view traceparent);
// The 32 digits of the trace; empty where there is none.
std::string TraceId(std::string_view traceparent);

}  // namespace spm
