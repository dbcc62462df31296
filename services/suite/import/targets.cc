#include "services/suite/import/targets.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/ids.h"
#include "common/base/money.h"
#include "common/base/time.h"

namespace spm::suite {
namespace {

using performance::v1::TargetSubject;

std::string TextOf(const Status& status) { return std::string(status.message()); }

std::optional<TargetSubject> SubjectOf(const std::string& word) {
  if (word == "company") return performance::v1::TARGET_SUBJECT_COMPANY;
  if (word == "region") return performance::v1::TARGET_SUBJECT_REGION;
  if (word == "team") return performance::v1::TARGET_SUBJECT_TEAM;
  if (word == "person") return performance::v1::TARGET_SUBJECT_PERSON;
  if (word == "product") return performance::v1::TARGET_SUBJECT_PRODUCT;
  return std::nullopt;
}

// 2017-6 reads as 2017-06.
std::string TwoDigitMonth(const std::string& text) {
  if (text.size() == 6 && text[4] == '-' && text[5] >= '1' && text[5] <= '9')
    return text.substr(0, 5) + "0" + text.substr(5);
  return text;
}

}  // namespace

std::vector<int64_t> MonthsOf(const TargetAmounts& amounts) {
  std::vector<int64_t> months(12, 0);
  bool any = false;
  for (size_t i = 0; i < 12; ++i) {
    any = any || amounts.months[i].has_value();
    months[i] = amounts.months[i].value_or(0);
  }
  const auto split = [&](size_t from, size_t n, int64_t total) {
    std::vector<int64_t> weights(n, 1);
    if (!amounts.weights.empty())
      std::copy_n(amounts.weights.begin() + static_cast<long>(from), n, weights.begin());
    if (std::all_of(weights.begin(), weights.end(), [](int64_t w) { return w == 0; }))
      std::fill(weights.begin(), weights.end(), 1);
    const auto parts = SplitByWeights(total, weights);
    std::copy(parts.begin(), parts.end(), months.begin() + static_cast<long>(from));
  };
  for (size_t q = 0; q < 4; ++q) {
    if (!amounts.quarters[q]) continue;
    const auto first = amounts.months.begin() + static_cast<long>(q * 3);
    const bool given = std::any_of(first, first + 3, [](const auto& m) { return m.has_value(); });
    any = true;
    if (!given) split(q * 3, 3, *amounts.quarters[q]);
  }
  if (!any && amounts.year) split(0, 12, *amounts.year);
  return months;
}

StatusOr<int64_t> TargetPlans::Amount(const Expr& expr, const Row& row, bool* blank) {
  ASSIGN_OR_RETURN(const Cell cell, rows_->values()->Eval(expr, row));
  *blank = cell.text.empty();
  if (*blank) return 0;
  return ReadMinor(cell.text, expr.number, rows_->company().currency);
}

std::optional<RowFault> TargetPlans::Put(const Block& block, std::optional<int64_t>* slot,
                                         const std::string& field, int64_t minor) {
  if (slot->has_value() && !block.add_up)
    return RowFault{field, "is given by an earlier row already; `repeats: add` adds rows up"};
  *slot = slot->value_or(0) + minor;
  return std::nullopt;
}

std::optional<RowFault> TargetPlans::Add(const Block& block, const Row& row, const Origin& origin) {
  if (!row.error.empty()) return RowFault{"", row.error};
  const auto subject = rows_->values()->Eval(*block.Find("subject"), row);
  if (!subject.ok()) return RowFault{"subject", TextOf(subject.status())};
  const auto kind = SubjectOf(subject->text);
  if (!kind)
    return RowFault{"subject", fmt::format("'{}' is none of company, region, team, person, product",
                                           subject->text)};
  TargetSubjectKey key{*kind, ""};
  if (*kind != performance::v1::TARGET_SUBJECT_COMPANY) {
    const Expr* expr = block.Find("key");
    if (expr == nullptr) return RowFault{"key", "is not in the mapping"};
    const auto cell = rows_->values()->Eval(*expr, row);
    if (!cell.ok()) return RowFault{"key", TextOf(cell.status())};
    if (cell->text.empty()) return RowFault{"key", "is blank"};
    key.key = cell->text;
  }
  if (block.effective_day) effective_day_ = block.effective_day;
  return AddPeriods(block, row, {origin.file, origin.line, key.key}, key);
}

std::optional<RowFault> TargetPlans::AddPeriods(const Block& block, const Row& row,
                                                const Origin& origin,
                                                const TargetSubjectKey& subject) {
  std::optional<DayRange> range;
  const char* field = block.Find("period") != nullptr ? "period" : "year";
  const Expr& period = *block.Find(field);
  const auto cell = rows_->values()->Eval(period, row);
  if (!cell.ok()) return RowFault{field, TextOf(cell.status())};
  range = ParseBucket(TwoDigitMonth(cell->text));
  if (!range) {
    const auto date = DateOf(period, *cell);
    if (!date.ok())
      return RowFault{field,
                      fmt::format("'{}' is no period such as 2017-06, 2017-Q2 or 2017, and no "
                                  "date of the mapping's form",
                                  cell->text)};
    range = DayRange{date->day, date->day + 1, Bucket::kMonth};
  }
  const Ymd first = YmdOf(range->from);
  // All of the row is read before any of it counts.
  std::vector<std::pair<std::string, int64_t>> minors;
  const bool wide = !block.months.empty() || !block.quarters.empty();
  const auto& columns = block.months.empty() ? block.quarters : block.months;
  const char* wide_field = block.months.empty() ? "quarters" : "months";
  for (size_t i = 0; wide && i < columns.size(); ++i) {
    bool blank = false;
    const auto minor = Amount(columns[i], row, &blank);
    const std::string name = fmt::format("{}[{}]", wide_field, i);
    if (!minor.ok()) return RowFault{name, TextOf(minor.status())};
    if (blank && !block.quarters.empty()) return RowFault{name, "is blank"};
    minors.emplace_back(name, *minor);
  }
  if (!wide) {
    bool blank = false;
    const auto minor = Amount(*block.Find("amount"), row, &blank);
    if (!minor.ok()) return RowFault{"amount", TextOf(minor.status())};
    if (blank) return RowFault{"amount", "is blank"};
    minors.emplace_back("amount", *minor);
  }
  auto& amounts = years_[first.year][subject];
  amounts.weights = block.weights;
  amounts.under_company = block.under_company;
  amounts.roll_up = block.roll_up;
  amounts.origins.push_back(origin);
  for (size_t i = 0; i < minors.size(); ++i) {
    const auto month = static_cast<size_t>(first.month - 1);
    std::optional<int64_t>* slot = !block.months.empty()            ? &amounts.months[i]
                                   : !block.quarters.empty()        ? &amounts.quarters[i]
                                   : range->bucket == Bucket::kYear ? &amounts.year
                                   : range->bucket == Bucket::kQuarter
                                       ? &amounts.quarters[month / 3]
                                       : &amounts.months[month];
    if (auto fault = Put(block, slot, minors[i].first, minors[i].second)) {
      amounts.origins.pop_back();
      return fault;
    }
  }
  return std::nullopt;
}

}  // namespace spm::suite
