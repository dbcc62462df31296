#include "services/leads/deal_rpc.h"

#include <algorithm>
#include <set>

#include "common/timers/timers.h"
#include "google/type/date.pb.h"
#include "services/leads/opportunity_store.h"
#include "services/leads/refs_rpc.h"
#include "services/leads/rules/deadline.h"
#include "services/leads/rules/stage.h"

namespace spm::leads {
namespace {

constexpr char kStallTimer[] = "stall";
constexpr char kCloseTimer[] = "close";
constexpr char kPrefix[] = "pipeline:";

std::set<std::string> ClosedStages(const v1::PipelinePolicy& pipeline) {
  std::set<std::string> closed;
  for (const auto& stage : pipeline.stages())
    if (stage.kind() != v1::STAGE_KIND_OPEN) closed.insert(stage.id());
  return closed;
}

}  // namespace

StatusOr<const v1::PipelinePolicy*> PipelineOf(const Call& call, const std::string& id,
                                               const std::string& field) {
  const auto* pipeline = call.FindPolicy<v1::PipelinePolicy>(kPrefix + id);
  if (pipeline != nullptr) return pipeline;
  std::string known;
  for (const std::string& kind : call.policies->Kinds(kPrefix))
    known += (known.empty() ? "" : ", ") + kind.substr(sizeof(kPrefix) - 1);
  return InvalidField(field, "there is no pipeline " + id + "; there are " + known);
}

void SetProduct(const Call& call, const std::optional<ProductCopy>& product,
                v1::Opportunity* deal) {
  deal->clear_product_id();
  deal->clear_list_price();
  if (!product) return;
  deal->set_product_id(product->id);
  *deal->mutable_list_price() = ToMoney(product->list_price_minor, call.company->currency);
}

Status Revalue(const Call& call, const std::string& at, v1::Opportunity* deal) {
  deal->set_quantity(std::max(deal->quantity(), 1));
  if (SetValue(deal, call.company->currency)) return OkStatus();
  return InvalidField(at + "quantity",
                      "list price x quantity is too large; give an amount, or less");
}

Status OpenDeal(Tx& tx, const Call& call, int64_t at_us, v1::Opportunity* deal) {
  ASSIGN_OR_RETURN(const v1::PipelinePolicy* pipeline,
                   PipelineOf(call, deal->pipeline(), "pipeline"));
  const v1::PipelineStage* first = FirstStage(*pipeline);
  if (first == nullptr)
    return Precondition("PIPELINE_WITHOUT_STAGE",
                        "pipeline: " + pipeline->id() + " has no open stage; mend its policy");
  v1::OpportunityCreated created;
  *created.mutable_step() = MoveDeal(deal,
                                     {.entered = {first->id()},
                                      .kind = v1::STAGE_KIND_OPEN,
                                      .at = MomentOf(call, at_us),
                                      .actor = call.caller.id,
                                      .override_reason = ""},
                                     call.company->currency);
  Opportunities().Save(tx, deal, created);
  FollowStage(tx, call, *pipeline, *deal, 0, true);
  return OkStatus();
}

void FollowStage(Tx& tx, const Call& call, const v1::PipelinePolicy& pipeline,
                 const v1::Opportunity& deal, int from_n, bool fresh) {
  SaveStays(tx, deal, from_n, ClosedStages(pipeline), call.company->zone);
  std::optional<int64_t> due;
  int32_t limit_days = 0;
  const v1::PipelineStage* stage = FindStage(pipeline, deal.stage());
  if (stage != nullptr && deal.stage_kind() == v1::STAGE_KIND_OPEN && !deal.deleted()) {
    limit_days = stage->stall_days();
    due = StallDueUs(ToUs(deal.stage_time()), limit_days);
  }
  FollowClose(tx, call, deal, fresh);
  if (due && *due > call.now_us) {
    SetTimer(tx, kStallTimer, deal.id(), *due, std::to_string(limit_days));
  } else if (!fresh) {
    CancelTimer(tx, kStallTimer, deal.id());
  }
}

void FollowClose(Tx& tx, const Call& call, const v1::Opportunity& deal, bool fresh) {
  int64_t due_us = 0;
  if (deal.has_expected_close() && deal.stage_kind() == v1::STAGE_KIND_OPEN && !deal.deleted()) {
    const google::type::Date& day = deal.expected_close();
    due_us = CloseDueUs(DayOf({day.year(), day.month(), day.day()}),
                        call.Policy<v1::ClosePolicy>("close").grace_days(), call.company->zone);
  }
  if (due_us > call.now_us) {
    SetTimer(tx, kCloseTimer, deal.id(), due_us);
  } else if (!fresh) {
    CancelTimer(tx, kCloseTimer, deal.id());
  }
}

void GiveDeal(Tx& tx, const Call& call, const std::string& owner_id, v1::Opportunity* deal) {
  v1::OpportunityAssigned assigned;
  *assigned.mutable_before() = LastState(*deal);
  deal->set_owner_id(owner_id);
  *assigned.mutable_step() = ChangeDeal(deal, MomentOf(call, call.now_us), call.company->currency);
  Opportunities().Save(tx, deal, assigned);
}

}  // namespace spm::leads
