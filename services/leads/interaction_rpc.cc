#include "services/leads/interaction_rpc.h"

#include "common/timers/timers.h"
#include "services/leads/assign_rpc.h"
#include "services/leads/customer_store.h"
#include "services/leads/interaction_store.h"
#include "services/leads/lead_store.h"
#include "services/leads/opportunity_store.h"

namespace spm::leads {
namespace {

// What an interaction is about; the caller sees it.
struct Subject {
  std::string customer_id;
  std::optional<v1::Lead> lead;
};

StatusOr<Subject> FindSubject(Tx& tx, const std::string& id, const Call& call) {
  const Scope scope = call.scope.Reading();
  ASSIGN_OR_RETURN(auto lead, Leads().Find(tx, id, scope));
  if (lead) return Subject{lead->customer_id(), lead};
  ASSIGN_OR_RETURN(auto deal, Opportunities().Find(tx, id, scope));
  if (deal) return Subject{deal->customer_id(), std::nullopt};
  ASSIGN_OR_RETURN(auto customer, Customers().Find(tx, id, scope));
  if (customer) return Subject{customer->id(), std::nullopt};
  return NotFound("customer, lead or opportunity", id);
}

void StampFirstContact(Tx& tx, const Call& call, int64_t at_us, v1::Lead* lead) {
  SetTime(at_us, lead->mutable_first_contact_time());
  if (lead->status() == v1::LEAD_STATUS_NEW) lead->set_status(v1::LEAD_STATUS_CONTACTED);
  v1::LeadContacted contacted;
  *contacted.mutable_lead() = StateOf(*lead, call);
  Leads().Save(tx, lead, contacted);
  CancelTimer(tx, "contact", lead->id());
}

}  // namespace

StatusOr<v1::Interaction> LogInteraction(Tx& tx, const v1::LogInteractionRequest& request,
                                         const Call& call) {
  const v1::Interaction& given = request.interaction();
  ASSIGN_OR_RETURN(const int64_t at_us, call.OccurredUs(given.has_occur_time(), given.occur_time(),
                                                        "interaction.occur_time"));
  ASSIGN_OR_RETURN(Subject subject, FindSubject(tx, given.subject_id(), call));
  v1::Interaction interaction;
  interaction.set_id(call.NewId());
  interaction.set_subject_id(given.subject_id());
  interaction.set_customer_id(subject.customer_id);
  interaction.set_kind(given.kind());
  interaction.set_note(given.note());
  interaction.set_actor_id(call.caller.id);
  SetTime(at_us, interaction.mutable_occur_time());
  v1::InteractionLogged logged;
  logged.set_subject_id(interaction.subject_id());
  logged.set_customer_id(interaction.customer_id());
  logged.set_kind(interaction.kind());
  logged.set_actor_id(interaction.actor_id());
  tx.set_occurred_us(at_us);
  Interactions().Save(tx, &interaction, logged);
  if (subject.lead && !subject.lead->has_first_contact_time())
    StampFirstContact(tx, call, at_us, &*subject.lead);
  return interaction;
}

}  // namespace spm::leads
