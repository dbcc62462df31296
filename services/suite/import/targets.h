// Makes the year's target plans of rows: months from columns or rows, quarters and years split, and
// the levels above added up along the organisation. One thread.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "services/suite/import/report.h"
#include "services/suite/import/resolver.h"
#include "services/suite/import/rows.h"
#include "services/suite/import/sender.h"
#include "services/suite/session.h"
#include "spm/performance/v1/target.pb.h"

namespace spm::suite {

// What is planned for one subject in one year, in minor units.
struct TargetAmounts {
  std::array<std::optional<int64_t>, 12> months;
  std::array<std::optional<int64_t>, 4> quarters;
  std::optional<int64_t> year;
  std::vector<int64_t> weights;
  bool under_company = false;
  bool roll_up = true;
  std::vector<Origin> origins;
};

struct TargetSubjectKey {
  performance::v1::TargetSubject subject = performance::v1::TARGET_SUBJECT_COMPANY;
  // Key in the mapping's source; empty for the company.
  std::string key;
  auto operator<=>(const TargetSubjectKey&) const = default;
};

// Twelve months: those given, and quarters and years split over the months that are not (P2).
std::vector<int64_t> MonthsOf(const TargetAmounts& amounts);

class TargetPlans {
 public:
  TargetPlans(const Mapping* mapping, RowBuilder* rows) : mapping_(mapping), rows_(rows) {}

  // Takes a row in; what it cannot be used for is returned.
  std::optional<RowFault> Add(const Block& block, const Row& row, const Origin& origin);
  // Saves a plan for each year and counts its rows.
  Status Save(Session* session, KindStats* stats, std::vector<Refusal>* refusals);

 private:
  using Year = std::map<TargetSubjectKey, TargetAmounts>;
  using Parents = std::map<TargetSubjectKey, std::optional<TargetSubjectKey>>;

  std::optional<RowFault> AddPeriods(const Block& block, const Row& row, const Origin& origin,
                                     const TargetSubjectKey& subject);
  std::optional<RowFault> Put(const Block& block, std::optional<int64_t>* slot,
                              const std::string& field, int64_t minor);
  StatusOr<int64_t> Amount(const Expr& expr, const Row& row, bool* blank);
  StatusOr<std::optional<TargetSubjectKey>> Above(Resolver* resolver, const TargetSubjectKey& key);
  Status FindParents(Resolver* resolver, Year* year, Parents* parents);
  StatusOr<performance::v1::TargetPlan> Plan(Resolver* resolver, int number, Year* year,
                                             KindStats* stats, std::vector<Refusal>* refusals);
  Status SaveYear(Session* session, const performance::v1::TargetPlan& plan, const Year& year,
                  KindStats* stats, std::vector<Refusal>* refusals);

  const Mapping* mapping_;
  RowBuilder* rows_;
  std::map<int, Year> years_;
  std::optional<int32_t> effective_day_;
};

}  // namespace spm::suite
