#include "common/base/ids.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdlib>

namespace spm {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// 16 bytes as UUID text with the version and the variant of RFC 9562 set.
std::string UuidText(std::string bytes, unsigned version) {
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0f) | (version << 4));
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3f) | 0x80);
  const std::string hex = Hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

bool IsHex(char c, bool upper_too) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (upper_too && c >= 'A' && c <= 'F');
}

bool HasUuidForm(std::string_view text, bool upper_too) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHex(text[i], upper_too)) return false;
  }
  return true;
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (unsigned char byte : bytes) {
    hex += kHexDigits[byte >> 4];
    hex += kHexDigits[byte & 15];
  }
  return hex;
}

std::string MakeId(int64_t now_us, std::string_view seed, uint64_t n) {
  std::string text(seed);
  for (int shift = 0; shift < 64; shift += 8) text += static_cast<char>(n >> shift);
  std::string bytes = Sha256(text).substr(0, 16);
  const uint64_t now_ms = static_cast<uint64_t>(now_us / 1000);
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<char>(now_ms >> (40 - 8 * i));
  return UuidText(bytes, 7);
}

std::string NamedId(std::string_view text) { return UuidText(Sha256(text).substr(0, 16), 8); }

std::string RandomUuid() {
  unsigned char bytes[16];
  // Without random numbers nothing that follows would be right.
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) std::abort();
  return UuidText(std::string(reinterpret_cast<char*>(bytes), sizeof(bytes)), 4);
}

bool IsId(std::string_view text) { return HasUuidForm(text, false); }

bool IsUuidV4(std::string_view text) {
  if (!HasUuidForm(text, true) || text[14] != '4') return false;
  const char variant = text[19];
  return variant == '8' || variant == '9' || variant == 'a' || variant == 'b' || variant == 'A' ||
         variant == 'B';
}

uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kMix = 0x5bd1e995;
  constexpr uint32_t kSeed = 0x9747b28c;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
  uint32_t h = kSeed ^ static_cast<uint32_t>(bytes.size());
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= kMix;
    k ^= k >> 24;
    k *= kMix;
    h *= kMix;
    h ^= k;
  }
  const size_t rest = bytes.size() - i;
  if (rest > 2) h ^= byte(i + 2) << 16;
  if (rest > 1) h ^= byte(i + 1) << 8;
  if (rest > 0) h = (h ^ byte(i)) * kMix;
  h ^= h >> 13;
  h *= kMix;
  return h ^ (h >> 15);
}

}  // namespace spm
