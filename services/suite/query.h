// What the commands on figures have in common: lists, filters, days and periods of the command
// line, and how a value prints. Values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/base/time.h"
#include "google/type/date.pb.h"
#include "services/suite/output.h"
#include "services/suite/session.h"
#include "spm/performance/v1/metrics.pb.h"

namespace spm::suite {

// revenue,win_rate
std::vector<std::string> SplitList(const std::string& text);

// region=West,product=MG Special with CSV quoting ("customer=Acme, Inc" or customer="Acme, Inc").
// The same dimension twice keeps either value. INVALID_ARGUMENT where `=` is missing.
StatusOr<std::vector<performance::v1::Filter>> ParseWhere(const std::vector<std::string>& texts);

// INVALID_ARGUMENT names the option.
StatusOr<int32_t> ParseDayOption(const std::string& option, const std::string& text);
StatusOr<DayRange> ParsePeriodOption(const std::string& text);
google::type::Date ToDate(int32_t day);

// Units of all metrics by name.
StatusOr<std::map<std::string, performance::v1::Unit>> MetricUnits(Session* session);

// A value for people; "-" where there is none.
std::string ShowValue(const performance::v1::MetricValue& value, performance::v1::Unit unit,
                      int minor_digits);
// Adds the value under its metric's name: a number, unrounded, or null.
void AddValue(const std::string& name, const performance::v1::MetricValue& value, Json* json);
// A line that says how fresh the figures are.
std::string FreshnessLine(const std::string& what, const base::v1::Freshness& freshness);

}  // namespace spm::suite
