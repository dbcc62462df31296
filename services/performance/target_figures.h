// Targets of a question's rows.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "services/performance/groups.h"
#include "services/performance/rules/formula.h"
#include "services/performance/target_book.h"

namespace spm::performance {

// One month's target of one subject that the question covers, and the row it belongs to.
struct TargetPart {
  Key key{};
  int32_t month = 0;
  int64_t amount_minor = 0;
  int64_t version = 0;
};

// Who a target is for follows from the groups and filters: the finest of rep, team and region that
// is grouped or filtered by; the product; else the company, for a caller who does not see all of it
// the units that it leads, else the people that it sees. A person's and a unit's place is that of
// the month's first day. A person and a product together have none.
void VisitTargets(const Question& question, const TargetBook& book, Groups& groups,
                  const std::function<void(const TargetPart&)>& visit);

}  // namespace spm::performance
