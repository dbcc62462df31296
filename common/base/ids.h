// Identifiers: lower-case UUID text of 36 characters. Values; free of threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spm {

// SHA-256, 32 bytes.
std::string Sha256(std::string_view bytes);
std::string Hex(std::string_view bytes);

// UUIDv7 of a moment whose random bits come from a seed and a counter, so that deciding the same
// command again at the same time gives the same ids.
std::string MakeId(int64_t now_us, std::string_view seed, uint64_t n);
// The same id for the same text, for ever (UUIDv8 over SHA-256).
std::string NamedId(std::string_view text);
// Random version-4 UUID, as a client makes for its request_id.
std::string RandomUuid();

// Any lower-case UUID.
bool IsId(std::string_view text);
// A version-4 UUID, in either case.
bool IsUuidV4(std::string_view text);

// murmur2 as Kafka's Java client computes it; partitions and outbox parts go by it.
uint32_t Murmur2(std::string_view bytes);

}  // namespace spm
