#include "services/performance/rules/dates.h"

#include "common/base/time.h"

namespace spm::performance {

StatusOr<int32_t> ToDay(const google::type::Date& date, const std::string& field) {
  const Ymd ymd{date.year(), date.month(), date.day()};
  if (!IsValid(ymd) || ymd.year < kFirstYear || ymd.year > kLastYear)
    return InvalidField(field, "must be a day with year (1900 to 2200), month and day");
  return DayOf(ymd);
}

void SetDate(int32_t day, google::type::Date* date) {
  const Ymd ymd = YmdOf(day);
  date->set_year(ymd.year);
  date->set_month(ymd.month);
  date->set_day(ymd.day);
}

}  // namespace spm::performance
