#include "services/suite/demo/live.h"

#include <algorithm>

#include "common/base/ids.h"
#include "services/suite/demo/history.h"
#include "services/suite/import/resolver.h"
#include "spm/leads/v1/interaction.pb.h"

namespace spm::suite {
namespace {

constexpr size_t kFewDeals = 150;
constexpr size_t kManyDeals = 450;
constexpr size_t kManyLeads = 300;
constexpr int kPage = 1000;
constexpr int kQuickWins = 60;

// What another user's move may cause; the record is left alone afterwards.
bool IsExpected(const Status& status) {
  switch (status.code()) {
    case StatusCode::kFailedPrecondition:
    case StatusCode::kAborted:
    case StatusCode::kNotFound:
    case StatusCode::kAlreadyExists:
      return true;
    default:
      return false;
  }
}

template <typename T>
void Drop(std::vector<T>* all, size_t at) {
  std::swap((*all)[at], all->back());
  all->pop_back();
}

}  // namespace

Status DemoLive::Call(const DemoPerson& as, const std::string& method,
                      const google::protobuf::Message& request, google::protobuf::Message* reply) {
  CallOptions options;
  options.as = DemoRef(as.key);
  return session_->channel()->Call("spm.leads.v1." + method, request, reply, options);
}

Status DemoLive::Load() {
  ASSIGN_OR_RETURN(currency_, FindCurrency(session_->company().currency()));
  ASSIGN_OR_RETURN(pipeline_, DefaultPipelineOf(session_));
  RETURN_IF_ERROR(LoadIds());
  RETURN_IF_ERROR(LoadDeals());
  return LoadLeads();
}

Status DemoLive::LoadIds() {
  Resolver resolver(session_, kDemoSource);
  const auto load = [&](Kind kind, const std::string& key) -> Status {
    ASSIGN_OR_RETURN(ids_[key], resolver.IdOf(kind, key));
    return OkStatus();
  };
  for (const auto& unit : world_->units) RETURN_IF_ERROR(load(Kind::kUnits, unit.key));
  for (const auto& customer : world_->customers)
    RETURN_IF_ERROR(load(Kind::kCustomers, customer.key));
  for (const auto& product : world_->products) {
    RETURN_IF_ERROR(load(Kind::kProducts, product.key));
    price_minor_[ids_[product.key]] = product.price * MinorPerMajor(currency_);
  }
  for (const auto& person : world_->people) {
    RETURN_IF_ERROR(load(Kind::kPeople, person.key));
    if (!ids_[person.key].empty()) people_[ids_[person.key]] = &person;
  }
  reps_ = world_->Reps();
  return OkStatus();
}

void DemoLive::Remember(const leads::v1::Opportunity& opportunity) {
  const auto owner = people_.find(opportunity.owner_id());
  if (owner == people_.end() || opportunity.stage_kind() != leads::v1::STAGE_KIND_OPEN) return;
  if (opportunity.pipeline() != pipeline_.id()) return;
  Deal deal;
  deal.id = opportunity.id();
  deal.owner = owner->second;
  deal.product_id = opportunity.product_id();
  deal.stage = opportunity.stage();
  deal.list_minor = price_minor_[deal.product_id] * std::max(1, opportunity.quantity());
  for (const auto& done : opportunity.done())
    if (done.stage() == deal.stage) deal.done.insert(done.item());
  deals_.push_back(std::move(deal));
}

Status DemoLive::LoadDeals() {
  deals_.clear();
  leads::v1::ListOpportunitiesRequest request;
  request.set_stage_kind(leads::v1::STAGE_KIND_OPEN);
  request.set_pipeline(pipeline_.id());
  request.set_page_size(kPage);
  while (deals_.size() < kManyDeals) {
    leads::v1::ListOpportunitiesResponse reply;
    RETURN_IF_ERROR(
        session_->Call("spm.leads.v1.OpportunityService/ListOpportunities", request, &reply));
    for (const auto& deal : reply.opportunities()) Remember(deal);
    if (reply.next_page_token().empty()) break;
    request.set_page_token(reply.next_page_token());
  }
  return OkStatus();
}

Status DemoLive::LoadLeads() {
  leads_.clear();
  for (const auto status : {leads::v1::LEAD_STATUS_NEW, leads::v1::LEAD_STATUS_CONTACTED}) {
    leads::v1::ListLeadsRequest request;
    request.set_status(status);
    request.set_page_size(static_cast<int>(kManyLeads));
    leads::v1::ListLeadsResponse reply;
    RETURN_IF_ERROR(session_->Call("spm.leads.v1.LeadService/ListLeads", request, &reply));
    for (const auto& lead : reply.leads()) {
      const auto owner = people_.find(lead.owner_id());
      if (owner != people_.end())
        leads_.push_back({lead.id(), owner->second, status == leads::v1::LEAD_STATUS_CONTACTED});
    }
  }
  return OkStatus();
}

Status DemoLive::Move() {
  const int roll = dice_.Below(100);
  if (deals_.size() < kFewDeals && roll < 40) return OpenDeal();
  if (roll < 25 && leads_.size() < kManyLeads) return NewLead();
  if (roll < 45 && !leads_.empty()) return ContactLead();
  if (roll < 53 && !leads_.empty()) return ConvertLead();
  if (roll < 60 && deals_.size() < kManyDeals) return OpenDeal();
  return deals_.empty() ? OpenDeal() : MoveDeal();
}

Status DemoLive::NewLead() {
  const DemoPerson& rep = *dice_.Pick(reps_);
  const DemoProduct& product = dice_.Pick(world_->products);
  leads::v1::CreateLeadRequest request;
  request.set_request_id(RandomUuid());
  auto* lead = request.mutable_lead();
  lead->set_name(world_->NewCompanyName(&dice_));
  lead->set_contact_name(world_->NewPersonName(&dice_));
  lead->set_source(dice_.Pick(world_->sources));
  lead->set_sector(dice_.Pick(world_->sectors));
  lead->set_region_id(ids_[rep.region]);
  lead->set_product_id(ids_[product.key]);
  lead->set_intent(dice_.Between(10, 100));
  lead->set_decision_days(dice_.Between(10, 200));
  *lead->mutable_budget() =
      ToMoney(price_minor_[ids_[product.key]] * dice_.Between(1, 6), currency_);
  lead->set_owner_id(ids_[rep.key]);
  leads::v1::Lead reply;
  const Status done = Call(rep, "LeadService/CreateLead", request, &reply);
  if (!done.ok()) return IsExpected(done) ? OkStatus() : done;
  leads_.push_back({reply.id(), &rep, false});
  return OkStatus();
}

Status DemoLive::ContactLead() {
  const auto at = static_cast<size_t>(dice_.Below(static_cast<int>(leads_.size())));
  Lead& lead = leads_[at];
  leads::v1::LogInteractionRequest request;
  request.set_request_id(RandomUuid());
  request.mutable_interaction()->set_subject_id(lead.id);
  request.mutable_interaction()->set_kind(dice_.Chance(60) ? leads::v1::INTERACTION_KIND_CALL
                                                           : leads::v1::INTERACTION_KIND_VISIT);
  request.mutable_interaction()->set_note(dice_.Pick(world_->notes));
  leads::v1::Interaction reply;
  const Status done = Call(*lead.owner, "InteractionService/LogInteraction", request, &reply);
  if (done.ok()) lead.contacted = true;
  if (IsExpected(done)) Drop(&leads_, at);
  return IsExpected(done) ? OkStatus() : done;
}

Status DemoLive::ConvertLead() {
  const auto contacted =
      std::find_if(leads_.begin(), leads_.end(), [](const Lead& lead) { return lead.contacted; });
  if (contacted == leads_.end()) return ContactLead();
  const Lead lead = *contacted;
  Drop(&leads_, static_cast<size_t>(contacted - leads_.begin()));
  if (dice_.Chance(30)) {
    leads::v1::DisqualifyLeadRequest request;
    request.set_request_id(RandomUuid());
    request.set_lead_id(lead.id);
    request.set_reason(dice_.Pick(world_->loss_reasons));
    leads::v1::Lead reply;
    const Status done = Call(*lead.owner, "LeadService/DisqualifyLead", request, &reply);
    return IsExpected(done) ? OkStatus() : done;
  }
  leads::v1::ConvertLeadRequest request;
  request.set_request_id(RandomUuid());
  request.set_lead_id(lead.id);
  request.set_quantity(dice_.Between(1, 4));
  leads::v1::ConvertLeadResponse reply;
  const Status done = Call(*lead.owner, "LeadService/ConvertLead", request, &reply);
  if (done.ok()) Remember(reply.opportunity());
  return IsExpected(done) ? OkStatus() : done;
}

Status DemoLive::OpenDeal() {
  const DemoCustomer& customer = dice_.Pick(world_->customers);
  const DemoProduct& product = dice_.Pick(world_->products);
  const auto owner = people_.find(ids_[customer.owner]);
  if (owner == people_.end()) return OkStatus();
  leads::v1::CreateOpportunityRequest request;
  request.set_request_id(RandomUuid());
  auto* deal = request.mutable_opportunity();
  deal->set_name(customer.name + " - " + product.name);
  deal->set_customer_id(ids_[customer.key]);
  deal->set_owner_id(owner->first);
  deal->set_product_id(ids_[product.key]);
  deal->set_quantity(dice_.Between(1, 4));
  deal->set_source(customer.source);
  leads::v1::Opportunity reply;
  const Status done = Call(*owner->second, "OpportunityService/CreateOpportunity", request, &reply);
  if (done.ok()) Remember(reply);
  return IsExpected(done) ? OkStatus() : done;
}

const leads::v1::PipelineStage* DemoLive::StageOf(const std::string& id) const {
  for (const auto& stage : pipeline_.stages())
    if (stage.id() == id) return &stage;
  return nullptr;
}

bool DemoLive::MayWin() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_win_) return false;
  const int seconds = wins_++ < kQuickWins ? dice_.Between(15, 50) : dice_.Between(200, 400);
  next_win_ = now + std::chrono::seconds(seconds);
  return true;
}

