#include "services/suite/query.h"

#include <fmt/format.h>

namespace spm::suite {
namespace {

using performance::v1::MetricValue;

// Splits at commas outside of quotes; a quote opens at the start of an item or of its value.
StatusOr<std::vector<std::string>> SplitQuoted(const std::string& text) {
  std::vector<std::string> items(1);
  bool quoted = false;
  bool start = true;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      items.back().push_back('"');
      ++i;
    } else if (c == '"' && (quoted || start)) {
      quoted = !quoted;
      start = false;
    } else if (c == ',' && !quoted) {
      items.emplace_back();
      start = true;
    } else {
      // The value of the first = may be quoted by itself.
      start = c == '=' && items.back().find('=') == std::string::npos;
      items.back().push_back(c);
    }
  }
  if (quoted) return InvalidField("where", "a quote is not closed in: " + text);
  return items;
}

}  // namespace

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> items;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    std::string item = text.substr(at, end - at);
    while (item.starts_with(' ')) item.erase(0, 1);
    while (item.ends_with(' ')) item.pop_back();
    if (!item.empty()) items.push_back(std::move(item));
    at = end + 1;
  }
  return items;
}

StatusOr<std::vector<performance::v1::Filter>> ParseWhere(const std::vector<std::string>& texts) {
  std::vector<performance::v1::Filter> filters;
  for (const auto& text : texts) {
    ASSIGN_OR_RETURN(const auto items, SplitQuoted(text));
    for (const auto& item : items) {
      const size_t equals = item.find('=');
      if (equals == std::string::npos || equals == 0)
        return InvalidField("where",
                            fmt::format("'{}' is not DIMENSION=VALUE; quote a value that has "
                                        "a comma: 'customer=\"Acme, Inc\"'",
                                        item));
      std::string dimension = item.substr(0, equals);
      while (dimension.starts_with(' ')) dimension.erase(0, 1);
      performance::v1::Filter* filter = nullptr;
      for (auto& known : filters)
        if (known.dimension() == dimension) filter = &known;
      if (filter == nullptr) {
        filter = &filters.emplace_back();
        filter->set_dimension(dimension);
      }
      filter->add_values(item.substr(equals + 1));
    }
  }
  return filters;
}

StatusOr<int32_t> ParseDayOption(const std::string& option, const std::string& text) {
  if (const auto day = ParseDay(text)) return *day;
  return InvalidField(option, "'" + text + "' is no day; write it as 2017-12-31");
}

StatusOr<DayRange> ParsePeriodOption(const std::string& text) {
  if (const auto range = ParseBucket(text)) return *range;
  return InvalidField("period", "'" + text +
                                    "' is no period; write 2017, 2017-Q2, 2017-06, 2017-W22 or "
                                    "2017-06-01");
}

google::type::Date ToDate(int32_t day) {
  const Ymd ymd = YmdOf(day);
  google::type::Date date;
  date.set_year(ymd.year);
  date.set_month(ymd.month);
  date.set_day(ymd.day);
  return date;
}

StatusOr<std::map<std::string, performance::v1::Unit>> MetricUnits(Session* session) {
  performance::v1::ListMetricsResponse reply;
  RETURN_IF_ERROR(session->Call("spm.performance.v1.MetricService/ListMetrics",
                                performance::v1::ListMetricsRequest(), &reply));
  std::map<std::string, performance::v1::Unit> units;
  for (const auto& metric : reply.metrics()) units[metric.name()] = metric.unit();
  return units;
}

std::string ShowValue(const MetricValue& value, performance::v1::Unit unit, int minor_digits) {
  if (!value.has_value()) return "-";
  std::string text;
  switch (unit) {
    case performance::v1::UNIT_MONEY:
      text = Grouped(value.value(), minor_digits);
      break;
    case performance::v1::UNIT_RATIO:
      text = fmt::format("{:.1f}%", value.value() * 100);
      break;
    case performance::v1::UNIT_DAYS:
      text = Grouped(value.value(), 1);
      break;
    default:
      text = Grouped(value.value(), 0);
  }
  return value.bottleneck() ? text + " <" : text;
}

void AddValue(const std::string& name, const MetricValue& value, Json* json) {
  if (value.has_value()) {
    json->Add(name, value.value());
  } else {
    json->AddNull(name);
  }
}

std::string FreshnessLine(const std::string& what, const base::v1::Freshness& freshness) {
  std::string text = what + "; ";
  if (freshness.recorded_us() == 0) return text + "nothing is recorded yet";
  text += "as recorded until " + FormatTime(freshness.recorded_us()).substr(0, 19) + "Z";
  if (freshness.pending() > 0)
    text += fmt::format(", {} events and {} ms behind", freshness.pending(), freshness.lag_ms());
  return text;
}

}  // namespace spm::suite
