#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "services/suite/commands.h"
#include "services/suite/import/dates.h"
#include "services/suite/query.h"

namespace spm::suite {
namespace {

using performance::v1::ExplainMetricRequest;
using performance::v1::ExplainMetricResponse;
using performance::v1::Explanation;
using performance::v1::QueryMetricsRequest;
using performance::v1::QueryMetricsResponse;

constexpr auto kTimeout = std::chrono::seconds(120);
constexpr int kPage = 1000;
// In the order in which a plain subject is looked for.
constexpr const char* kSubjects[] = {"rep",      "team",   "region",  "product", "product_line",
                                     "customer", "sector", "country", "source",  "stage"};

struct ExplainOptions {
  std::string metric;
  std::string subject;
  std::vector<std::string> where;
  std::string period;
  std::string as_of;
  int facts = 5;
  bool json = false;
};

// A moment: a day (its end in the company's zone) or a time.
StatusOr<int64_t> AsOf(const std::string& text, const std::string& zone_name) {
  ASSIGN_OR_RETURN(const FileZone zone, FileZone::Find(zone_name));
  ASSIGN_OR_RETURN(const DateFormat iso, DateFormat::Parse("iso"));
  auto time = iso.Read(text);
  if (!time)
    return InvalidField("as-of", "'" + text +
                                     "' is neither a day nor a time such as "
                                     "2017-12-31T12:00:00Z");
  if (time->time_us) return zone.ToUs(*time);
  ++time->day;
  return zone.ToUs(*time) - 1;
}

Status Query(Session* session, const QueryMetricsRequest& query, QueryMetricsResponse* reply) {
  return session->Call("spm.performance.v1.MetricService/QueryMetrics", query, reply, kTimeout);
}

// Puts the subject into the request: as a group with its key, so that the row of a report is
// explained, or as a filter where that row is absent.
Status AddSubject(Session* session, const std::string& subject, ExplainMetricRequest* request) {
  std::vector<std::string> dimensions(std::begin(kSubjects), std::end(kSubjects));
  std::string name = subject;
  const size_t equals = subject.find('=');
  if (equals != std::string::npos) {
    dimensions = {subject.substr(0, equals)};
    name = subject.substr(equals + 1);
  }
  Status last;
  for (const auto& dimension : dimensions) {
    QueryMetricsRequest query = request->query();
    auto* filter = query.add_filters();
    filter->set_dimension(dimension);
    filter->add_values(name);
    query.add_group_by(dimension);
    QueryMetricsResponse reply;
    last = Query(session, query, &reply);
    if (last.code() == StatusCode::kInvalidArgument || last.code() == StatusCode::kNotFound)
      continue;
    RETURN_IF_ERROR(last);
    if (reply.rows_size() == 1) {
      *request->add_row() = reply.rows(0).groups(0);
    } else {
      query.clear_group_by();
    }
    *request->mutable_query() = query;
    return OkStatus();
  }
  if (equals != std::string::npos) return last;
  return InvalidField("SUBJECT",
                      fmt::format("'{}' is no rep, team, region, product, customer ... that "
                                  "{} can be asked by; say which: rep=NAME",
                                  subject, request->query().metrics(0)));
}

// Adds the facts of another page to the tree.
void Merge(const Explanation& page, Explanation* into) {
  into->mutable_page()->MergeFrom(page.page());
  for (int i = 0; i < std::min(page.parts_size(), into->parts_size()); ++i)
    Merge(page.parts(i), into->mutable_parts(i));
}

StatusOr<ExplainMetricResponse> Explain(Session* session, const ExplainOptions& options) {
  ExplainMetricRequest request;
  auto* query = request.mutable_query();
  query->add_metrics(options.metric);
  ASSIGN_OR_RETURN(
      const DayRange range,
      ParsePeriodOption(options.period.empty() ? session->company().today().substr(0, 7)
                                               : options.period));
  *query->mutable_from() = ToDate(range.from);
  *query->mutable_to() = ToDate(range.end - 1);
  ASSIGN_OR_RETURN(const auto filters, ParseWhere(options.where));
  for (const auto& filter : filters) *query->add_filters() = filter;
  if (!options.subject.empty()) RETURN_IF_ERROR(AddSubject(session, options.subject, &request));
  if (!options.as_of.empty()) {
    ASSIGN_OR_RETURN(const int64_t as_of, AsOf(options.as_of, session->company().zone()));
    request.set_as_of_us(as_of);
  }
  request.set_page_size(options.json ? kPage : std::max(1, options.facts));
  ExplainMetricResponse all;
  RETURN_IF_ERROR(
      session->Call("spm.performance.v1.MetricService/ExplainMetric", request, &all, kTimeout));
  while (options.json && !all.next_page_token().empty()) {
    request.set_page_token(all.next_page_token());
    ExplainMetricResponse page;
    RETURN_IF_ERROR(
        session->Call("spm.performance.v1.MetricService/ExplainMetric", request, &page, kTimeout));
    Merge(page.explanation(), all.mutable_explanation());
    all.set_next_page_token(page.next_page_token());
  }
  return all;
}

std::string Day(const google::type::Date& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
}

Json FactJson(const performance::v1::FactRef& fact) {
  const auto text = [](const std::string& value) {
    return value.empty() ? std::optional<std::string>() : std::optional(value);
  };
  return Json::Object()
      .Add("event_id", fact.event_id())
      .Add("n", fact.n())
      .Add("measure", fact.measure())
      .Add("amount", fact.amount())
      .Add("occurred_on", Day(fact.occurred_on()))
      .AddText("rep_id", text(fact.rep_id()))
      .AddText("customer_id", text(fact.customer_id()))
      .AddText("product_id", text(fact.product_id()))
      .AddText("source", text(fact.source()))
      .AddText("stage", text(fact.stage()))
      .AddText("deal_id", text(fact.deal_id()));
}

Json TreeJson(const Explanation& node) {
  Json json = Json::Object();
  json.Add("role", node.role()).Add("name", node.name()).Add("formula", node.formula());
  AddValue("value", node.value(), &json);
  if (!node.value().null_reason().empty()) json.Add("null_reason", node.value().null_reason());
  json.Add("total", node.total()).Add("facts", node.facts()).Add("hash", node.hash());
  if (node.has_from()) json.Add("from", Day(node.from()));
  if (node.has_to()) json.Add("to", Day(node.to()));
  if (!node.version().empty()) json.Add("version", node.version());
  Json page = Json::Array();
  for (const auto& fact : node.page()) page.AddRaw("", FactJson(fact).Text());
  Json parts = Json::Array();
  for (const auto& part : node.parts()) parts.AddRaw("", TreeJson(part).Text());
  return json.Add("page", page).Add("parts", parts);
}

std::string TreeText(const Explanation& node, int depth) {
  const std::string pad(static_cast<size_t>(depth) * 2, ' ');
  std::string text =
      fmt::format("{}{}{}", pad, node.role().empty() ? "" : node.role() + ": ", node.name());
  if (node.value().has_value()) {
    text += fmt::format(" = {}", node.value().value());
  } else if (!node.value().null_reason().empty()) {
    text += " = none (" + node.value().null_reason() + ")";
  }
  if (!node.formula().empty()) text += "   [" + node.formula() + "]";
  if (node.has_from() && node.has_to())
    text += fmt::format("   {} to {}", Day(node.from()), Day(node.to()));
  if (!node.version().empty()) text += "   version " + node.version();
  text += "\n";
  if (node.facts() > 0)
    text += fmt::format("{}  {} facts, total {}, sha256 {}\n", pad, Grouped(node.facts()),
                        node.total(), node.hash().substr(0, 16));
  for (const auto& fact : node.page())
    text += fmt::format("{}    {}  {:>14}  {}\n", pad, Day(fact.occurred_on()), fact.amount(),
                        fact.event_id());
  if (node.page_size() > 0 && node.facts() > node.page_size())
    text += fmt::format("{}    ... {} more; --json lists all\n", pad,
                        Grouped(node.facts() - node.page_size()));
  for (const auto& part : node.parts()) text += TreeText(part, depth + 1);
  return text;
}

int Run(const Globals& globals, const ExplainOptions& options) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  auto reply = Explain(session->get(), options);
  if (!reply.ok()) return Fail(reply.status());
  if (options.json) {
    Json json = Json::Object();
    json.Add("metric", options.metric);
    AddValue("value", reply->value(), &json);
    AddValue("reevaluated", reply->reevaluated(), &json);
    if (!reply->value().null_reason().empty())
      json.Add("null_reason", reply->value().null_reason());
    json.Add("recorded_us", reply->freshness().recorded_us());
    Print(json.Add("explanation", TreeJson(reply->explanation())).Text() + "\n");
    return kDone;
  }
  Print(TreeText(reply->explanation(), 0));
  const auto show = [](const performance::v1::MetricValue& value) {
    return value.has_value() ? fmt::format("{}", value.value()) : "none";
  };
  Print(fmt::format("stored {}, evaluated again from the facts {}\n", show(reply->value()),
                    show(reply->reevaluated())));
  Note(FreshnessLine("money in minor units within facts", reply->freshness()));
  return kDone;
}

}  // namespace

