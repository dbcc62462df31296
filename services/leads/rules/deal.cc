#include "services/leads/rules/deal.h"

#include <algorithm>

#include "common/base/time.h"

namespace spm::leads {
namespace {

void SetTimestamp(int64_t us, google::protobuf::Timestamp* time) {
  int64_t seconds = us / kSecondUs, rest = us % kSecondUs;
  if (rest < 0) {
    seconds -= 1;
    rest += kSecondUs;
  }
  time->set_seconds(seconds);
  time->set_nanos(static_cast<int32_t>(rest * 1000));
}

// Money of a stored deal was checked when it came in.
int64_t Minor(const google::type::Money& money, const Currency& currency) {
  return ToMinor(money, currency, "amount").value_or(0);
}

// What the record says; days and owner of the stage are the step's to set.
v1::DealState StateOf(const v1::Opportunity& deal, const Currency& currency) {
  v1::DealState state;
  state.set_pipeline(deal.pipeline());
  state.set_stage(deal.stage());
  state.set_kind(deal.stage_kind());
  state.set_owner_id(deal.owner_id());
  state.set_customer_id(deal.customer_id());
  state.set_product_id(deal.product_id());
  state.set_source(deal.source());
  state.set_quantity(std::max(deal.quantity(), 1));
  state.set_list_price_minor(Minor(deal.list_price(), currency));
  if (deal.has_amount()) state.set_amount_minor(Minor(deal.amount(), currency));
  if (deal.external_ids_size() > 0) state.set_external_id(deal.external_ids(0).id());
  state.set_deleted(deal.deleted());
  return state;
}

void Leave(v1::Opportunity* deal, int64_t at_us) {
  if (deal->history_size() == 0) return;
  v1::StageEntry* last = deal->mutable_history(deal->history_size() - 1);
  if (!last->has_leave_time()) SetTimestamp(at_us, last->mutable_leave_time());
}

}  // namespace

bool SetValue(v1::Opportunity* deal, const Currency& currency) {
  if (deal->has_amount()) {
    *deal->mutable_value() = deal->amount();
    deal->set_value_source(v1::VALUE_SOURCE_AMOUNT);
    return true;
  }
  deal->clear_value();
  deal->set_value_source(v1::VALUE_SOURCE_UNSPECIFIED);
  if (!deal->has_list_price()) return true;
  int64_t value = 0;
  if (!Multiply(Minor(deal->list_price(), currency), std::max(deal->quantity(), 1), &value))
    return false;
  *deal->mutable_value() = ToMoney(value, currency);
  deal->set_value_source(v1::VALUE_SOURCE_LIST_PRICE);
  return true;
}

v1::DealStep MoveDeal(v1::Opportunity* deal, const Move& move, const Currency& currency) {
  Leave(deal, move.at.at_us);
  for (size_t i = 0; i < move.entered.size(); ++i) {
    v1::StageEntry* entry = deal->add_history();
    entry->set_stage(move.entered[i]);
    entry->set_actor(move.actor);
    SetTimestamp(move.at.at_us, entry->mutable_enter_time());
    if (i + 1 < move.entered.size()) {
      entry->set_passed_over(true);
      SetTimestamp(move.at.at_us, entry->mutable_leave_time());
    } else {
      entry->set_override_reason(move.override_reason);
    }
  }
  deal->set_stage(move.entered.back());
  deal->set_stage_kind(move.kind);
  SetTimestamp(move.at.at_us, deal->mutable_stage_time());
  deal->clear_stall_time();
  if (move.kind == v1::STAGE_KIND_OPEN) {
    deal->clear_close_time();
  } else {
    SetTimestamp(move.at.at_us, deal->mutable_close_time());
  }
  const bool first = deal->steps_size() == 0;
  if (first) SetTimestamp(move.at.at_us, deal->mutable_open_time());
  const int32_t opened_day = first ? move.at.day : LastState(*deal).opened_day();
  v1::DealStep* step = deal->add_steps();
  step->set_at_us(move.at.at_us);
  step->set_day(move.at.day);
  *step->mutable_state() = StateOf(*deal, currency);
  step->mutable_state()->set_opened_day(opened_day);
  step->mutable_state()->set_stage_day(move.at.day);
  step->mutable_state()->set_stage_owner_id(deal->owner_id());
  for (const std::string& stage : move.entered) step->add_entered(stage);
  return *step;
}

v1::DealStep ChangeDeal(v1::Opportunity* deal, const Moment& at, const Currency& currency) {
  const v1::DealState before = LastState(*deal);
  v1::DealStep step;
  step.set_at_us(at.at_us);
  step.set_day(at.day);
  v1::DealState* state = step.mutable_state();
  *state = StateOf(*deal, currency);
  state->set_opened_day(before.opened_day());
  state->set_stage_day(before.stage_day());
  state->set_stage_owner_id(before.stage_owner_id());
  if (state->SerializeAsString() != before.SerializeAsString()) *deal->add_steps() = step;
  return step;
}

v1::DealState LastState(const v1::Opportunity& deal) {
  return deal.steps_size() == 0 ? v1::DealState() : deal.steps(deal.steps_size() - 1).state();
}

}  // namespace spm::leads
