#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <set>

#include "services/suite/commands.h"
#include "services/suite/query.h"

namespace spm::suite {
namespace {

using performance::v1::GetLeaderboardRequest;
using performance::v1::GetLeaderboardResponse;
using performance::v1::QueryMetricsRequest;
using performance::v1::QueryMetricsResponse;

constexpr auto kQueryTimeout = std::chrono::seconds(120);

struct MetricsOptions {
  std::string metrics;
  std::string by;
  std::string from;
  std::string to;
  std::vector<std::string> where;
  bool names = false;
  bool include_empty = false;
  bool json = false;
};

struct LeaderboardOptions {
  std::string period;
  std::string by = "rep";
  std::string metric = "revenue";
  bool include_empty = false;
  bool json = false;
};

StatusOr<QueryMetricsRequest> ToRequest(const MetricsOptions& options, const std::string& today) {
  QueryMetricsRequest request;
  for (const auto& metric : SplitList(options.metrics)) request.add_metrics(metric);
  for (const auto& group : SplitList(options.by)) request.add_group_by(group);
  ASSIGN_OR_RETURN(const int32_t to, ParseDayOption("to", options.to.empty() ? today : options.to));
  int32_t from = BucketStart(Bucket::kYear, to);
  if (!options.from.empty()) {
    ASSIGN_OR_RETURN(from, ParseDayOption("from", options.from));
  }
  *request.mutable_from() = ToDate(from);
  *request.mutable_to() = ToDate(to);
  ASSIGN_OR_RETURN(const auto filters, ParseWhere(options.where));
  for (const auto& filter : filters) *request.add_filters() = filter;
  request.set_include_empty(options.include_empty);
  return request;
}

bool IsTime(const std::string& group) {
  static const std::set<std::string> kTimes = {"day", "week", "month", "quarter", "year"};
  return kTimes.contains(group);
}

// The group's value: id, or name with --names; absent where the group has none.
std::optional<std::string> KeyOf(const performance::v1::GroupKey& key, const std::string& group,
                                 bool names) {
  if (!key.has_id()) return std::nullopt;
  if (names && !IsTime(group) && key.has_name()) return key.name();
  return key.id();
}

int RunMetrics(const Globals& globals, const MetricsOptions& options) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  auto request = ToRequest(options, (*session)->company().today());
  if (!request.ok()) return Fail(request.status());
  QueryMetricsResponse reply;
  const Status asked = (*session)->Call("spm.performance.v1.MetricService/QueryMetrics", *request,
                                        &reply, kQueryTimeout);
  if (!asked.ok()) return Fail(asked);
  if (options.json) {
    std::vector<Json> rows;
    for (const auto& row : reply.rows()) {
      Json json = Json::Object();
      for (int i = 0; i < row.groups_size() && i < request->group_by_size(); ++i)
        json.AddText(request->group_by(i),
                     KeyOf(row.groups(i), request->group_by(i), options.names));
      for (int i = 0; i < row.values_size() && i < request->metrics_size(); ++i)
        AddValue(request->metrics(i), row.values(i), &json);
      rows.push_back(std::move(json));
    }
    Print(JsonLines(rows));
    return kDone;
  }
  auto units = MetricUnits(session->get());
  if (!units.ok()) return Fail(units.status());
  std::vector<std::string> headings(request->group_by().begin(), request->group_by().end());
  for (const auto& metric : request->metrics()) headings.push_back(">" + metric);
  Table table(headings);
  for (const auto& row : reply.rows()) {
    std::vector<std::string> cells;
    cells.reserve(headings.size());
    for (int i = 0; i < row.groups_size(); ++i)
      cells.push_back(KeyOf(row.groups(i), request->group_by(i), true).value_or("-"));
    for (int i = 0; i < row.values_size(); ++i)
      cells.push_back(ShowValue(row.values(i), (*units)[request->metrics(i)],
                                (*session)->company().minor_digits()));
    table.Add(std::move(cells));
  }
  Print(table.Text());
  Note(FreshnessLine("scope: " + reply.scope(), reply.freshness()));
  return kDone;
}

int RunLeaderboard(const Globals& globals, const LeaderboardOptions& options) {
  if (!options.period.empty())
    if (auto period = ParsePeriodOption(options.period); !period.ok()) return Fail(period.status());
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  GetLeaderboardRequest request;
  request.set_period(options.period);
  request.set_group_by(options.by);
  request.set_metric(options.metric);
  request.set_include_empty(options.include_empty);
  GetLeaderboardResponse reply;
  const Status asked = (*session)->Call("spm.performance.v1.MetricService/GetLeaderboard", request,
                                        &reply, kQueryTimeout);
  if (!asked.ok()) return Fail(asked);
  const bool other = options.metric != "revenue" && options.metric != "won";
  std::map<std::string, performance::v1::Unit> units;
  if (other && !options.json) {
    auto known = MetricUnits(session->get());
    if (!known.ok()) return Fail(known.status());
    units = *known;
  }
  std::vector<Json> rows;
  Table table(other ? std::vector<std::string>{">rank", options.by, ">" + options.metric,
                                               ">revenue", ">won"}
                    : std::vector<std::string>{">rank", options.by, ">revenue", ">won"});
  for (const auto& row : reply.rows()) {
    Json json = Json::Object();
    json.Add("rank", row.rank()).Add("name", row.name()).Add("revenue", row.revenue());
    json.Add("won", row.won());
    if (other) AddValue(options.metric, row.value(), &json);
    rows.push_back(std::move(json));
    const int digits = (*session)->company().minor_digits();
    std::vector<std::string> cells = {std::to_string(row.rank()), row.name()};
    if (other) cells.push_back(ShowValue(row.value(), units[options.metric], digits));
    cells.push_back(Grouped(row.revenue(), digits));
    cells.push_back(Grouped(row.won()));
    table.Add(std::move(cells));
  }
  Print(options.json ? JsonLines(rows) : table.Text());
  if (!options.json) Note(FreshnessLine("period: " + reply.period(), reply.freshness()));
  return kDone;
}

}  // namespace

