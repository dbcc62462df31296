// Answers a question: sums from the facts by one statement, joined to groups and put through the
// formulas in memory. Functions of a query's thread.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "common/base/status.h"
#include "common/db/db.h"
#include "services/performance/groups.h"
#include "services/performance/question.h"
#include "services/performance/rules/formula.h"
#include "services/performance/target_book.h"

namespace spm::performance {

using Cells = std::unordered_map<Key, Cell, KeyHash>;

// Rows with their groups and values; without scope and freshness.
StatusOr<v1::QueryMetricsResponse> AnswerQuestion(Reader& reader, const Question& question,
                                                  const Call& call, const TargetBook& book);

// Sums for each row, present or not.
StatusOr<Cells> SumUp(Reader& reader, const Question& question, const TargetBook& book,
                      Groups& groups);

// Measures that the metrics of a question are made of, by how they are asked for.
struct MeasurePlan {
  std::vector<Measure> flow, stock;
  bool cycles = false, mom = false, yoy = false, target = false;
};
MeasurePlan PlanOf(const Question& question);

// Days of the facts that growth is measured against.
Days BaseDays(Base base, const Question& question);
// The day whose bucket such a fact is the base of.
int32_t BaseTime(Base base, const Question& question, int32_t day);

}  // namespace spm::performance
