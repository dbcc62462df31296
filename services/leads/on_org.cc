#include "services/leads/on_org.h"

#include "services/leads/lead_store.h"
#include "spm/leads/v1/events.pb.h"

namespace spm::leads {

Status OnPersonUpdated(Tx& tx, const Received<org::v1::PersonUpdated>& received, const Call&) {
  const org::v1::Person& person = received.event.person();
  if (!person.inactive()) return OkStatus();
  ASSIGN_OR_RETURN(auto holding, Holdings().Find(tx, HoldingId(person.id()), Scope::Service()));
  if (!holding || holding->open_leads() == 0) return OkStatus();
  v1::HandoverNeeded needed;
  needed.set_rep_id(person.id());
  needed.set_open_leads(holding->open_leads());
  Holdings().Save(tx, &*holding, needed);
  return OkStatus();
}

}  // namespace spm::leads
