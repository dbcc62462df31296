// A strict reader of JSON: RFC 8259 and nothing beyond, so that what a lenient parser would guess
// is refused with its place. Free of threads.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/status.h"

namespace spm::dashboard {

struct JsonValue {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  // A string decoded, a number as written, "true" or "false".
  std::string text;
  std::vector<JsonValue> items;
  std::vector<std::pair<std::string, JsonValue>> members;
};

constexpr int kMaxJsonDepth = 32;
constexpr int kMaxJsonValues = 200'000;

// INVALID_ARGUMENT names the path ("rows[3].name", "body" for the whole) of what is wrong: syntax,
// nesting deeper than kMaxJsonDepth, a name given twice in an object, text that is not UTF-8.
StatusOr<JsonValue> ParseJson(std::string_view text);

bool IsUtf8(std::string_view text);
// "an array", "a string", ... for messages.
const char* KindName(JsonValue::Kind kind);

}  // namespace spm::dashboard
