// UTF-8 as bytes: what is well-formed, where a text may be cut, and what is no part of it. Pure
// functions.
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

// The code point of a well-formed character.
char32_t Utf8CodePoint(std::string_view character);
// Without white space at both ends: that of Unicode (no-break and ideographic spaces, line
// separators) and marks that show nothing (zero width space, byte order mark).
std::string_view Trimmed(std::string_view text);
// Makes what follows read in another direction than it is written: U+202A-202E, U+2066-2069.
bool IsDirectionControl(char32_t c);
// Shows nothing and joins nothing, so that two texts look alike and differ: zero width space, word
// joiner, byte order mark. Joiners and marks that scripts and emoji need are not among them.
bool IsInvisible(char32_t c);

}  // namespace spm
