// Days as the API writes them. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/status.h"
#include "google/type/date.pb.h"

namespace spm::performance {

// INVALID_ARGUMENT with `field` where it is no day of the years 1900 to 2200.
StatusOr<int32_t> ToDay(const google::type::Date& date, const std::string& field);
void SetDate(int32_t day, google::type::Date* date);

}  // namespace spm::performance
