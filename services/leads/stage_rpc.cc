#include "services/leads/stage_rpc.h"

#include <algorithm>

#include "services/leads/deal_rpc.h"
#include "services/leads/opportunity_store.h"
#include "services/leads/refs_rpc.h"
#include "services/leads/rules/stage.h"

namespace spm::leads {
namespace {

// When the deal moved: not before it came into the stage that it leaves.
StatusOr<int64_t> MovedUs(const v1::AdvanceStageRequest& request, const Call& call,
                          const v1::Opportunity& deal) {
  ASSIGN_OR_RETURN(const int64_t at_us,
                   call.OccurredUs(request.has_occur_time(), request.occur_time(), "occur_time"));
  const int64_t entered_us = ToUs(deal.stage_time());
  if (request.has_occur_time() && at_us < entered_us)
    return InvalidField("occur_time", "lies before the deal entered stage " + deal.stage() + " (" +
                                          FormatTime(entered_us) + "); give a later time");
  return std::max(at_us, entered_us);
}

// What belongs to winning or losing is refused elsewhere, so that it is not lost silently.
Status CheckEnd(const v1::AdvanceStageRequest& request, v1::StageKind kind) {
  if (request.has_amount() && kind != v1::STAGE_KIND_WON)
    return InvalidField("amount", "is what was agreed, for a won stage; update the deal instead");
  if (!request.lost_reason().empty() && kind != v1::STAGE_KIND_LOST)
    return InvalidField("lost_reason", "is for a lost stage; leave it out");
  return OkStatus();
}

void SaveMove(Tx& tx, const v1::AdvanceStageRequest& request, const v1::DealState& before,
              const v1::DealStep& step, v1::Opportunity* deal) {
  if (deal->stage_kind() == v1::STAGE_KIND_WON) {
    v1::OpportunityWon won;
    *won.mutable_before() = before;
    *won.mutable_step() = step;
    won.set_override_reason(request.override_reason());
    Opportunities().Save(tx, deal, won);
  } else if (deal->stage_kind() == v1::STAGE_KIND_LOST) {
    v1::OpportunityLost lost;
    *lost.mutable_before() = before;
    *lost.mutable_step() = step;
    lost.set_lost_reason(request.lost_reason());
    Opportunities().Save(tx, deal, lost);
  } else {
    v1::OpportunityStageAdvanced advanced;
    *advanced.mutable_before() = before;
    *advanced.mutable_step() = step;
    advanced.set_override_reason(request.override_reason());
    Opportunities().Save(tx, deal, advanced);
  }
}

}  // namespace

StatusOr<v1::Opportunity> AdvanceStage(Tx& tx, const v1::AdvanceStageRequest& request,
                                       const Call& call) {
  ASSIGN_OR_RETURN(v1::Opportunity deal,
                   Opportunities().Get(tx, request.opportunity_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, deal));
  ASSIGN_OR_RETURN(const v1::PipelinePolicy* pipeline,
                   PipelineOf(call, deal.pipeline(), "pipeline"));
  RETURN_IF_ERROR(CheckTransition(*pipeline, deal, request.to_stage()));
  RETURN_IF_ERROR(CheckChecklist(*pipeline, deal, request.to_stage(), request.override_reason()));
  const v1::StageKind kind = FindStage(*pipeline, request.to_stage())->kind();
  RETURN_IF_ERROR(CheckEnd(request, kind));
  ASSIGN_OR_RETURN(const int64_t at_us, MovedUs(request, call, deal));
  if (request.has_amount()) {
    *deal.mutable_amount() = request.amount();
    RETURN_IF_ERROR(CheckMoney(call, "amount", deal.mutable_amount()));
  }
  RETURN_IF_ERROR(Revalue(call, "", &deal));
  deal.set_lost_reason(request.lost_reason());
  const v1::DealState before = LastState(deal);
  const int stays = deal.history_size();
  const v1::DealStep step = MoveDeal(&deal,
                                     {.entered = {request.to_stage()},
                                      .kind = kind,
                                      .at = MomentOf(call, at_us),
                                      .actor = call.caller.id,
                                      .override_reason = request.override_reason()},
                                     call.company->currency);
  tx.set_occurred_us(at_us);
  SaveMove(tx, request, before, step, &deal);
  FollowStage(tx, call, *pipeline, deal, stays, false);
  return deal;
}

StatusOr<v1::Opportunity> CompleteChecklistItem(Tx& tx,
                                                const v1::CompleteChecklistItemRequest& request,
                                                const Call& call) {
  ASSIGN_OR_RETURN(v1::Opportunity deal,
                   Opportunities().Get(tx, request.opportunity_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, deal));
  if (deal.stage_kind() != v1::STAGE_KIND_OPEN)
    return Precondition("DEAL_CLOSED", "the deal is closed (" + deal.stage() + ")");
  ASSIGN_OR_RETURN(const v1::PipelinePolicy* pipeline,
                   PipelineOf(call, deal.pipeline(), "pipeline"));
  const v1::PipelineStage* stage = FindStage(*pipeline, deal.stage());
  std::string items;
  bool known = false;
  for (int i = 0; stage != nullptr && i < stage->checklist_size(); ++i) {
    items += (items.empty() ? "" : ", ") + stage->checklist(i).id();
    known = known || stage->checklist(i).id() == request.item();
  }
  if (!known)
    return InvalidField("item", "stage " + deal.stage() + " has no item " + request.item() +
                                    "; it has " + (items.empty() ? "none" : items));
  for (const auto& done : deal.done())
    if (done.stage() == deal.stage() && done.item() == request.item()) return deal;
  v1::ChecklistDone* done = deal.add_done();
  done->set_stage(deal.stage());
  done->set_item(request.item());
  done->set_actor(call.caller.id);
  SetTime(call.now_us, done->mutable_done_time());
  v1::OpportunityItemCompleted completed;
  completed.set_stage(deal.stage());
  completed.set_item(request.item());
  Opportunities().Save(tx, &deal, completed);
  return deal;
}

}  // namespace spm::leads
