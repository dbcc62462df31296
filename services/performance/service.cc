#include "services/performance/service.h"

#include "services/performance/benchmark_rpc.h"
#include "services/performance/copy_store.h"
#include "services/performance/explain_rpc.h"
#include "services/performance/fact_table.h"
#include "services/performance/leaderboard_rpc.h"
#include "services/performance/metrics_rpc.h"
#include "services/performance/on_leads.h"
#include "services/performance/on_orders.h"
#include "services/performance/target_rpc.h"
#include "spm/performance/v1/policy.pb.h"

namespace spm::performance {

ServiceSpec PerformanceService() {
  ServiceSpec spec;
  spec.name = "performance";
  spec.schema = EmbeddedSchema("services/performance/schema");
  auto rt = std::make_shared<Runtime>();
  using S = Snapshot;

  v1::LeaderboardPolicy leaderboard;
  leaderboard.set_beyond_scope(true);
  spec.Policy("leaderboard", leaderboard);
  spec.check_policy = &CheckPolicyBody;
  spec.preview_policy = &PreviewPolicy;

  // What everybody may ask, within what the caller sees.
  spec.Query("MetricService/ListMetrics", &ListMetrics);
  spec.Query<v1::QueryMetricsRequest, v1::QueryMetricsResponse>(
      "MetricService/QueryMetrics",
      [rt](S& s, const auto& q, const Call& call) { return QueryMetrics(*rt, s, q, call); });
  spec.Query<v1::GetLeaderboardRequest, v1::GetLeaderboardResponse>(
      "MetricService/GetLeaderboard",
      [rt](S& s, const auto& q, const Call& call) { return GetLeaderboard(*rt, s, q, call); });
  spec.Query<v1::ExplainMetricRequest, v1::ExplainMetricResponse>(
      "MetricService/ExplainMetric",
      [rt](S& s, const auto& q, const Call& call) { return ExplainMetric(*rt, s, q, call); });
  spec.Query("MetricService/GetVisibility", &GetVisibility);

  // Targets: one aggregate for each year; benchmarks: one for each metric, period and source.
  spec.Command<v1::SaveTargetPlanRequest, v1::TargetPlan>(
      "TargetService/SaveTargetPlan",
      [rt](Tx& tx, const auto& q, const Call& call) { return SaveTargetPlan(*rt, tx, q, call); });
  spec.Query("TargetService/GetTargetPlan", &GetTargetPlan);
  spec.Query("TargetService/SplitTarget", &SplitTarget);
  spec.Command("TargetService/BatchImportBenchmarks", &BatchImportBenchmarks);
  spec.Query("TargetService/ListBenchmarks", &ListBenchmarks);

  // Followed: deals, leads, customers and pipelines; products.
  spec.Consumer("leads").span = [rt](Tx& tx, const std::vector<base::v1::Event>& events,
                                     const Call& call) { return OnLeads(*rt, tx, events, call); };
  spec.On("orders", &OnProductCreated);
  spec.On("orders", &OnProductUpdated);
  spec.On("orders", &OnProductDeleted);

  spec.has_money = [](S& s) -> StatusOr<bool> {
    ASSIGN_OR_RETURN(bool facts, HasFacts(s));
    if (facts) return true;
    ASSIGN_OR_RETURN(std::string targets, ReadTargetState(s));
    return !targets.empty();
  };
  spec.on_start = [rt](ServiceHost& host) {
    rt->host = &host;
    return rt->live.Start(host, rt->targets);
  };
  spec.on_stop = [rt] { rt->live.Stop(); };
  // Targets and benchmarks are this service's own and stay.
  spec.drop_projections = [rt](Tx& tx) {
    DropFacts(tx);
    DropCopies(tx);
    tx.OnCommit([rt] { rt->live.Reset(); });
  };
  spec.changed = [rt] { return rt->live.changed(); };
  return spec;
}

}  // namespace spm::performance
