#include "services/performance/metrics_rpc.h"

#include <algorithm>

#include "services/performance/answer.h"

namespace spm::performance {

StatusOr<v1::ListMetricsResponse> ListMetrics(Snapshot&, const v1::ListMetricsRequest&,
                                              const Call&) {
  v1::ListMetricsResponse reply;
  for (const MetricDef& metric : Metrics()) *reply.add_metrics() = Describe(metric);
  return reply;
}

StatusOr<v1::QueryMetricsResponse> QueryMetrics(Runtime& runtime, Snapshot& snapshot,
                                                const v1::QueryMetricsRequest& request,
                                                const Call& call) {
  // Before the facts are read, so that the answer holds at least this much.
  const base::v1::Freshness freshness = runtime.Freshness();
  ASSIGN_OR_RETURN(Question question, ReadQuestion(request, call, snapshot));
  ASSIGN_OR_RETURN(auto book, runtime.targets.Get(snapshot));
  ASSIGN_OR_RETURN(v1::QueryMetricsResponse reply, AnswerQuestion(snapshot, question, call, *book));
  reply.set_scope(call.directory->ScopeName(call.caller, call.today));
  *reply.mutable_freshness() = freshness;
  return reply;
}

StatusOr<v1::Visibility> GetVisibility(Snapshot&, const v1::GetVisibilityRequest&,
                                       const Call& call) {
  v1::Visibility reply;
  const Directory& directory = *call.directory;
  reply.set_scope(directory.ScopeName(call.caller, call.today));
  if (Directory::SeesAll(call.caller)) {
    reply.set_company(true);
    return reply;
  }
  const auto visible = directory.VisibleTo(call.caller.id, call.today);
  const auto units = directory.UnitsOf(call.caller.id, call.today);
  for (const std::string& id : *visible) reply.add_rep_ids(id);
  for (const std::string& id : *units) {
    const org::v1::Unit* unit = directory.FindUnit(id);
    if (!unit) continue;
    if (unit->kind() == org::v1::UNIT_KIND_TEAM) reply.add_team_ids(id);
    if (unit->kind() == org::v1::UNIT_KIND_REGION) reply.add_region_ids(id);
  }
  for (auto* ids : {reply.mutable_rep_ids(), reply.mutable_team_ids(), reply.mutable_region_ids()})
    std::sort(ids->begin(), ids->end());
  return reply;
}

}  // namespace spm::performance
