// Measures are what adds up: each fact is of one. A value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spm::performance {

enum class Measure : uint8_t {
  kWon,
  kLost,
  kRevenue,
  kListValue,
  kCycleDays,
  kOpen,
  kPipelineValue,
  // Every entry into a stage; those from which a deal can go on; those from which it went on.
  kStageEntered,
  kStageCohort,
  kStageAdvanced,
  kLeadsCreated,
  kNewCustomers,
  // Not kept as facts: targets, and the revenue that growth is measured against.
  kTarget,
  kBaseMom,
  kBaseYoy,
};
constexpr size_t kMeasures = 15;

using Sums = std::array<int64_t, kMeasures>;

constexpr std::array<std::string_view, kMeasures> kMeasureNames = {
    "won",           "lost",           "revenue",       "list_value",     "cycle_days",
    "open",          "pipeline_value", "stage_entered", "stage_cohort",   "stage_advanced",
    "leads_created", "new_customers",  "target",        "revenue_before", "revenue_year_before"};

inline std::string NameOf(Measure measure) {
  return std::string(kMeasureNames[static_cast<size_t>(measure)]);
}
inline std::optional<Measure> FindMeasure(std::string_view name) {
  for (size_t i = 0; i < kMeasures; ++i)
    if (kMeasureNames[i] == name) return static_cast<Measure>(i);
  return std::nullopt;
}
inline size_t Index(Measure measure) { return static_cast<size_t>(measure); }

}  // namespace spm::performance
