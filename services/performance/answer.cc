#include "services/performance/answer.h"

#include "services/performance/groups_labels.h"

namespace spm::performance {
namespace {

constexpr size_t kMaxRows = 100'000;

bool IsConversion(const MetricDef& metric) { return metric.Uses(Measure::kStageCohort); }

bool AnyPresent(const Question& question, const Cell& cell) {
  for (const MetricDef* metric : question.metrics)
    if (Present(*metric, cell)) return true;
  return false;
}

// The stage where most is lost, among those of the answer that have a next one.
void FlagBottleneck(const Question& question, v1::QueryMetricsResponse* answer) {
  for (size_t m = 0; m < question.metrics.size(); ++m) {
    if (!IsConversion(*question.metrics[m])) continue;
    std::vector<std::optional<double>> conversions;
    for (const v1::MetricRow& row : answer->rows()) {
      const v1::MetricValue& value = row.values(static_cast<int>(m));
      conversions.push_back(value.has_value() ? std::optional(value.value()) : std::nullopt);
    }
    if (auto lowest = Bottleneck(conversions))
      answer->mutable_rows(static_cast<int>(*lowest))
          ->mutable_values(static_cast<int>(m))
          ->set_bottleneck(true);
  }
}

}  // namespace

StatusOr<v1::QueryMetricsResponse> AnswerQuestion(Reader& reader, const Question& question,
                                                  const Call& call, const TargetBook& book) {
  Groups groups(question, call);
  ASSIGN_OR_RETURN(Cells cells, SumUp(reader, question, book, groups));
  Labels labels(question, groups);
  if (question.include_empty) {
    ASSIGN_OR_RETURN(std::vector<Key> known, labels.Known(reader));
    for (const Key& key : known) cells.try_emplace(key);
  }
  std::vector<Key> keys;
  for (const auto& [key, cell] : cells)
    if (question.include_empty || AnyPresent(question, cell)) keys.push_back(key);
  if (keys.size() > kMaxRows)
    return InvalidField("group_by",
                        "gives " + std::to_string(keys.size()) +
                            " rows, 100000 are the most; ask by fewer groups or less time");
  RETURN_IF_ERROR(labels.Load(reader, keys));
  labels.Sort(&keys);

  v1::QueryMetricsResponse answer;
  const int64_t per_major = MinorPerMajor(call.company->currency);
  int stage = -1;
  for (size_t i = 0; i < question.groups.size(); ++i)
    if (question.groups[i] == Dim::kStage) stage = static_cast<int>(i);
  for (const Key& key : keys) {
    v1::MetricRow& row = *answer.add_rows();
    for (size_t i = 0; i < question.groups.size(); ++i)
      *row.add_groups() = labels.Show(question.groups[i], key[i]);
    for (const MetricDef* metric : question.metrics) {
      v1::MetricValue& value = *row.add_values();
      value = Evaluate(*metric, cells.at(key), per_major);
      if (!value.has_value() && IsConversion(*metric) && stage >= 0 &&
          labels.IsLastStage(key[stage]))
        value.set_null_reason("LAST_STAGE");
    }
  }
  if (stage >= 0) FlagBottleneck(question, &answer);
  return answer;
}

}  // namespace spm::performance
