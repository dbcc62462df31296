// A small company whose journals the tests write themselves: performance follows them as in life.
//
//   company    west (region): one (team; mona leads): ann, bob
//              east (region): two (team; max leads): cid
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/time.h"
#include "fmt/format.h"
#include "services/performance/rules/dates.h"
#include "services/performance/service.h"
#include "spm/base/v1/policy.pb.h"
#include "spm/leads/v1/events.pb.h"
#include "spm/leads/v1/policy.pb.h"
#include "spm/orders/v1/events.pb.h"
#include "spm/org/v1/events.pb.h"
#include "spm/performance/v1/metrics.pb.h"
#include "spm/performance/v1/policy.pb.h"
#include "spm/performance/v1/target.pb.h"
#include "tests/support/service_fixture.h"

namespace spm::performance {

inline int32_t D(const std::string& day) { return ParseDay(day).value(); }

class SalesCompany {
 public:
  explicit SalesCompany(MemoryBus::Disorder disorder = {}, bool board_beyond_scope = true)
      : services(Specs(board_beyond_scope), disorder) {
    Unit("company", "Acme", org::v1::UNIT_KIND_COMPANY, "");
    Unit("west", "West", org::v1::UNIT_KIND_REGION, "company");
    Unit("east", "East", org::v1::UNIT_KIND_REGION, "company");
    Unit("one", "One", org::v1::UNIT_KIND_TEAM, "west");
    Unit("two", "Two", org::v1::UNIT_KIND_TEAM, "east");
    Person("boss", "Boss", "company", false, base::v1::ROLE_EXECUTIVE);
    Person("mona", "Mona", "one", true, base::v1::ROLE_MANAGER);
    Person("max", "Max", "two", true, base::v1::ROLE_MANAGER);
    Person("ann", "Ann", "one", false, base::v1::ROLE_REP, "mona");
    Person("bob", "Bob", "one", false, base::v1::ROLE_REP, "mona");
    Person("cid", "Cid", "two", false, base::v1::ROLE_REP, "max");
    Product("pump", "Pump", "Machines");
    Product("pipe", "Pipe", "Parts");
    Customer("acme", "Acme Ltd", "retail", "Peru");
    Customer("bolt", "Bolt Inc", "metal", "Chile");
    Pipeline();
    services.WaitIdle();
  }

