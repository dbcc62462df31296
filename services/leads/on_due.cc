#include "services/leads/on_due.h"

#include <charconv>

#include "google/type/date.pb.h"
#include "services/leads/assign_rpc.h"
#include "services/leads/lead_store.h"
#include "services/leads/opportunity_store.h"
#include "services/leads/rules/deal.h"
#include "spm/leads/v1/events.pb.h"

namespace spm::leads {
namespace {

// The limit travels with the timer: the policy may have changed since.
int32_t LimitDays(const TimerFired& timer) {
  int32_t days = 0;
  std::from_chars(timer.payload.data(), timer.payload.data() + timer.payload.size(), days);
  return days;
}

}  // namespace

Status OnStallDue(Tx& tx, const TimerFired& timer, const Call&) {
  ASSIGN_OR_RETURN(auto deal, Opportunities().Find(tx, timer.key, Scope::Service()));
  if (!deal || deal->stage_kind() != v1::STAGE_KIND_OPEN || deal->has_stall_time())
    return OkStatus();
  const int64_t entered_us = ToUs(deal->stage_time());
  if (entered_us >= timer.due_us) return OkStatus();
  v1::OpportunityStalled stalled;
  *stalled.mutable_state() = LastState(*deal);
  stalled.set_entered_us(entered_us);
  stalled.set_limit_days(LimitDays(timer));
  SetTime(timer.due_us, deal->mutable_stall_time());
  tx.set_occurred_us(timer.due_us);
  Opportunities().Save(tx, &*deal, stalled);
  return OkStatus();
}

Status OnCloseDue(Tx& tx, const TimerFired& timer, const Call&) {
  ASSIGN_OR_RETURN(auto deal, Opportunities().Find(tx, timer.key, Scope::Service()));
  if (!deal || deal->stage_kind() != v1::STAGE_KIND_OPEN || !deal->has_expected_close())
    return OkStatus();
  const google::type::Date& expected = deal->expected_close();
  v1::OpportunityCloseOverdue overdue;
  *overdue.mutable_state() = LastState(*deal);
  overdue.set_expected_day(DayOf({expected.year(), expected.month(), expected.day()}));
  tx.set_occurred_us(timer.due_us);
  Opportunities().Save(tx, &*deal, overdue);
  return OkStatus();
}

Status OnContactDue(Tx& tx, const TimerFired& timer, const Call& call) {
  ASSIGN_OR_RETURN(auto lead, Leads().Find(tx, timer.key, Scope::Service()));
  if (!lead || lead->status() != v1::LEAD_STATUS_NEW || lead->owner_id().empty()) return OkStatus();
  v1::LeadFirstContactOverdue overdue;
  *overdue.mutable_lead() = StateOf(*lead, call);
  tx.set_occurred_us(timer.due_us);
  Leads().Save(tx, &*lead, overdue);
  return OkStatus();
}

}  // namespace spm::leads
