#include "services/leads/contact_rpc.h"

#include <set>

#include "common/write/mask.h"
#include "services/leads/customer_store.h"
#include "services/leads/refs_rpc.h"
#include "spm/leads/v1/events.pb.h"

namespace spm::leads {

Status CheckDecisionRoles(const v1::Contact& contact, const std::string& field) {
  std::set<int> seen;
  for (const int role : contact.decision_roles())
    if (role == v1::DECISION_ROLE_UNSPECIFIED || !seen.insert(role).second)
      return InvalidField(field, "name each part once, for example DECISION_ROLE_DECIDER");
  return OkStatus();
}

void SaveNewContact(Tx& tx, const Call& call, v1::Contact* contact) {
  contact->set_id(call.NewId());
  contact->set_version(0);
  v1::ContactCreated created;
  created.set_customer_id(contact->customer_id());
  Contacts().Save(tx, contact, created);
}

StatusOr<v1::Contact> CreateContact(Tx& tx, const v1::CreateContactRequest& request,
                                    const Call& call) {
  const v1::Contact& given = request.contact();
  v1::Contact contact;
  ASSIGN_OR_RETURN(*contact.mutable_customer_id(),
                   CustomerRef(tx, call, given.customer_id(), "contact.customer_id"));
  ASSIGN_OR_RETURN(auto customer, Customers().Get(tx, contact.customer_id(), call.scope.Reading()));
  contact.set_owner_id(customer.owner_id());
  contact.set_name(given.name());
  contact.set_email(given.email());
  contact.set_title(given.title());
  *contact.mutable_decision_roles() = given.decision_roles();
  ASSIGN_OR_RETURN(*contact.mutable_phone(), PhoneOf(call, given.phone(), "contact.phone"));
  RETURN_IF_ERROR(CheckDecisionRoles(contact, "contact.decision_roles"));
  SaveNewContact(tx, call, &contact);
  return contact;
}

StatusOr<v1::Contact> GetContact(Snapshot& snapshot, const v1::GetContactRequest& request,
                                 const Call& call) {
  return Contacts().Get(snapshot, request.contact_id(), call.scope);
}

StatusOr<v1::ListContactsResponse> ListContacts(Snapshot& snapshot,
                                                const v1::ListContactsRequest& request,
                                                const Call& call) {
  ListSpec spec{.where = {{"live", {}}},
                .order = "new",
                .page_size = request.page_size(),
                .page_token = request.page_token()};
  if (!request.customer_id().empty()) spec.where.push_back({"customer", request.customer_id()});
  ASSIGN_OR_RETURN(auto page, Contacts().List(snapshot, call.scope, spec));
  v1::ListContactsResponse response;
  for (auto& contact : page.rows) *response.add_contacts() = std::move(contact);
  response.set_next_page_token(page.next_page_token);
  return response;
}

StatusOr<v1::Contact> UpdateContact(Tx& tx, const v1::UpdateContactRequest& request,
                                    const Call& call) {
  ASSIGN_OR_RETURN(const v1::Contact before,
                   Contacts().Get(tx, request.contact_id(), call.scope.Reading()));
  RETURN_IF_ERROR(CheckEtag(request, before));
  v1::Contact contact = before;
  RETURN_IF_ERROR(ApplyMask(request.update_mask(),
                            {"name", "phone", "email", "title", "decision_roles"},
                            request.contact(), &contact));
  if (contact.phone() != before.phone()) {
    ASSIGN_OR_RETURN(*contact.mutable_phone(), PhoneOf(call, contact.phone(), "contact.phone"));
  }
  RETURN_IF_ERROR(CheckDecisionRoles(contact, "contact.decision_roles"));
  if (contact.SerializeAsString() == before.SerializeAsString()) return contact;
  v1::ContactUpdated updated;
  updated.set_customer_id(contact.customer_id());
  Contacts().Save(tx, &contact, updated);
  return contact;
}

StatusOr<v1::Contact> DeleteContact(Tx& tx, const v1::DeleteContactRequest& request,
                                    const Call& call) {
  ASSIGN_OR_RETURN(v1::Contact contact, Contacts().Get(tx, request.contact_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, contact));
  contact.set_deleted(true);
  v1::ContactDeleted deleted;
  deleted.set_customer_id(contact.customer_id());
  Contacts().Save(tx, &contact, deleted);
  return contact;
}

}  // namespace spm::leads
