// Tags of a customer (L14). Pure.
#pragma once

#include <string>
#include <vector>

#include "common/base/status.h"

namespace spm::leads {

constexpr size_t kMostTags = 50;

// A customer has each tag once, in the order they were given; spaces around one do not matter, and
// what is to be removed wins. INVALID_ARGUMENT names `field` for an empty tag or more than 50.
StatusOr<std::vector<std::string>> ChangeTags(const std::vector<std::string>& tags,
                                              const std::vector<std::string>& add,
                                              const std::vector<std::string>& remove,
                                              const std::string& field);

}  // namespace spm::leads
