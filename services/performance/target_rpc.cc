#include "services/performance/target_rpc.h"

#include <map>

#include "services/performance/copy_store.h"
#include "services/performance/rules/dates.h"
#include "services/performance/rules/target.h"
#include "services/performance/target_store.h"
#include "spm/performance/v1/events.pb.h"

namespace spm::performance {
namespace {

StatusOr<std::string> UnitOf(const Directory& directory, const std::string& ref,
                             org::v1::UnitKind kind, const std::string& field,
                             const std::string& noun) {
  const std::string id = directory.UnitId(ref);
  const org::v1::Unit* unit = directory.FindUnit(id);
  if (!unit)
    return InvalidField(field, "there is no unit '" + ref + "'; give its id or source:external_id");
  if (unit->kind() != kind) return InvalidField(field, "'" + unit->name() + "' is no " + noun);
  return id;
}

// Ids of subjects, for ids or source:external_id.
class Subjects {
 public:
  Subjects(Tx& tx, const Directory& directory) : tx_(tx), directory_(directory) {}

  StatusOr<std::string> Resolve(const v1::TargetNode& node, const std::string& field) {
    const std::string& ref = node.subject_id();
    if (ref.empty()) return ref;
    switch (node.subject()) {
      case v1::TARGET_SUBJECT_REGION:
        return UnitOf(directory_, ref, org::v1::UNIT_KIND_REGION, field, "region");
      case v1::TARGET_SUBJECT_TEAM:
        return UnitOf(directory_, ref, org::v1::UNIT_KIND_TEAM, field, "team");
      case v1::TARGET_SUBJECT_PERSON: {
        std::string id = directory_.PersonId(ref);
        if (id.empty())
          return InvalidField(
              field, "there is no person '" + ref + "'; give the id or source:external_id");
        return id;
      }
      case v1::TARGET_SUBJECT_PRODUCT:
        return Product(ref, field);
      default:
        return ref;
    }
  }

 private:
  StatusOr<std::string> Product(const std::string& ref, const std::string& field) {
    auto [at, fresh] = products_.try_emplace(ref);
    if (fresh) {
      ASSIGN_OR_RETURN(std::vector<std::string> ids, FindProducts(tx_, ref));
      if (ids.size() == 1) at->second = ids[0];
    }
    if (at->second.empty())
      return InvalidField(
          field, "there is no one product '" + ref + "'; give its id or source:external_id");
    return at->second;
  }

  Tx& tx_;
  const Directory& directory_;
  std::map<std::string, std::string> products_;
};

bool SameContent(v1::TargetPlan a, v1::TargetPlan b) {
  for (v1::TargetPlan* plan : {&a, &b}) {
    plan->clear_id();
    plan->clear_version();
    plan->clear_author();
  }
  return a.SerializeAsString() == b.SerializeAsString();
}

// The nodes of a plan that a caller sees, with their parents among them.
v1::TargetPlan Visible(const v1::TargetPlan& plan, const Call& call) {
  if (Directory::SeesAll(call.caller)) return plan;
  auto people = call.directory->VisibleTo(call.caller.id, call.today);
  auto units = call.directory->UnitsOf(call.caller.id, call.today);
  v1::TargetPlan seen = plan;
  seen.clear_nodes();
  std::map<int, int> places;
  for (int i = 0; i < plan.nodes_size(); ++i) {
    const v1::TargetNode& node = plan.nodes(i);
    const bool person = node.subject() == v1::TARGET_SUBJECT_PERSON;
    const bool unit =
        node.subject() == v1::TARGET_SUBJECT_TEAM || node.subject() == v1::TARGET_SUBJECT_REGION;
    if (!(person && people->contains(node.subject_id())) &&
        !(unit && units->contains(node.subject_id())))
      continue;
    places[i] = seen.nodes_size();
    *seen.add_nodes() = node;
  }
  for (v1::TargetNode& node : *seen.mutable_nodes()) {
    auto at = places.find(node.parent());
    node.set_parent(at == places.end() ? -1 : at->second);
  }
  return seen;
}

}  // namespace

StatusOr<v1::TargetPlan> SaveTargetPlan(Runtime& runtime, Tx& tx,
                                        const v1::SaveTargetPlanRequest& request,
                                        const Call& call) {
  v1::TargetPlan plan = request.plan();
  if (plan.year() < 1900 || plan.year() > 2200)
    return InvalidField("plan.year", "must be between 1900 and 2200");
  TargetRevision revision{.plan = {}, .effective_day = kFromEver, .saved_us = tx.now_us()};
  if (plan.has_effective_from()) {
    ASSIGN_OR_RETURN(revision.effective_day, ToDay(plan.effective_from(), "plan.effective_from"));
  }
  // A first node that leaves its parent out would be its own.
  if (plan.nodes_size() > 0 && plan.nodes(0).parent() == 0) plan.mutable_nodes(0)->set_parent(-1);
  Subjects subjects(tx, *call.directory);
  for (int i = 0; i < plan.nodes_size(); ++i) {
    const std::string field = "plan.nodes[" + std::to_string(i) + "].subject_id";
    ASSIGN_OR_RETURN(std::string id, subjects.Resolve(plan.nodes(i), field));
    plan.mutable_nodes(i)->set_subject_id(id);
  }
  RETURN_IF_ERROR(CheckPlan(plan));

  const std::string id = TargetPlanId(plan.year());
  ASSIGN_OR_RETURN(std::optional<v1::TargetPlan> present,
                   kTargetPlans.Find(tx, id, Scope::Service()));
  RETURN_IF_ERROR(CheckEtag(request, present ? *present : v1::TargetPlan()));
  if (present && SameContent(*present, plan)) return *present;
  plan.set_id(id);
  plan.set_author(call.caller.id);
  const int64_t version = present ? present->version() : 0;
  v1::TargetPlanSaved saved;
  *saved.mutable_plan() = plan;
  saved.mutable_plan()->set_version(version + 1);
  plan.set_version(version);
  kTargetPlans.Save(tx, &plan, saved);
  revision.plan = saved.plan();
  SaveRevision(tx, revision);
  tx.OnCommit([&runtime] { runtime.live.Wake(); });
  return saved.plan();
}

StatusOr<v1::TargetPlan> GetTargetPlan(Snapshot& snapshot, const v1::GetTargetPlanRequest& request,
                                       const Call& call) {
  ASSIGN_OR_RETURN(std::vector<TargetRevision> revisions, ReadRevisions(snapshot, request.year()));
  int at = static_cast<int>(revisions.size()) - 1;
  if (request.has_on()) {
    ASSIGN_OR_RETURN(const int32_t on, ToDay(request.on(), "on"));
    std::vector<int32_t> days;
    for (const TargetRevision& revision : revisions) days.push_back(revision.effective_day);
    at = InForce(days, on);
  }
  if (at < 0) return NotFound("target plan", std::to_string(request.year()));
  return Visible(revisions[at].plan, call);
}

StatusOr<v1::SplitTargetResponse> SplitTarget(Snapshot&, const v1::SplitTargetRequest& request,
                                              const Call&) {
  if (request.amount_minor() < 0) return InvalidField("amount_minor", "must not be negative");
  ASSIGN_OR_RETURN(
      std::vector<int64_t> months,
      SplitByMonths(request.amount_minor(), {request.weights().begin(), request.weights().end()}));
  v1::SplitTargetResponse reply;
  for (int64_t month : months) reply.add_months_minor(month);
  return reply;
}

}  // namespace spm::performance