void AddMetrics(CLI::App* app, Cli* cli) {
  auto options = std::make_shared<MetricsOptions>();
  CLI::App* sub = app->add_subcommand("metrics", "Figures by groups, period and filter");
  sub->footer(
      "Groups: rep, manager, team, region, product, product_line, customer, sector, country,\n"
      "source, stage, day, week, month, quarter, year; up to three.\n"
      "Example:\n  spm metrics revenue,win_rate --by rep,quarter --from 2017-01-01 --to 2017-12-31 "
      "--where 'region=West,product=MG Special' --names --json");
  sub->add_option("METRICS", options->metrics, "Metrics, comma separated")->required();
  sub->add_option("--by", options->by, "Groups, comma separated")->type_name("GROUPS");
  sub->add_option("--from", options->from, "First day, inclusive (else 1 January of --to's year)")
      ->type_name("DAY");
  sub->add_option("--to", options->to, "Last day, inclusive (else today)")->type_name("DAY");
  sub->add_option("--where", options->where,
                  "DIMENSION=VALUE, comma separated with CSV quoting; may repeat")
      ->type_name("FILTER")
      ->allow_extra_args(false);
  sub->add_flag("--names", options->names, "Names instead of ids in JSON");
  sub->add_flag("--include-empty", options->include_empty, "Groups without facts too");
  sub->add_flag("--json", options->json, "An array of flat objects");
  sub->callback([=] { cli->run = [=] { return RunMetrics(cli->globals, *options); }; });
}

void AddLeaderboard(CLI::App* app, Cli* cli) {
  auto options = std::make_shared<LeaderboardOptions>();
  CLI::App* sub = app->add_subcommand("leaderboard", "People, teams or regions by one metric");
  sub->footer("Example:\n  spm leaderboard --period 2017-Q2 --by rep --metric revenue --json");
  sub->add_option("--period", options->period, "2017, 2017-Q2, 2017-06 (else the present month)")
      ->type_name("PERIOD");
  sub->add_option("--by", options->by, "rep, team or region")->type_name("GROUP");
  sub->add_option("--metric", options->metric, "What ranks")->type_name("METRIC");
  sub->add_flag("--include-empty", options->include_empty, "Those without facts too");
  sub->add_flag("--json", options->json, "An array of objects");
  sub->callback([=] { cli->run = [=] { return RunLeaderboard(cli->globals, *options); }; });
}

}  // namespace spm::suite
