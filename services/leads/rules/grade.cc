#include "services/leads/rules/grade.h"

#include <limits>

namespace spm::leads {
namespace {

int32_t BudgetPoints(const std::optional<int64_t>& budget_minor, const v1::GradePolicy& policy) {
  if (!budget_minor) return 0;
  int32_t points = 0;
  int64_t best = std::numeric_limits<int64_t>::min();
  for (const auto& band : policy.budget_bands()) {
    if (*budget_minor < band.bound() || band.bound() < best) continue;
    best = band.bound();
    points = band.points();
  }
  return points;
}

int32_t CyclePoints(int32_t days, const v1::GradePolicy& policy) {
  if (days <= 0) return 0;
  int32_t points = 0;
  int64_t best = std::numeric_limits<int64_t>::max();
  for (const auto& band : policy.cycle_bands()) {
    if (days > band.bound() || band.bound() > best) continue;
    best = band.bound();
    points = band.points();
  }
  return points;
}

v1::Grade GradeOf(int32_t points, const v1::GradePolicy& policy) {
  if (points >= policy.grade_a_points()) return v1::GRADE_A;
  if (points >= policy.grade_b_points()) return v1::GRADE_B;
  if (points >= policy.grade_c_points()) return v1::GRADE_C;
  return v1::GRADE_D;
}

}  // namespace

Graded GradeLead(const GradeInput& lead, const v1::GradePolicy& policy) {
  const int64_t weighted =
      int64_t{policy.intent_weight()} * lead.intent +
      int64_t{policy.budget_weight()} * BudgetPoints(lead.budget_minor, policy) +
      int64_t{policy.cycle_weight()} * CyclePoints(lead.decision_days, policy);
  const auto points = static_cast<int32_t>((weighted + 50) / 100);
  return {GradeOf(points, policy), points};
}

}  // namespace spm::leads
