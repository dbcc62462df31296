// Grades a lead from its intent, budget and decision cycle (L1). Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::leads {

struct GradeInput {
  // Intent to buy, 0 to 100.
  int32_t intent = 0;
  // Absent is unknown.
  std::optional<int64_t> budget_minor;
  // Days to a decision; 0 is unknown.
  int32_t decision_days = 0;
};

struct Graded {
  v1::Grade grade = v1::GRADE_D;
  // 0 to 100.
  int32_t points = 0;
};

// A lead's points are the weighted mean of its intent, of the points of the highest budget bound
// that it reaches, and of the points of the lowest bound that its decision cycle does not exceed;
// half a point rounds up. What is unknown scores nothing. The grade is the best one whose least
// points are reached, otherwise D.
Graded GradeLead(const GradeInput& lead, const v1::GradePolicy& policy);

}  // namespace spm::leads
