#include "services/performance/rules/registry.h"

namespace spm::performance {
namespace {

constexpr DimSet kDeals = kOrgDims | kProductDims | kCustomerDims | Bit(Dim::kSource);
constexpr DimSet kFlow = kDeals | kTimeDims;
constexpr DimSet kStages = kFlow | Bit(Dim::kStage);
constexpr DimSet kGrowth = kDeals | kMonthlyDims;
constexpr DimSet kLeads = kOrgDims | Bit(Dim::kSource) | kTimeDims;
constexpr DimSet kTargets =
    Bit(Dim::kRep) | Bit(Dim::kTeam) | Bit(Dim::kRegion) | Bit(Dim::kProduct) | kMonthlyDims;

constexpr v1::Unit kCount = v1::UNIT_COUNT, kMoney = v1::UNIT_MONEY, kShare = v1::UNIT_RATIO,
                   kDays = v1::UNIT_DAYS;

using M = Measure;

}  // namespace

bool MetricDef::Uses(Measure measure) const {
  for (const auto* side : {&top, &bottom})
    for (Measure m : *side)
      if (m == measure) return true;
  return false;
}

const std::vector<MetricDef>& Metrics() {
  // name, unit, formula, higher is better, stock, groups, reason of null, form, top, bottom
  // clang-format off
  static const std::vector<MetricDef> metrics = {
      {"won", kCount, "deals won", true, false, kFlow, "", Form::kSum, {M::kWon}, {}},
      {"lost", kCount, "deals lost", false, false, kFlow, "", Form::kSum, {M::kLost}, {}},
      {"closed", kCount, "won + lost", true, false, kFlow, "", Form::kSum, {M::kWon, M::kLost}, {}},
      {"open", kCount, "open deals at the end of the day", true, true, kStages, "",
       Form::kSum, {M::kOpen}, {}},
      {"win_rate", kShare, "won / (won + lost)", true, false, kFlow, "NO_CLOSED_DEALS",
       Form::kRatio, {M::kWon}, {M::kWon, M::kLost}},
      {"revenue", kMoney, "amount of deals won", true, false, kFlow, "",
       Form::kSum, {M::kRevenue}, {}},
      {"average_deal_size", kMoney, "revenue / won", true, false, kFlow, "NO_WON_DEALS",
       Form::kRatio, {M::kRevenue}, {M::kWon}},
      {"list_value", kMoney, "list price x quantity of deals won", true, false, kFlow, "",
       Form::kSum, {M::kListValue}, {}},
      {"discount_rate", kShare, "1 - revenue / list_value", false, false, kFlow, "NO_LIST_VALUE",
       Form::kOneMinusRatio, {M::kRevenue}, {M::kListValue}},
      {"cycle_days", kDays, "days from opening to winning, in all / won", false, false, kFlow,
       "NO_WON_DEALS", Form::kRatio, {M::kCycleDays}, {M::kWon}},
      {"cycle_days_median", kDays, "median of the days from opening to winning", false, false, kFlow,
       "NO_WON_DEALS", Form::kMedian, {M::kCycleDays}, {M::kWon}},
      {"pipeline_value", kMoney, "value of open deals at the end of the day", true, true, kStages, "",
       Form::kSum, {M::kPipelineValue}, {}},
      {"average_open_value", kMoney, "pipeline_value / open", true, true, kStages, "NO_OPEN_DEALS",
       Form::kRatio, {M::kPipelineValue}, {M::kOpen}},
      {"new_customers", kCount, "customers on the day of their first win", true, false, kFlow, "",
       Form::kSum, {M::kNewCustomers}, {}},
      {"target", kMoney, "targets of the months", true, false, kTargets, "NO_TARGET",
       Form::kSum, {M::kTarget}, {}},
      {"attainment", kShare, "revenue / target", true, false, kTargets, "NO_TARGET",
       Form::kRatio, {M::kRevenue}, {M::kTarget}},
      {"growth_mom", kShare, "(revenue - revenue before) / revenue before, of the period before",
       true, false, kGrowth, "ZERO_BASE", Form::kGrowth, {M::kRevenue}, {M::kBaseMom}},
      {"growth_yoy", kShare, "(revenue - revenue before) / revenue before, a year before",
       true, false, kGrowth, "ZERO_BASE", Form::kGrowth, {M::kRevenue}, {M::kBaseYoy}},
      {"leads_created", kCount, "leads that arrived", true, false, kLeads, "",
       Form::kSum, {M::kLeadsCreated}, {}},
      {"stage_entered", kCount, "deals that entered the stage", true, false, kStages, "",
       Form::kSum, {M::kStageEntered}, {}},
      {"stage_conversion", kShare, "of those that entered the stage: went on / entered",
       true, false, kStages, "NO_STAGE_ENTERED", Form::kRatio, {M::kStageAdvanced}, {M::kStageCohort}},
  };
  // clang-format on
  return metrics;
}

const MetricDef* FindMetric(const std::string& name) {
  for (const MetricDef& metric : Metrics())
    if (metric.name == name) return &metric;
  return nullptr;
}

v1::Metric Describe(const MetricDef& metric) {
  v1::Metric out;
  out.set_name(metric.name);
  out.set_unit(metric.unit);
  out.set_formula(metric.formula);
  out.set_higher_is_better(metric.higher_is_better);
  out.set_stock(metric.stock);
  for (std::string& name : NamesOf(metric.groups)) out.add_groups(std::move(name));
  out.set_empty_reason(metric.empty_reason);
  return out;
}

}  // namespace spm::performance
