#include "services/leads/jobs.h"

#include "common/timers/timers.h"
#include "services/leads/assign_rpc.h"
#include "services/leads/customer_rpc.h"
#include "services/leads/customer_store.h"
#include "services/leads/deal_rpc.h"
#include "services/leads/interaction_store.h"
#include "services/leads/lead_rpc.h"
#include "services/leads/lead_store.h"
#include "services/leads/opportunity_store.h"
#include "services/leads/policy_store.h"
#include "services/leads/refs_rpc.h"
#include "services/leads/rules/stage.h"
#include "services/leads/rules/standing.h"

namespace spm::leads {
namespace {

constexpr int64_t kRowsAStep = 200;

// Ids of what one step moves; everything is loaded before anything is written.
struct Share {
  std::vector<std::string> customers, contacts, leads, deals;
  size_t size() const { return customers.size() + leads.size() + deals.size(); }
};

StatusOr<Share> NextShare(Tx& tx, const v1::Handover& handover) {
  Share share;
  auto room = [&] { return kRowsAStep - static_cast<int64_t>(share.size()); };
  ASSIGN_OR_RETURN(share.customers, CustomerIdsOf(tx, handover.from_id(), room()));
  ASSIGN_OR_RETURN(share.leads, OpenLeadIdsOf(tx, handover.from_id(), room()));
  ASSIGN_OR_RETURN(share.deals, OpenDealIdsOf(tx, handover.from_id(), room()));
  ASSIGN_OR_RETURN(share.contacts, ContactIdsOf(tx, share.customers));
  RETURN_IF_ERROR(Customers().Prefetch(tx, share.customers));
  RETURN_IF_ERROR(Contacts().Prefetch(tx, share.contacts));
  RETURN_IF_ERROR(Leads().Prefetch(tx, share.leads));
  RETURN_IF_ERROR(Opportunities().Prefetch(tx, share.deals));
  RETURN_IF_ERROR(LoadHoldings(tx, {handover.from_id(), handover.to_id()}));
  return share;
}

Status MoveShare(Tx& tx, const Call& call, const v1::Handover& handover, const Share& share) {
  for (const std::string& id : share.customers) {
    ASSIGN_OR_RETURN(v1::Customer customer, Customers().Get(tx, id, Scope::Service()));
    RETURN_IF_ERROR(GiveCustomer(tx, handover.to_id(), share.contacts, &customer));
  }
  const org::v1::Person* heir = call.directory->FindPerson(handover.to_id());
  for (const std::string& id : share.leads) {
    ASSIGN_OR_RETURN(v1::Lead lead, Leads().Get(tx, id, Scope::Service()));
    ASSIGN_OR_RETURN(const bool room, HasRoom(tx, call, handover.to_id()));
    const bool receives = room && heir != nullptr && !heir->inactive();
    RETURN_IF_ERROR(GiveLead(tx, call, receives ? handover.to_id() : "", "handover", &lead));
  }
  for (const std::string& id : share.deals) {
    ASSIGN_OR_RETURN(v1::Opportunity deal, Opportunities().Get(tx, id, Scope::Service()));
    GiveDeal(tx, call, handover.to_id(), &deal);
  }
  return OkStatus();
}

// A version of a policy as it was, and the one that is in force now.
template <typename P>
struct Versions {
  const P* before = nullptr;
  const P* now = nullptr;
};
template <typename P>
Versions<P> VersionsOf(const Call& call, const std::string& kind, int64_t before) {
  Versions<P> versions;
  for (const PolicyVersion& v : call.policies->List(kind))
    if (v.version == before) versions.before = static_cast<const P*>(v.body.get());
  versions.now = call.FindPolicy<P>(kind);
  return versions;
}

Status Regrade(Tx& tx, const Call& call, v1::Lead lead) {
  const v1::Lead before = lead;
  GradeNow(call, &lead);
  if (lead.grade() == before.grade() && lead.points() == before.points()) return OkStatus();
  v1::LeadUpdated updated;
  *updated.mutable_lead() = StateOf(lead, call);
  if (lead.grade() == before.grade()) {
    Leads().Save(tx, &lead, updated);
    return OkStatus();
  }
  v1::LeadGraded graded;
  graded.set_before(before.grade());
  graded.set_after(lead.grade());
  graded.set_points(lead.points());
  *graded.mutable_lead() = StateOf(lead, call);
  Leads().Save(tx, &lead, updated, graded);
  return OkStatus();
}

// A deadline that was passed already was told of, or silent since it came by an import; one that
// the new version moves before now is told of now.
void MoveDeadline(Tx& tx, const Call& call, const char* kind, const std::string& id,
                  std::optional<int64_t> before_us, std::optional<int64_t> due_us,
                  const std::string& payload = "") {
  const bool was_late = before_us && *before_us <= call.now_us;
  if (!due_us) {
    CancelTimer(tx, kind, id);
  } else if (*due_us > call.now_us) {
    SetTimer(tx, kind, id, *due_us, payload);
  } else if (!was_late) {
    SetTimer(tx, kind, id, call.now_us, payload);
  }
}

Status FollowPipeline(Tx& tx, const Call& call, const Versions<v1::PipelinePolicy>& pipeline,
                      v1::Opportunity deal) {
  const auto due_us = StallDueOf(deal, *pipeline.now);
  if (deal.has_stall_time() && !IsStalledAt(deal, *pipeline.now, call.now_us)) {
    v1::OpportunityUpdated updated;
    *updated.mutable_before() = LastState(deal);
    deal.clear_stall_time();
    *updated.mutable_step() =
        ChangeDeal(&deal, MomentOf(call, call.now_us), call.company->currency);
    Opportunities().Save(tx, &deal, updated);
  }
  // It was told of.
  if (deal.has_stall_time()) return OkStatus();
  const v1::PipelineStage* stage = FindStage(*pipeline.now, deal.stage());
  MoveDeadline(tx, call, "stall", deal.id(),
               pipeline.before == nullptr ? std::nullopt : StallDueOf(deal, *pipeline.before),
               due_us, std::to_string(stage == nullptr ? 0 : stage->stall_days()));
  return OkStatus();
}

// The next records of a kind after an id, moved to the version in force; the last id, or "" where
// these were the last.
StatusOr<std::string> ReapplyToLeads(Tx& tx, const Call& call, const std::string& kind,
                                     const Applied& applied) {
  ASSIGN_OR_RETURN(auto leads, OpenLeadsAfter(tx, applied.after, kRowsAStep));
  const auto contact = kind == "contact"
                           ? VersionsOf<v1::ContactPolicy>(call, kind, applied.version)
                           : Versions<v1::ContactPolicy>();
  std::vector<std::string> ids;
  ids.reserve(leads.size());
  for (const v1::Lead& lead : leads) ids.push_back(lead.id());
  RETURN_IF_ERROR(Leads().Prefetch(tx, ids));
  for (const v1::Lead& lead : leads) {
    if (kind == "grade") {
      RETURN_IF_ERROR(Regrade(tx, call, lead));
    } else if (contact.before != nullptr) {
      MoveDeadline(tx, call, "contact", lead.id(), ContactDueOf(lead, *contact.before),
                   ContactDueOf(lead, *contact.now));
    }
  }
  return ids.size() < kRowsAStep ? "" : ids.back();
}

StatusOr<std::string> ReapplyToDeals(Tx& tx, const Call& call, const std::string& kind,
                                     const Applied& applied) {
  const bool close = kind == "close";
  ASSIGN_OR_RETURN(auto deals, OpenDealsAfter(tx, close ? "" : kind.substr(kind.find(':') + 1),
                                              applied.after, kRowsAStep));
  const auto closing = close ? VersionsOf<v1::ClosePolicy>(call, kind, applied.version)
                             : Versions<v1::ClosePolicy>();
  const auto pipeline = close ? Versions<v1::PipelinePolicy>()
                              : VersionsOf<v1::PipelinePolicy>(call, kind, applied.version);
  std::vector<std::string> ids;
  ids.reserve(deals.size());
  for (const v1::Opportunity& deal : deals) ids.push_back(deal.id());
  RETURN_IF_ERROR(Opportunities().Prefetch(tx, ids));
  const Zone& zone = call.company->zone;
  for (const v1::Opportunity& deal : deals) {
    if (!close) {
      RETURN_IF_ERROR(FollowPipeline(tx, call, pipeline, deal));
    } else if (closing.before != nullptr) {
      MoveDeadline(tx, call, "close", deal.id(), CloseDueOf(deal, *closing.before, zone),
                   CloseDueOf(deal, *closing.now, zone));
    }
  }
  return ids.size() < kRowsAStep ? "" : ids.back();
}

}  // namespace

StatusOr<bool> ReapplyPolicies(Tx& tx, const Call& call) {
  ASSIGN_OR_RETURN(auto applied, AppliedPolicies(tx));
  for (const std::string& kind : call.policies->Kinds("")) {
    const int64_t version = call.policies->At(kind, call.now_us)->version;
    const bool known = applied.contains(kind);
    Applied& at = applied[kind];
    // What was there before anything was gone through was decided by the first one.
    if (!known) at = {1, 1, ""};
    if (at.version == version) {
      if (!known) SaveApplied(tx, kind, at);
      continue;
    }
    if (at.target != version) at = {at.version, version, ""};
    if (kind == "grade" || kind == "contact") {
      ASSIGN_OR_RETURN(at.after, ReapplyToLeads(tx, call, kind, at));
    } else if (kind == "close" || kind.starts_with("pipeline:")) {
      ASSIGN_OR_RETURN(at.after, ReapplyToDeals(tx, call, kind, at));
    }
    if (at.after.empty()) at.version = version;
    SaveApplied(tx, kind, at);
    return true;
  }
  return false;
}

StatusOr<bool> WorkHandovers(Tx& tx, const Call& call) {
  ASSIGN_OR_RETURN(auto id, RunningHandover(tx, ""));
  if (!id) return false;
  ASSIGN_OR_RETURN(v1::Handover handover, Handovers().Get(tx, *id, Scope::Service()));
  ASSIGN_OR_RETURN(const Share share, NextShare(tx, handover));
  RETURN_IF_ERROR(MoveShare(tx, call, handover, share));
  handover.set_customers(handover.customers() + static_cast<int64_t>(share.customers.size()));
  handover.set_leads(handover.leads() + static_cast<int64_t>(share.leads.size()));
  handover.set_opportunities(handover.opportunities() + static_cast<int64_t>(share.deals.size()));
  if (share.size() < kRowsAStep) handover.set_state(v1::HANDOVER_STATE_DONE);
  v1::HandoverChanged changed;
  *changed.mutable_handover() = handover;
  Handovers().Save(tx, &handover, changed);
  return true;
}

}  // namespace spm::leads
