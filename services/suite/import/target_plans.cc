#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iterator>
#include <set>

#include "common/base/ids.h"
#include "common/base/time.h"
#include "services/suite/import/targets.h"

namespace spm::suite {
namespace {

using performance::v1::TargetNode;
using performance::v1::TargetPlan;
using performance::v1::TargetSubject;

const TargetSubjectKey kCompany{performance::v1::TARGET_SUBJECT_COMPANY, ""};

bool IsUnit(TargetSubject subject) {
  return subject == performance::v1::TARGET_SUBJECT_TEAM ||
         subject == performance::v1::TARGET_SUBJECT_REGION;
}

Kind KindOf(TargetSubject subject) {
  return subject == performance::v1::TARGET_SUBJECT_PERSON    ? Kind::kPeople
         : subject == performance::v1::TARGET_SUBJECT_PRODUCT ? Kind::kProducts
                                                              : Kind::kUnits;
}

// The subject of plan.nodes[N], whose nodes are in the order of the year.
template <typename Year>
std::string NodeName(const TargetPlan& plan, const Year& year, const std::string& field) {
  constexpr char kNodes[] = "plan.nodes[";
  if (!field.starts_with(kNodes)) return "";
  const int n = std::atoi(field.c_str() + sizeof(kNodes) - 1);
  if (n < 0 || n >= plan.nodes_size()) return "";
  std::string word = performance::v1::TargetSubject_Name(plan.nodes(n).subject());
  word = word.substr(word.rfind('_') + 1);
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::string& key = std::next(year.begin(), n)->first.key;
  return key.empty() ? "the " + word : word + " '" + key + "'";
}

// The plan without its order, to compare with what is stored.
std::vector<std::string> Canonical(const TargetPlan& plan) {
  std::vector<std::string> lines;
  lines.push_back(plan.effective_from().SerializeAsString());
  for (const auto& node : plan.nodes()) {
    TargetNode copy = node;
    copy.set_parent(0);
    std::string above = "none";
    if (node.parent() >= 0 && node.parent() < plan.nodes_size())
      above = fmt::format("{} {}", static_cast<int>(plan.nodes(node.parent()).subject()),
                          plan.nodes(node.parent()).subject_id());
    lines.push_back(above + "\n" + copy.SerializeAsString());
  }
  std::sort(lines.begin() + 1, lines.end());
  return lines;
}

}  // namespace

StatusOr<std::optional<TargetSubjectKey>> TargetPlans::Above(Resolver* resolver,
                                                             const TargetSubjectKey& key) {
  if (key.subject == performance::v1::TARGET_SUBJECT_COMPANY)
    return std::optional<TargetSubjectKey>();
  if (key.subject == performance::v1::TARGET_SUBJECT_PRODUCT) return std::optional(kCompany);
  ASSIGN_OR_RETURN(const std::string unit, resolver->ParentOf(KindOf(key.subject), key.key));
  ASSIGN_OR_RETURN(const std::string kind, resolver->UnitKindOf(unit));
  if (kind == "team")
    return std::optional(TargetSubjectKey{performance::v1::TARGET_SUBJECT_TEAM, unit});
  if (kind == "region")
    return std::optional(TargetSubjectKey{performance::v1::TARGET_SUBJECT_REGION, unit});
  return std::optional(kCompany);
}

// Gives each subject its parent; with roll_up the levels above that no row gives are made of their
// children.
Status TargetPlans::FindParents(Resolver* resolver, Year* year, Parents* parents) {
  std::vector<TargetSubjectKey> open;
  std::set<TargetSubjectKey> made;
  for (const auto& [key, amounts] : *year) open.push_back(key);
  while (!open.empty()) {
    const TargetSubjectKey key = open.back();
    open.pop_back();
    const TargetAmounts amounts = (*year)[key];
    auto& parent = (*parents)[key];
    if (key.subject == performance::v1::TARGET_SUBJECT_PRODUCT && !amounts.under_company) continue;
    ASSIGN_OR_RETURN(auto above, Above(resolver, key));
    while (above && !year->contains(*above) && !amounts.roll_up) {
      ASSIGN_OR_RETURN(above, Above(resolver, *above));
    }
    parent = above;
    if (!above || year->contains(*above)) continue;
    (*year)[*above].roll_up = true;
    made.insert(*above);
    open.push_back(*above);
  }
  // Children of one kind add up to their parent: where a unit has units below, its own people stand
  // beside the tree.
  std::set<TargetSubjectKey> with_units;
  for (const auto& [key, parent] : *parents)
    if (parent && IsUnit(key.subject)) with_units.insert(*parent);
  for (auto& [key, parent] : *parents)
    if (parent && key.subject == performance::v1::TARGET_SUBJECT_PERSON &&
        with_units.contains(*parent))
      parent.reset();
  // From the bottom: people, teams, regions, the company.
  for (const TargetSubject level :
       {performance::v1::TARGET_SUBJECT_PERSON, performance::v1::TARGET_SUBJECT_PRODUCT,
        performance::v1::TARGET_SUBJECT_TEAM, performance::v1::TARGET_SUBJECT_REGION})
    for (const auto& [key, parent] : *parents) {
      if (key.subject != level || !parent || !made.contains(*parent)) continue;
      const bool product = level == performance::v1::TARGET_SUBJECT_PRODUCT;
      if (product && with_units.contains(*parent)) continue;
      const auto months = MonthsOf((*year)[key]);
      auto& sums = (*year)[*parent].months;
      for (size_t i = 0; i < 12; ++i) sums[i] = sums[i].value_or(0) + months[i];
    }
  return OkStatus();
}

StatusOr<TargetPlan> TargetPlans::Plan(Resolver* resolver, int number, Year* year, KindStats* stats,
                                       std::vector<Refusal>* refusals) {
  std::map<TargetSubjectKey, std::string> ids;
  for (auto it = year->begin(); it != year->end();) {
    const auto& key = it->first;
    auto& id = ids[key];
    if (!key.key.empty()) {
      ASSIGN_OR_RETURN(id, resolver->IdOf(KindOf(key.subject), key.key));
    }
    if (!key.key.empty() && id.empty()) {
      for (const auto& origin : it->second.origins) {
        ++stats->refused;
        refusals->push_back({Kind::kTargets, origin.file, origin.line, key.key, "key",
                             fmt::format("'{}' is not among the {} of source {}", key.key,
                                         InfoOf(KindOf(key.subject)).name, mapping_->source)});
      }
      it = year->erase(it);
    } else {
      ++it;
    }
  }
  Parents parents;
  RETURN_IF_ERROR(FindParents(resolver, year, &parents));
  TargetPlan plan;
  plan.set_year(number);
  if (effective_day_) SetDate(*effective_day_, plan.mutable_effective_from());
  std::map<TargetSubjectKey, int> index;
  for (const auto& [key, amounts] : *year) {
    index[key] = plan.nodes_size();
    auto* node = plan.add_nodes();
    node->set_subject(key.subject);
    if (!ids.contains(key) && !key.key.empty()) {
      ASSIGN_OR_RETURN(ids[key], resolver->IdOf(KindOf(key.subject), key.key));
    }
    node->set_subject_id(ids[key]);
    for (const int64_t month : MonthsOf(amounts)) node->add_months_minor(month);
    if (std::all_of(amounts.quarters.begin(), amounts.quarters.end(),
                    [](const auto& q) { return q.has_value(); }))
      for (const auto& quarter : amounts.quarters) node->add_quarters_minor(*quarter);
    if (amounts.year) node->set_year_minor(*amounts.year);
  }
  for (const auto& [key, i] : index) {
    const auto& parent = parents[key];
    plan.mutable_nodes(i)->set_parent(parent ? index.at(*parent) : -1);
  }
  return plan;
}

Status TargetPlans::SaveYear(Session* session, const TargetPlan& plan, const Year& year,
                             KindStats* stats, std::vector<Refusal>* refusals) {
  int64_t rows = 0;
  for (const auto& [key, amounts] : year) rows += static_cast<int64_t>(amounts.origins.size());
  performance::v1::GetTargetPlanRequest get;
  get.set_year(plan.year());
  TargetPlan stored;
  Status found = session->Call("spm.performance.v1.TargetService/GetTargetPlan", get, &stored);
  if (!found.ok() && found.code() != StatusCode::kNotFound) return found;
  if (found.ok() && Canonical(stored) == Canonical(plan)) {
    stats->unchanged += rows;
    return OkStatus();
  }
  performance::v1::SaveTargetPlanRequest save;
  save.set_request_id(RandomUuid());
  *save.mutable_plan() = plan;
  TargetPlan saved;
  Status done = session->Call("spm.performance.v1.TargetService/SaveTargetPlan", save, &saved,
                              std::chrono::seconds(60));
  if (done.ok()) {
    (found.ok() ? stats->updated : stats->created) += rows;
    return OkStatus();
  }
  if (IsInfrastructure(done)) return done;
  // A plan is saved as a whole or not at all.
  auto [field, reason] = FieldOf(done);
  if (const std::string name = NodeName(plan, year, field); !name.empty()) {
    reason = name + ": " + reason;
    field = "amount";
  }
  for (const auto& [key, amounts] : year)
    for (const auto& origin : amounts.origins) {
      ++stats->refused;
      refusals->push_back({Kind::kTargets, origin.file, origin.line, key.key, field,
                           fmt::format("the plan of {} was refused: {}", plan.year(), reason)});
    }
  return OkStatus();
}

Status TargetPlans::Save(Session* session, KindStats* stats, std::vector<Refusal>* refusals) {
  Resolver resolver(session, mapping_->source);
  for (auto& [number, year] : years_) {
    ASSIGN_OR_RETURN(const TargetPlan plan, Plan(&resolver, number, &year, stats, refusals));
    if (plan.nodes_size() == 0) continue;
    RETURN_IF_ERROR(SaveYear(session, plan, year, stats, refusals));
  }
  return OkStatus();
}

}  // namespace spm::suite
