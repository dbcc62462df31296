// UTF-8 as bytes: what is well-formed and where a text may be cut. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spm {

// Bytes of the well-formed character that begins at `at`; 0 where there is none.
size_t Utf8CharacterAt(std::string_view text, size_t at);
bool IsUtf8(std::string_view text);
// The longest beginning of at most `max_bytes` that ends between characters.
std::string Utf8Prefix(std::string_view text, size_t max_bytes);

}  // namespace spm
