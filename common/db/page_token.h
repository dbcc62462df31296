// Page tokens of lists that are no Table's: where the last page ended, bound to its query. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace spm {

// `query` says which query a token is of; `keys` are the sort keys of the last row.
std::string MakePageToken(const std::string& query, const std::vector<std::string>& keys);
// The keys, `count` of them; none for an empty token. INVALID_ARGUMENT with `page_token` where it
// is of another query.
StatusOr<std::vector<std::string>> ReadPageToken(const std::string& query, const std::string& token,
                                                 size_t count);
// A key that is a number; 0 where it is none.
int64_t PageTokenNumber(const std::string& key);

}  // namespace spm