  // Publishes an event of an aggregate of another service.
  void Emit(const std::string& service, const std::string& id,
            const google::protobuf::Message& event) {
    const int64_t version = ++versions_[id];
    Status status = services.Find(service)->lane().Run("emit", [&](Tx& tx, const spm::Call&) {
      tx.AddEvent(id, version, event);
      return OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status.message();
  }

  void Person(const std::string& id, const std::string& name, const std::string& unit, bool leads,
              base::v1::Role role, const std::string& manager = "") {
    org::v1::PersonCreated event;
    org::v1::Person& person = *event.mutable_person();
    person.set_id(id);
    person.set_name(name);
    person.add_roles(role);
    auto& membership = *person.add_memberships();
    membership.set_unit_id(unit);
    membership.set_leads(leads);
    if (!manager.empty()) person.add_reporting()->set_manager_id(manager);
    people_[id] = person;
    Emit("org", id, event);
  }
  void MovePerson(const std::string& id, const std::string& unit, const std::string& from) {
    org::v1::PersonMoved event;
    auto& membership = *people_[id].add_memberships();
    membership.set_unit_id(unit);
    SetDate(D(from), membership.mutable_from());
    *event.mutable_person() = people_[id];
    Emit("org", id, event);
  }

  // A deal that is as it is in the crm: opened, and closed where a day is given.
  struct Deal {
    std::string id, owner, customer, product;
    std::string opened, closed;
    bool won = true;
    int64_t amount = 0;
    std::string source = "fair";
  };
  static std::vector<leads::v1::DealStep> Steps(const Deal& deal) {
    std::vector<leads::v1::DealStep> steps;
    const auto add = [&](const std::string& stage, leads::v1::StageKind kind,
                         const std::string& day) {
      leads::v1::DealStep& step = steps.emplace_back();
      step.set_day(D(day));
      leads::v1::DealState& state = *step.mutable_state();
      state.set_pipeline("default");
      state.set_stage(stage);
      state.set_kind(kind);
      state.set_owner_id(deal.owner);
      state.set_stage_owner_id(deal.owner);
      state.set_customer_id(deal.customer);
      state.set_product_id(deal.product);
      state.set_source(deal.source);
      state.set_quantity(1);
      state.set_list_price_minor(100'000);
      state.set_opened_day(D(deal.opened));
      state.set_stage_day(D(day));
      state.set_external_id(deal.id);
      if (kind == leads::v1::STAGE_KIND_WON) state.set_amount_minor(deal.amount);
      step.add_entered(stage);
    };
    add("need", leads::v1::STAGE_KIND_OPEN, deal.opened);
    add("quote", leads::v1::STAGE_KIND_OPEN, deal.opened);
    if (!deal.closed.empty())
      add(deal.won ? "won" : "lost",
          deal.won ? leads::v1::STAGE_KIND_WON : leads::v1::STAGE_KIND_LOST, deal.closed);
    return steps;
  }
  void Import(const Deal& deal) {
    leads::v1::OpportunityImported event;
    for (auto& step : Steps(deal)) *event.add_steps() = step;
    Emit("leads", "deal-" + deal.id, event);
  }
  void Correct(const Deal& before, const Deal& after) {
    leads::v1::OpportunityHistoryCorrected event;
    for (auto& step : Steps(before)) *event.add_before() = step;
    for (auto& step : Steps(after)) *event.add_after() = step;
    Emit("leads", "deal-" + after.id, event);
  }
  void Assign(const Deal& deal, const std::string& owner, const std::string& day) {
    leads::v1::OpportunityAssigned event;
    *event.mutable_before() = Steps(deal).back().state();
    *event.mutable_step()->mutable_state() = event.before();
    event.mutable_step()->mutable_state()->set_owner_id(owner);
    event.mutable_step()->set_day(D(day));
    Emit("leads", "deal-" + deal.id, event);
  }
  void Lead(const std::string& id, const std::string& owner, const std::string& source,
            const std::string& day) {
    leads::v1::LeadCreated event;
    event.mutable_lead()->set_owner_id(owner);
    event.mutable_lead()->set_source(source);
    event.mutable_lead()->set_created_day(D(day));
    Emit("leads", id, event);
  }

  // Five wins, a loss, two open deals over two quarters of 2017.
  static std::vector<Deal> Deals() {
    return {{"A", "ann", "acme", "pump", "2017-01-10", "2017-02-10", true, 90'000},
            {"B", "ann", "bolt", "pipe", "2017-02-01", "2017-02-20", true, 100'000, "web"},
            {"C", "bob", "acme", "pump", "2017-02-05", "2017-03-15", true, 110'000},
            {"D", "bob", "bolt", "pump", "2017-03-01", "2017-05-31", false},
            {"E", "cid", "acme", "pipe", "2017-03-10", "2017-04-10", true, 70'001},
            {"F", "cid", "", "pump", "2017-04-01", "", true},
            {"G", "ann", "bolt", "pipe", "2017-05-02", "", true, 0, "web"},
            {"H", "cid", "bolt", "pump", "2017-01-01", "2017-04-30", true, 100'000}};
  }
  void ImportAll() {
    for (const Deal& deal : Deals()) Import(deal);
    services.WaitIdle();
  }

  static v1::QueryMetricsRequest Ask(const std::vector<std::string>& metrics,
                                     const std::vector<std::string>& groups = {},
                                     const std::string& from = "2017-01-01",
                                     const std::string& to = "2017-12-31") {
    v1::QueryMetricsRequest query;
    for (const auto& m : metrics) query.add_metrics(m);
    for (const auto& g : groups) query.add_group_by(g);
    SetDate(D(from), query.mutable_from());
    SetDate(D(to), query.mutable_to());
    return query;
  }
  static v1::QueryMetricsRequest Where(v1::QueryMetricsRequest query, const std::string& dimension,
                                       const std::vector<std::string>& values) {
    v1::Filter& filter = *query.add_filters();
    filter.set_dimension(dimension);
    for (const auto& v : values) filter.add_values(v);
    return query;
  }
  StatusOr<v1::QueryMetricsResponse> Query(const v1::QueryMetricsRequest& query,
                                           const std::string& as = "") {
    return services.Call<v1::QueryMetricsResponse>("spm.performance.v1.MetricService/QueryMetrics",
                                                   query, as);
  }
  StatusOr<v1::ExplainMetricResponse> Explain(const v1::ExplainMetricRequest& request,
                                              const std::string& as = "") {
    return services.Call<v1::ExplainMetricResponse>(
        "spm.performance.v1.MetricService/ExplainMetric", request, as);
  }
  // "name,name=value value" for each row; "-" is no value.
  std::vector<std::string> Rows(const v1::QueryMetricsRequest& query, const std::string& as = "") {
    auto answer = Query(query, as);
    if (!answer.ok()) return {"refused: " + std::string(answer.status().message())};
    std::vector<std::string> rows;
    for (const auto& row : answer->rows()) {
      std::string text;
      for (const auto& group : row.groups())
        text += (text.empty() ? "" : ",") + (group.has_id() ? group.name() : std::string("-"));
      text += "=";
      for (int i = 0; i < row.values_size(); ++i)
        text +=
            (i ? " " : "") + (row.values(i).has_value() ? fmt::format("{}", row.values(i).value())
                                                        : std::string("-"));
      rows.push_back(text);
    }
    return rows;
  }

  testing::Services services;

 private:
  static std::vector<ServiceSpec> Specs(bool board_beyond_scope) {
    std::vector<ServiceSpec> specs;
    for (const char* name : {"org", "orders", "leads"}) {
      ServiceSpec& spec = specs.emplace_back();
      spec.name = name;
      spec.follows_org = false;
    }
    specs.push_back(PerformanceService());
    v1::LeaderboardPolicy board;
    board.set_beyond_scope(board_beyond_scope);
    specs.back().policies.clear();
    specs.back().Policy("leaderboard", board);
    return specs;
  }
  void Unit(const std::string& id, const std::string& name, org::v1::UnitKind kind,
            const std::string& parent) {
    org::v1::UnitCreated event;
    event.mutable_unit()->set_id(id);
    event.mutable_unit()->set_name(name);
    event.mutable_unit()->set_kind(kind);
    if (!parent.empty()) event.mutable_unit()->add_placements()->set_parent_id(parent);
    Emit("org", id, event);
  }
  void Product(const std::string& id, const std::string& name, const std::string& line) {
    orders::v1::ProductCreated event;
    event.mutable_product()->set_name(name);
    event.mutable_product()->set_line(line);
    event.mutable_product()->add_external_ids()->set_source("crm");
    event.mutable_product()->mutable_external_ids(0)->set_id("P-" + id);
    Emit("orders", id, event);
  }
  void Customer(const std::string& id, const std::string& name, const std::string& sector,
                const std::string& country) {
    leads::v1::CustomerCreated event;
    event.mutable_customer()->set_name(name);
    event.mutable_customer()->set_sector(sector);
    event.mutable_customer()->set_country(country);
    Emit("leads", id, event);
  }
  void Pipeline() {
    leads::v1::PipelinePolicy pipeline;
    pipeline.set_id("default");
    const std::vector<std::pair<std::string, leads::v1::StageKind>> stages = {
        {"need", leads::v1::STAGE_KIND_OPEN},
        {"quote", leads::v1::STAGE_KIND_OPEN},
        {"won", leads::v1::STAGE_KIND_WON},
        {"lost", leads::v1::STAGE_KIND_LOST}};
    for (const auto& [id, kind] : stages) {
      auto& stage = *pipeline.add_stages();
      stage.set_id(id);
      stage.set_name("The " + id);
      stage.set_kind(kind);
    }
    base::v1::PolicyPublished event;
    event.mutable_policy()->set_kind("pipeline:default");
    event.mutable_policy()->set_version(1);
    event.mutable_policy()->mutable_body()->PackFrom(pipeline);
    Emit("leads", "pipeline:default", event);
  }

  std::map<std::string, int64_t> versions_;
  std::map<std::string, org::v1::Person> people_;
};

using Lines = std::vector<std::string>;

}  // namespace spm::performance
