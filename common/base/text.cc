#include "common/base/text.h"

#include <cstdint>

namespace spm {
namespace {

bool IsSpace(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

// Bytes of the space at the beginning or the end; 0 where there is none.
size_t SpaceAt(std::string_view text, size_t at) {
  const size_t length = Utf8CharacterAt(text, at);
  if (length == 0 || length == 4) return 0;
  const char32_t c = Utf8CodePoint(text.substr(at, length));
  return IsSpace(c) || IsInvisible(c) ? length : 0;
}

}  // namespace

size_t Utf8CharacterAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(i < text.size() ? text[i] : 0); };
  const uint8_t lead = byte(at);
  if (lead < 0x80) return at < text.size() ? 1 : 0;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  const uint8_t next = byte(at + 1);
  const bool overlong = (lead == 0xe0 && next < 0xa0) || (lead == 0xf0 && next < 0x90);
  // Halves of surrogate pairs, and what lies after the last character.
  const bool beyond = (lead == 0xed && next > 0x9f) || (lead == 0xf4 && next > 0x8f);
  return overlong || beyond ? 0 : length;
}

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8CharacterAt(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string Utf8Prefix(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  size_t end = max_bytes;
  // A continuation byte at the cut belongs to the character before it.
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

char32_t Utf8CodePoint(std::string_view character) {
  const auto lead = static_cast<uint8_t>(character[0]);
  if (character.size() == 1) return lead;
  char32_t c = lead & (0x7f >> character.size());
  for (size_t i = 1; i < character.size(); ++i)
    c = c << 6 | (static_cast<uint8_t>(character[i]) & 0x3f);
  return c;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty()) {
    const size_t length = SpaceAt(text, 0);
    if (length == 0) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    size_t at = text.size() - 1;
    while (at > 0 && text.size() - at < 3 && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80) --at;
    if (SpaceAt(text, at) != text.size() - at) break;
    text.remove_suffix(text.size() - at);
  }
  return text;
}

bool IsDirectionControl(char32_t c) {
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool IsInvisible(char32_t c) { return c == 0x200b || c == 0x2060 || c == 0xfeff; }

}  // namespace spm
