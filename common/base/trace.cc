#include "common/base/trace.h"

#include <fmt/format.h>

#include <random>

namespace spm {
namespace {

uint64_t Random() {
  thread_local std::mt19937_64 generator{(uint64_t{std::random_device()()} << 32) ^
                                         std::random_device()()};
  // All zeros is no id.
  for (;;)
    if (const uint64_t value = generator()) return value;
}

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

bool IsTraceparent(std::string_view text) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const auto version = text.substr(0, 2);
  // Later versions may have more after the flags; version ff is forbidden.
  if (!IsHex(version) || version == "ff") return false;
  if (text.size() > 55 && (version == "00" || text[55] != '-')) return false;
  const auto trace = text.substr(3, 32), span = text.substr(36, 16);
  return IsHex(trace) && IsHex(span) && IsHex(text.substr(53, 2)) && !IsZero(trace) &&
         !IsZero(span);
}

}  // namespace

std::string ChildTrace(std::string_view traceparent) {
  if (IsTraceparent(traceparent))
    return fmt::format("00-{}-{:016x}-{}", traceparent.substr(3, 32), Random(),
                       traceparent.substr(53, 2));
  return fmt::format("00-{:016x}{:016x}-{:016x}-01", Random(), Random(), Random());
}

std::string TraceId(std::string_view traceparent) {
  return traceparent.size() < 35 ? "" : std::string(traceparent.substr(3, 32));
}

}  // namespace spm