Status DemoLive::MoveDeal() {
  const auto at = static_cast<size_t>(dice_.Below(static_cast<int>(deals_.size())));
  Deal& deal = deals_[at];
  const auto* stage = StageOf(deal.stage);
  const auto stages = OpenStages(pipeline_);
  const auto here = std::find(stages.begin(), stages.end(), deal.stage);
  if (stage == nullptr || here == stages.end()) {
    Drop(&deals_, at);
    return OkStatus();
  }
  const int steps = static_cast<int>(stages.size());
  if (dice_.Chance((100 - deal.owner->skill) / (2 * steps)))
    return Advance(at, StageOfKind(pipeline_, leads::v1::STAGE_KIND_LOST), false, true);
  for (const auto& item : stage->checklist())
    if (item.mandatory() && !deal.done.contains(item.id())) return CompleteItem(&deal, item.id());
  if (here + 1 != stages.end()) return Advance(at, *(here + 1), false, false);
  if (MayWin()) return Advance(at, StageOfKind(pipeline_, leads::v1::STAGE_KIND_WON), true, false);
  return leads_.size() < kManyLeads ? NewLead() : ContactLead();
}

Status DemoLive::CompleteItem(Deal* deal, const std::string& item) {
  leads::v1::CompleteChecklistItemRequest request;
  request.set_request_id(RandomUuid());
  request.set_opportunity_id(deal->id);
  request.set_item(item);
  leads::v1::Opportunity reply;
  const Status done =
      Call(*deal->owner, "OpportunityService/CompleteChecklistItem", request, &reply);
  // Done by somebody else, or not there any more: the next move finds out.
  if (done.ok() || IsExpected(done)) deal->done.insert(item);
  return IsExpected(done) ? OkStatus() : done;
}

Status DemoLive::Advance(size_t at, const std::string& to, bool won, bool lost) {
  Deal& deal = deals_[at];
  leads::v1::AdvanceStageRequest request;
  request.set_request_id(RandomUuid());
  request.set_opportunity_id(deal.id);
  request.set_to_stage(to);
  if (lost) request.set_lost_reason(dice_.Pick(world_->loss_reasons));
  if (won)
    *request.mutable_amount() = ToMoney(deal.list_minor / 100 * (100 - dice_.Below(16)), currency_);
  leads::v1::Opportunity reply;
  const Status done = Call(*deal.owner, "OpportunityService/AdvanceStage", request, &reply);
  if (done.ok() && !won && !lost) {
    deal.stage = to;
    deal.done.clear();
  } else if (done.ok() || IsExpected(done)) {
    Drop(&deals_, at);
  }
  return IsExpected(done) ? OkStatus() : done;
}

}  // namespace spm::suite
