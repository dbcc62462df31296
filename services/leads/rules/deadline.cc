#include "services/leads/rules/deadline.h"

namespace spm::leads {

std::optional<int64_t> StallDueUs(int64_t entered_us, int32_t stall_days) {
  if (stall_days <= 0) return std::nullopt;
  return entered_us + stall_days * kDayUs + 1;
}

bool IsStalledOn(int32_t entered_day, int32_t days, int32_t as_of_day) {
  return as_of_day - entered_day > days;
}

std::optional<int64_t> ContactDueUs(int64_t assigned_us, const v1::ContactPolicy& policy) {
  if (policy.first_contact_hours() <= 0) return std::nullopt;
  return assigned_us + policy.first_contact_hours() * kHourUs + 1;
}

int64_t CloseDueUs(int32_t expected_day, int32_t grace_days, const Zone& zone) {
  return zone.StartOf(expected_day + grace_days + 1);
}

}  // namespace spm::leads
