#include "services/leads/jobs.h"

#include "services/leads/assign_rpc.h"
#include "services/leads/customer_rpc.h"
#include "services/leads/customer_store.h"
#include "services/leads/deal_rpc.h"
#include "services/leads/interaction_store.h"
#include "services/leads/lead_store.h"
#include "services/leads/opportunity_store.h"

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

}  // namespace

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
