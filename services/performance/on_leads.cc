#include "services/performance/on_leads.h"

#include <map>
#include <set>

#include "services/performance/copy_store.h"
#include "services/performance/fact_table.h"
#include "services/performance/rules/facts.h"
#include "services/performance/rules/first_win.h"
#include "spm/base/v1/policy.pb.h"
#include "spm/leads/v1/events.pb.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::performance {
namespace {

using base::v1::Event;
namespace lv = leads::v1;

DealState ToState(const lv::DealState& in) {
  DealState out;
  out.pipeline = in.pipeline();
  out.stage = in.stage();
  out.kind = in.kind() == lv::STAGE_KIND_WON    ? StageKind::kWon
             : in.kind() == lv::STAGE_KIND_LOST ? StageKind::kLost
                                                : StageKind::kOpen;
  out.owner_id = in.owner_id();
  out.customer_id = in.customer_id();
  out.product_id = in.product_id();
  out.source = in.source();
  out.quantity = in.quantity();
  out.list_price_minor = in.list_price_minor();
  if (in.has_amount_minor()) out.amount_minor = in.amount_minor();
  out.opened_day = in.opened_day();
  out.external_id = in.external_id();
  out.deleted = in.deleted();
  out.stage_day = in.stage_day();
  out.stage_owner_id = in.stage_owner_id();
  return out;
}

DealStep ToStep(const lv::DealStep& in) {
  return {in.day(), ToState(in.state()), {in.entered().begin(), in.entered().end()}};
}

std::vector<DealStep> ToSteps(const google::protobuf::RepeatedPtrField<lv::DealStep>& in) {
  std::vector<DealStep> out;
  for (const lv::DealStep& step : in) out.push_back(ToStep(step));
  return out;
}

// What a span of events comes to.
struct Booked {
  std::vector<Fact> facts;
  std::map<std::string, CustomerCopy> customers;
  std::vector<base::v1::Policy> pipelines;
};

using Handler = Status (*)(const Event&, Booked*);

template <typename E>
StatusOr<E> Parse(const Event& event) {
  E payload;
  if (!payload.ParseFromString(event.payload()))
    return InvalidField("payload", "cannot be decoded as " + event.type());
  return payload;
}

Origin OriginOf(const Event& event) {
  return {event.aggregate_id() + "." + std::to_string(event.version()), event.aggregate_id(),
          event.recorded_us()};
}

void Append(std::vector<Fact> facts, Booked* booked) {
  for (Fact& fact : facts) booked->facts.push_back(std::move(fact));
}

template <typename E>
Status OnStep(const Event& event, Booked* booked) {
  ASSIGN_OR_RETURN(E payload, Parse<E>(event));
  std::optional<DealState> before;
  if constexpr (requires { payload.before(); }) before = ToState(payload.before());
  Append(FactsOfStep(before, ToStep(payload.step()), OriginOf(event)), booked);
  return OkStatus();
}

Status OnImported(const Event& event, Booked* booked) {
  ASSIGN_OR_RETURN(auto payload, Parse<lv::OpportunityImported>(event));
  Append(FactsOfHistory(ToSteps(payload.steps()), OriginOf(event)), booked);
  return OkStatus();
}

Status OnCorrected(const Event& event, Booked* booked) {
  ASSIGN_OR_RETURN(auto payload, Parse<lv::OpportunityHistoryCorrected>(event));
  Append(FactsOfCorrection(ToSteps(payload.before()), ToSteps(payload.after()), OriginOf(event)),
         booked);
  return OkStatus();
}

Status OnLeadCreated(const Event& event, Booked* booked) {
  ASSIGN_OR_RETURN(auto payload, Parse<lv::LeadCreated>(event));
  const lv::LeadState& lead = payload.lead();
  Origin origin = OriginOf(event);
  // The fact is of a lead, not of a deal.
  origin.deal_id.clear();
  Append(FactsOfLead({lead.owner_id(), lead.source(), lead.product_id(), lead.customer_id(),
                      lead.created_day()},
                     origin),
         booked);
  return OkStatus();
}

template <typename E>
Status OnCustomer(const Event& event, Booked* booked) {
  ASSIGN_OR_RETURN(E payload, Parse<E>(event));
  const lv::CustomerInfo& customer = payload.customer();
  const bool deleted = std::is_same_v<E, lv::CustomerDeleted> || customer.deleted();
  booked->customers[event.aggregate_id()] = {customer.name(), customer.sector(), customer.country(),
                                             deleted};
  return OkStatus();
}

Status OnPolicy(const Event& event, Booked* booked) {
  ASSIGN_OR_RETURN(auto payload, Parse<base::v1::PolicyPublished>(event));
  if (payload.policy().body().Is<lv::PipelinePolicy>())
    booked->pipelines.push_back(payload.policy());
  return OkStatus();
}

template <typename E>
std::pair<std::string, Handler> On(Handler handler) {
  return {E::descriptor()->full_name(), handler};
}

const std::map<std::string, Handler>& Handlers() {
  static const std::map<std::string, Handler> handlers = {
      On<lv::OpportunityCreated>(OnStep<lv::OpportunityCreated>),
      On<lv::OpportunityUpdated>(OnStep<lv::OpportunityUpdated>),
      On<lv::OpportunityStageAdvanced>(OnStep<lv::OpportunityStageAdvanced>),
      On<lv::OpportunityWon>(OnStep<lv::OpportunityWon>),
      On<lv::OpportunityLost>(OnStep<lv::OpportunityLost>),
      On<lv::OpportunityAssigned>(OnStep<lv::OpportunityAssigned>),
      On<lv::OpportunityDeleted>(OnStep<lv::OpportunityDeleted>),
      On<lv::OpportunityImported>(OnImported),
      On<lv::OpportunityHistoryCorrected>(OnCorrected),
      On<lv::LeadCreated>(OnLeadCreated),
      On<lv::CustomerCreated>(OnCustomer<lv::CustomerCreated>),
      On<lv::CustomerUpdated>(OnCustomer<lv::CustomerUpdated>),
      On<lv::CustomerTagged>(OnCustomer<lv::CustomerTagged>),
      On<lv::CustomerAssigned>(OnCustomer<lv::CustomerAssigned>),
      On<lv::CustomerDeleted>(OnCustomer<lv::CustomerDeleted>),
      On<base::v1::PolicyPublished>(OnPolicy),
  };
  return handlers;
}

// The credit of a customer follows from all its wins, so that the order in which they arrive does
// not matter. As long as none is taken back, the present credit stands for all wins before.
Status MoveCredits(Tx& tx, const std::vector<Fact>& facts, std::vector<Fact>* credits) {
  std::set<std::string> touched, taken_back;
  std::vector<Fact> wins;
  for (const Fact& fact : facts) {
    if (fact.measure != Measure::kWon || fact.customer_id.empty()) continue;
    touched.insert(fact.customer_id);
    if (fact.count < 0) taken_back.insert(fact.customer_id);
    wins.push_back(fact);
  }
  if (touched.empty()) return OkStatus();
  ASSIGN_OR_RETURN(std::vector<Fact> before, ReadCredits(tx, {touched.begin(), touched.end()}));
  for (Fact credit : before) {
    if (taken_back.contains(credit.customer_id)) continue;
    credit.measure = Measure::kWon;
    wins.push_back(std::move(credit));
  }
  if (!taken_back.empty()) {
    ASSIGN_OR_RETURN(std::vector<Fact> all, ReadWins(tx, {taken_back.begin(), taken_back.end()}));
    wins.insert(wins.end(), all.begin(), all.end());
  }
  std::map<std::string, Fact> now = FirstWins(wins);
  for (const Fact& credit : before) {
    auto at = now.find(credit.customer_id);
    if (at != now.end() && at->second == credit) {
      now.erase(at);
    } else {
      DropCredit(tx, credit.customer_id);
    }
  }
  for (auto& [customer, credit] : now) credits->push_back(std::move(credit));
  return OkStatus();
}

StatusOr<bool> KeepPipelines(Tx& tx, const std::vector<base::v1::Policy>& policies) {
  bool changed = false;
  for (const base::v1::Policy& policy : policies) {
    lv::PipelinePolicy pipeline;
    if (!policy.body().UnpackTo(&pipeline))
      return InvalidField("payload", "a pipeline cannot be decoded");
    std::vector<StageCopy> stages;
    for (const lv::PipelineStage& stage : pipeline.stages())
      stages.push_back({stage.id(), stage.name(), stage.kind() != lv::STAGE_KIND_OPEN});
    ASSIGN_OR_RETURN(bool saved, SavePipeline(tx, policy.kind(), policy.version(), stages));
    changed |= saved;
  }
  return changed;
}

}  // namespace

Status OnLeads(Runtime& runtime, Tx& tx, const std::vector<Event>& events, const Call&) {
  Booked booked;
  for (const Event& event : events) {
    auto handler = Handlers().find(event.type());
    if (handler != Handlers().end()) RETURN_IF_ERROR(handler->second(event, &booked));
  }
  std::vector<Fact> credits;
  RETURN_IF_ERROR(MoveCredits(tx, booked.facts, &credits));
  ASSIGN_OR_RETURN(const bool pipelines, KeepPipelines(tx, booked.pipelines));
  std::set<std::string> sources;
  for (const Fact& fact : booked.facts)
    if (!fact.source.empty()) sources.insert(fact.source);
  for (const std::string& source : sources) SaveSource(tx, source);
  for (const auto& [id, customer] : booked.customers) SaveCustomer(tx, id, customer);
  const bool any = !booked.facts.empty();
  InsertFacts(tx, std::move(booked.facts));
  InsertFacts(tx, std::move(credits));
  if (any) tx.OnCommit([&runtime] { runtime.live.Wake(); });
  if (pipelines) tx.OnCommit([&runtime] { runtime.live.Reset(); });
  return OkStatus();
}

}  // namespace spm::performance