void AddExplain(CLI::App* app, Cli* cli) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* sub = app->add_subcommand("explain", "How a figure came about, down to its facts");
  sub->footer(
      "SUBJECT is the id or name of a rep, team, region, product, customer ..., or\n"
      "DIMENSION=VALUE; without it the figure of the whole company is explained.\n"
      "Example:\n  spm explain win_rate 'Darcel Schlecht' --period 2017-Q2 "
      "--where 'product=MG Special'");
  sub->add_option("METRIC", options->metric, "The metric")->required();
  sub->add_option("SUBJECT", options->subject, "Whose figure");
  sub->add_option("--where", options->where,
                  "DIMENSION=VALUE, comma separated with CSV quoting; may repeat")
      ->type_name("FILTER")
      ->allow_extra_args(false);
  sub->add_option("--period", options->period,
                  "2017, 2017-Q2, 2017-06, 2017-W22 or a day (else the present month)")
      ->type_name("PERIOD");
  sub->add_option("--as-of", options->as_of, "As it was known then: a day or a time")
      ->type_name("T");
  sub->add_option("--facts", options->facts, "Facts shown of each part (else 5)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  sub->add_flag("--json", options->json, "The whole tree with all facts");
  sub->callback([=] { cli->run = [=] { return Run(cli->globals, *options); }; });
}

}  // namespace spm::suite
