#include "services/performance/leaderboard_rpc.h"

#include <algorithm>

#include "services/performance/answer.h"
#include "services/performance/rules/dates.h"
#include "services/performance/rules/ranking.h"
#include "spm/performance/v1/policy.pb.h"

namespace spm::performance {
namespace {

// As a question for the metric and what is shown beside it; a rep with lost deals only is ranked
// too.
StatusOr<v1::QueryMetricsRequest> ToQuery(const v1::GetLeaderboardRequest& request,
                                          const std::string& period, const std::string& metric) {
  const std::string group = request.group_by().empty() ? "rep" : request.group_by();
  if (group != "rep" && group != "team" && group != "region")
    return InvalidField("group_by", "must be rep, team or region");
  const MetricDef* def = FindMetric(metric);
  if (!def) return InvalidField("metric", "there is no metric '" + metric + "'");
  if (!Has(def->groups, *FindDim(group)))
    return InvalidField("metric", metric + " cannot be asked by " + group);
  std::optional<DayRange> range = ParseBucket(period);
  if (!range)
    return InvalidField("period",
                        "must be 2017, 2017-Q2, 2017-06, 2017-W22 or 2017-06-01, with a "
                        "year from 1900 to 2200");
  v1::QueryMetricsRequest query;
  query.add_metrics(metric);
  for (const char* beside : {"revenue", "won", "lost"})
    if (metric != beside) query.add_metrics(beside);
  query.add_group_by(group);
  SetDate(range->from, query.mutable_from());
  SetDate(range->end - 1, query.mutable_to());
  query.set_include_empty(request.include_empty());
  return query;
}

}  // namespace

StatusOr<v1::GetLeaderboardResponse> GetLeaderboard(Runtime& runtime, Snapshot& snapshot,
                                                    const v1::GetLeaderboardRequest& request,
                                                    const Call& call) {
  v1::GetLeaderboardResponse reply;
  *reply.mutable_freshness() = runtime.Freshness();
  reply.set_metric(request.metric().empty() ? "revenue" : request.metric());
  reply.set_period(request.period().empty() ? BucketName(Bucket::kMonth, call.today)
                                            : request.period());
  if (request.page_size() < 0) return InvalidField("page_size", "must not be negative");
  ASSIGN_OR_RETURN(v1::QueryMetricsRequest query, ToQuery(request, reply.period(), reply.metric()));
  ASSIGN_OR_RETURN(Question question, ReadQuestion(query, call, snapshot));
  const auto* policy = call.FindPolicy<v1::LeaderboardPolicy>("leaderboard");
  question.everyone = !policy || policy->beyond_scope();
  ASSIGN_OR_RETURN(auto book, runtime.targets.Get(snapshot));
  ASSIGN_OR_RETURN(v1::QueryMetricsResponse answer,
                   AnswerQuestion(snapshot, question, call, *book));

  // Where a metric stands in the rows; the one that is ranked by comes first.
  const auto place = [&](const std::string& name) {
    return static_cast<int>(std::find(query.metrics().begin(), query.metrics().end(), name) -
                            query.metrics().begin());
  };
  std::vector<Standing> standings;
  std::vector<const v1::MetricRow*> rows;
  for (const v1::MetricRow& row : answer.rows()) {
    // What belongs to nobody has no place on the board.
    if (!row.groups(0).has_id()) continue;
    const v1::MetricValue& value = row.values(0);
    standings.push_back({row.groups(0).id(), row.groups(0).name(),
                         value.has_value() ? std::optional(value.value()) : std::nullopt});
    rows.push_back(&row);
  }
  for (size_t at : Rank(standings, question.metrics[0]->higher_is_better)) {
    if (request.page_size() > 0 && reply.rows_size() == request.page_size()) break;
    v1::LeaderboardRow& row = *reply.add_rows();
    row.set_rank(reply.rows_size());
    row.set_id(standings[at].id);
    row.set_name(standings[at].name);
    *row.mutable_value() = rows[at]->values(0);
    row.set_revenue(rows[at]->values(place("revenue")).value());
    row.set_won(rows[at]->values(place("won")).exact());
  }
  return reply;
}

Status CheckPolicyBody(const std::string& kind, const google::protobuf::Message&) {
  if (kind == "leaderboard") return OkStatus();
  return InvalidField("kind", "must be leaderboard, not " + kind);
}

Status PreviewPolicy(const PolicyQuestion& question, base::v1::PreviewPolicyResponse* reply) {
  const auto beyond = [](const google::protobuf::Message* body) {
    return body == nullptr || static_cast<const v1::LeaderboardPolicy*>(body)->beyond_scope();
  };
  const Call& call = *question.call;
  Effect effect("people_seeing_whole_board", "people", question.examples);
  for (const auto& [id, person] : call.directory->people()) {
    if (person.inactive()) continue;
    Caller caller{.id = id, .name = person.name(), .roles = {}, .person = true};
    for (int role : person.roles()) caller.roles.push_back(static_cast<base::v1::Role>(role));
    const bool all = call.directory->ScopeName(caller, call.today) == "company";
    effect.Count(id, person.name(), all || beyond(question.current),
                 all || beyond(question.candidate));
  }
  effect.AddTo(reply);
  return OkStatus();
}

}  // namespace spm::performance
