#include "services/suite/demo/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/ids.h"
#include "common/base/time.h"
#include "services/suite/import/resolver.h"
#include "services/suite/import/rows.h"
#include "services/suite/import/sender.h"
#include "services/suite/import/settle.h"
#include "spm/base/v1/policy.pb.h"
#include "spm/leads/v1/customer.pb.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "spm/org/v1/org.pb.h"

namespace spm::suite {
namespace {

constexpr int kDealsOfDay = 14;
constexpr int kLeadsOfDay = 5;

}  // namespace

std::string DemoRef(const std::string& key) {
  return key.empty() ? "" : std::string(kDemoSource) + ":" + key;
}

std::vector<std::string> OpenStages(const leads::v1::PipelinePolicy& pipeline) {
  std::vector<std::string> stages;
  for (const auto& stage : pipeline.stages())
    if (stage.kind() == leads::v1::STAGE_KIND_OPEN) stages.push_back(stage.id());
  return stages;
}

std::string StageOfKind(const leads::v1::PipelinePolicy& pipeline, leads::v1::StageKind kind) {
  for (const auto& stage : pipeline.stages())
    if (stage.kind() == kind) return stage.id();
  return "";
}

StatusOr<leads::v1::PipelinePolicy> DefaultPipelineOf(Session* session) {
  base::v1::GetPolicyRequest request;
  request.set_service("leads");
  request.set_kind("pipeline:default");
  base::v1::Policy policy;
  RETURN_IF_ERROR(session->Call("spm.base.v1.PolicyService/GetPolicy", request, &policy));
  leads::v1::PipelinePolicy pipeline;
  if (!policy.body().UnpackTo(&pipeline)) return Internal("pipeline:default is no pipeline");
  return pipeline;
}

template <typename Row>
Status DemoHistory::Send(Kind kind, const std::vector<Row>& rows) {
  KindStats stats;
  stats.kind = kind;
  std::vector<Refusal> refusals;
  BatchSender sender(session_, kDemoSource, &stats, &refusals);
  for (const auto& row : rows) RETURN_IF_ERROR(sender.Add(row, {"demo", 0, ""}));
  RETURN_IF_ERROR(sender.Finish());
  if (!refusals.empty())
    return Internal(fmt::format("{} {} of the demo were refused, first: {} {}", refusals.size(),
                                InfoOf(kind).name, refusals[0].field, refusals[0].reason));
  return OkStatus();
}

Status DemoHistory::Write(const std::function<bool()>& stopped) {
  ASSIGN_OR_RETURN(currency_, FindCurrency(session_->company().currency()));
  ASSIGN_OR_RETURN(pipeline_, DefaultPipelineOf(session_));
  const auto steps = {
      &DemoHistory::WriteUnits,     &DemoHistory::WritePeople,   &DemoHistory::WriteProducts,
      &DemoHistory::WriteCustomers, &DemoHistory::WriteContacts, &DemoHistory::WriteLeads,
      &DemoHistory::WriteDeals,     &DemoHistory::WriteTargets,  &DemoHistory::WriteBenchmarks};
  for (const auto step : steps) {
    if (stopped()) return Error(StatusCode::kCancelled, "STOPPED", "the demo was stopped");
    RETURN_IF_ERROR((this->*step)());
    RETURN_IF_ERROR(Settle(session_, {}).status());
  }
  return OkStatus();
}

Status DemoHistory::WriteUnits() {
  using Row = org::v1::BatchImportUnitsRequest::Row;
  // Regions before their teams.
  for (const bool regions : {true, false}) {
    std::vector<Row> rows;
    for (const auto& unit : world_->units) {
      if (unit.region.empty() != regions) continue;
      auto& row = rows.emplace_back();
      row.set_external_id(unit.key);
      row.set_name(unit.name);
      row.set_kind(regions ? org::v1::UNIT_KIND_REGION : org::v1::UNIT_KIND_TEAM);
      row.set_parent_id(DemoRef(unit.region));
    }
    RETURN_IF_ERROR(Send(Kind::kUnits, rows));
  }
  return OkStatus();
}

Status DemoHistory::WritePeople() {
  using Row = org::v1::BatchImportPeopleRequest::Row;
  // The head, the directors, the managers, the reps.
  for (int level = 0; level < 4; ++level) {
    std::vector<Row> rows;
    for (const auto& person : world_->people) {
      const int at = person.executive               ? 0
                     : person.skill > 0             ? 3
                     : person.unit == person.region ? 1
                                                    : 2;
      if (at != level) continue;
      auto& row = rows.emplace_back();
      row.set_external_id(person.key);
      row.set_name(person.name);
      row.add_roles(person.executive ? base::v1::ROLE_EXECUTIVE
                    : person.leads   ? base::v1::ROLE_MANAGER
                                     : base::v1::ROLE_REP);
      row.set_unit_id(DemoRef(person.unit));
      row.set_leads(person.leads);
      row.set_manager_id(DemoRef(person.manager));
      for (const auto& skill : person.skills) row.add_skills(skill);
    }
    RETURN_IF_ERROR(Send(Kind::kPeople, rows));
  }
  return OkStatus();
}

Status DemoHistory::WriteProducts() {
  std::vector<orders::v1::BatchImportProductsRequest::Row> rows;
  for (const auto& product : world_->products) {
    auto& row = rows.emplace_back();
    row.set_external_id(product.key);
    row.set_name(product.name);
    row.set_line(product.line);
    *row.mutable_list_price() = ToMoney(product.price * MinorPerMajor(currency_), currency_);
  }
  return Send(Kind::kProducts, rows);
}

Status DemoHistory::WriteCustomers() {
  std::vector<leads::v1::BatchImportCustomersRequest::Row> rows;
  for (const auto& customer : world_->customers) {
    auto& row = rows.emplace_back();
    row.set_external_id(customer.key);
    row.set_name(customer.name);
    row.set_owner_id(DemoRef(customer.owner));
    row.set_sector(customer.sector);
    row.set_country(customer.country);
    row.set_lead_source(customer.source);
  }
  return Send(Kind::kCustomers, rows);
}

Status DemoHistory::WriteContacts() {
  std::vector<leads::v1::BatchImportContactsRequest::Row> rows;
  for (const auto& customer : world_->customers) {
    auto& row = rows.emplace_back();
    row.set_external_id("k-" + customer.key);
    row.set_customer_id(DemoRef(customer.key));
    row.set_name(customer.contact);
    row.set_title(customer.title);
    row.set_email("contact@" + customer.key + ".example");
  }
  return Send(Kind::kContacts, rows);
}

bool DemoHistory::IsWorkday(int32_t day) const { return WeekdayOf(day) <= 5; }

// Most leads of the past are decided on; the newest wait.
void DemoHistory::SetStanding(int32_t day, int64_t contact_us, LeadRow* row) {
  const int roll = dice_.Below(100) + (until_ - day < 5 ? 40 : 0);
  if (roll >= 95) return;
  SetMoment(contact_us, row->mutable_first_contact_time());
  row->set_status(roll < 40   ? leads::v1::LEAD_STATUS_CONVERTED
                  : roll < 70 ? leads::v1::LEAD_STATUS_DISQUALIFIED
                              : leads::v1::LEAD_STATUS_CONTACTED);
  if (row->status() == leads::v1::LEAD_STATUS_DISQUALIFIED)
    row->set_disqualify_reason(dice_.Pick(world_->loss_reasons));
}

Status DemoHistory::WriteLeads() {
  ASSIGN_OR_RETURN(const FileZone zone, FileZone::Find(session_->company().zone()));
  const auto reps = world_->Reps();
  std::vector<LeadRow> rows;
  for (int32_t day = until_ - kDemoDays; day < until_; ++day) {
    for (int i = 0; IsWorkday(day) && i < kLeadsOfDay; ++i) {
      const DemoPerson& rep = *dice_.Pick(reps);
      const DemoProduct& product = dice_.Pick(world_->products);
      auto& row = rows.emplace_back();
      row.set_external_id(fmt::format("l-{:04}", rows.size()));
      auto* lead = row.mutable_lead();
      lead->set_name(world_->NewCompanyName(&dice_));
      lead->set_contact_name(world_->NewPersonName(&dice_));
      lead->set_owner_id(DemoRef(rep.key));
      lead->set_region_id(DemoRef(rep.region));
      lead->set_source(dice_.Pick(world_->sources));
      lead->set_sector(dice_.Pick(world_->sectors));
      lead->set_product_id(DemoRef(product.key));
      lead->set_intent(dice_.Between(10, 100));
      lead->set_decision_days(dice_.Between(10, 200));
      *lead->mutable_budget() =
          ToMoney(product.price * dice_.Between(1, 6) * MinorPerMajor(currency_), currency_);
      LocalTime time;
      time.day = day;
      time.time_us = dice_.Between(8 * 60, 18 * 60) * kMinuteUs;
      SetMoment(zone.ToUs(time), row.mutable_occur_time());
      *time.time_us += dice_.Between(20, 300) * kMinuteUs;
      SetStanding(day, zone.ToUs(time), &row);
    }
  }
  return Send(Kind::kLeads, rows);
}

void DemoHistory::WriteStages(int32_t day, bool won, int cycle_days, OpportunityRow* row) {
  const auto stages = OpenStages(pipeline_);
  const auto add = [row](const std::string& stage, int32_t on) {
    auto* step = row->add_history();
    step->set_stage(stage);
    SetDate(on, step->mutable_day());
  };
  // A deal is lost anywhere on its way.
  const int steps = static_cast<int>(stages.size());
  const int last = won ? steps - 1 : dice_.Below(steps);
  for (int i = 0; i <= last; ++i) {
    const int32_t on = day + cycle_days * i / steps;
    if (on >= until_) return;
    add(stages[static_cast<size_t>(i)], on);
  }
  int32_t end = day + cycle_days * (last + 1) / steps;
  while (!IsWorkday(end)) ++end;
  if (end >= until_) return;
  add(StageOfKind(pipeline_, won ? leads::v1::STAGE_KIND_WON : leads::v1::STAGE_KIND_LOST), end);
  if (!won) row->set_lost_reason(dice_.Pick(world_->loss_reasons));
}

DemoHistory::OpportunityRow DemoHistory::Deal(int number, int32_t day) {
  const auto reps = world_->Reps();
  const DemoPerson& rep = *dice_.Pick(reps);
  const DemoCustomer& customer = dice_.Pick(world_->customers);
  const DemoProduct& product = dice_.Pick(world_->products);
  OpportunityRow row;
  row.set_external_id(fmt::format("d-{:05}", number));
  row.set_name(customer.name + " - " + product.name);
  row.set_customer_id(DemoRef(customer.key));
  row.set_owner_id(DemoRef(rep.key));
  row.set_product_id(DemoRef(product.key));
  row.set_quantity(dice_.Between(1, 1 + dice_.Between(0, 7)));
  row.set_lead_source(customer.source);
  const bool won = dice_.Chance(rep.skill);
  WriteStages(day, won, dice_.Between(10, 70), &row);
  const int percent = 100 - dice_.Below(19);
  const bool priced = dice_.Chance(60);
  const int64_t minor = product.price * row.quantity() * percent * MinorPerMajor(currency_) / 100;
  const std::string& stage = row.history(row.history_size() - 1).stage();
  const bool is_won = stage == StageOfKind(pipeline_, leads::v1::STAGE_KIND_WON);
  if (is_won || priced) *row.mutable_amount() = ToMoney(minor, currency_);
  if (is_won) won_by_rep_[rep.key] += minor;
  return row;
}

Status DemoHistory::WriteDeals() {
  std::vector<OpportunityRow> rows;
  for (int32_t day = until_ - kDemoDays; day < until_; ++day)
    for (int i = 0; IsWorkday(day) && i < kDealsOfDay; ++i)
      rows.push_back(Deal(static_cast<int>(rows.size()) + 1, day));
  return Send(Kind::kOpportunities, rows);
}

// What the rep won in a month on average, with the season and some ambition, in whole hundreds.
int64_t DemoHistory::MonthTarget(const DemoPerson& rep, int month) {
  static const int kSeason[] = {85, 80, 100, 100, 95, 105, 90, 85, 105, 105, 110, 130};
  const int64_t usual = std::max<int64_t>(won_by_rep_[rep.key] / (kDemoDays / 30), 1);
  const int64_t unit = 100 * MinorPerMajor(currency_);
  return (usual * kSeason[month] / 100 * 115 / 100 / unit + 1) * unit;
}

// Targets begin with the history; its first deals close some weeks later.
int DemoHistory::ShareOfMonth(int year, int month) const {
  const Ymd begin = YmdOf(until_ - kDemoDays);
  const int since = (year - begin.year) * 12 + month + 1 - begin.month;
  return since <= 0 ? 0 : since == 1 ? 25 : 100;
}

performance::v1::TargetPlan DemoHistory::Plan(int year,
                                              const std::map<std::string, std::string>& ids) {
  performance::v1::TargetPlan plan;
  plan.set_year(year);
  std::map<std::string, int> index;
  const auto add = [&](performance::v1::TargetSubject subject, const std::string& key, int parent) {
    index[key] = plan.nodes_size();
    auto* node = plan.add_nodes();
    node->set_subject(subject);
    if (!key.empty()) node->set_subject_id(ids.at(key));
    node->set_parent(parent);
    for (int month = 0; month < 12; ++month) node->add_months_minor(0);
  };
  add(performance::v1::TARGET_SUBJECT_COMPANY, "", -1);
  for (const auto& unit : world_->units)
    if (unit.region.empty()) add(performance::v1::TARGET_SUBJECT_REGION, unit.key, 0);
  for (const auto& unit : world_->units)
    if (!unit.region.empty())
      add(performance::v1::TARGET_SUBJECT_TEAM, unit.key, index[unit.region]);
  for (const DemoPerson* rep : world_->Reps()) {
    add(performance::v1::TARGET_SUBJECT_PERSON, rep->key, index[rep->unit]);
    for (int month = 0; month < 12; ++month) {
      const int64_t amount = MonthTarget(*rep, month) / 100 * ShareOfMonth(year, month);
      for (int at = index[rep->key]; at >= 0; at = plan.nodes(at).parent())
        plan.mutable_nodes(at)->set_months_minor(month,
                                                 plan.nodes(at).months_minor(month) + amount);
    }
  }
  return plan;
}

Status DemoHistory::WriteTargets() {
  Resolver resolver(session_, kDemoSource);
  std::map<std::string, std::string> ids;
  for (const auto& unit : world_->units) {
    ASSIGN_OR_RETURN(ids[unit.key], resolver.IdOf(Kind::kUnits, unit.key));
  }
  for (const DemoPerson* rep : world_->Reps()) {
    ASSIGN_OR_RETURN(ids[rep->key], resolver.IdOf(Kind::kPeople, rep->key));
  }
  const int first = YmdOf(until_ - kDemoDays).year;
  // The year after, too, where it is near: the demo may run over its end.
  const int last = YmdOf(until_ + 31).year;
  for (int year = first; year <= last; ++year) {
    performance::v1::SaveTargetPlanRequest request;
    request.set_request_id(RandomUuid());
    *request.mutable_plan() = Plan(year, ids);
    performance::v1::TargetPlan saved;
    RETURN_IF_ERROR(
        session_->Call("spm.performance.v1.TargetService/SaveTargetPlan", request, &saved));
  }
  return OkStatus();
}

Status DemoHistory::WriteBenchmarks() {
  performance::v1::Benchmark row;
  row.set_metric("win_rate");
  row.set_period(std::to_string(YmdOf(until_).year));
  row.set_value("0.42");
  row.set_source(kDemoSource);
  SetDate(until_ - 1, row.mutable_published_on());
  return Send(Kind::kBenchmarks, std::vector{row});
}

}  // namespace spm::suite
