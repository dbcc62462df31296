#include "common/db/page_token.h"

#include <charconv>

#include "common/base/ids.h"

namespace spm {
namespace {

constexpr size_t kMarkSize = 16;
constexpr char kBetween = '.';

std::string MarkOf(const std::string& query) { return Hex(Sha256(query)).substr(0, kMarkSize); }

}  // namespace

std::string MakePageToken(const std::string& query, const std::vector<std::string>& keys) {
  std::string token = MarkOf(query);
  for (const std::string& key : keys) token += kBetween + key;
  return token;
}

StatusOr<std::vector<std::string>> ReadPageToken(const std::string& query, const std::string& token,
                                                 size_t count) {
  std::vector<std::string> keys;
  if (token.empty()) return keys;
  for (size_t at = token.find(kBetween); at != std::string::npos;) {
    const size_t end = token.find(kBetween, at + 1);
    keys.push_back(token.substr(at + 1, end == std::string::npos ? end : end - at - 1));
    at = end;
  }
  if (keys.size() != count || token.substr(0, token.find(kBetween)) != MarkOf(query))
    return InvalidField("page_token",
                        "is not of this query; take it from the last answer to the same query, or "
                        "leave it empty to begin");
  return keys;
}

int64_t PageTokenNumber(const std::string& key) {
  int64_t number = 0;
  std::from_chars(key.data(), key.data() + key.size(), number);
  return number;
}

}  // namespace spm
