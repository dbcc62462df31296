// Commands and queries of contacts. Handlers: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/customer.pb.h"

namespace spm::leads {

StatusOr<v1::Contact> CreateContact(Tx& tx, const v1::CreateContactRequest& request,
                                    const Call& call);
StatusOr<v1::Contact> GetContact(Snapshot& snapshot, const v1::GetContactRequest& request,
                                 const Call& call);
StatusOr<v1::ListContactsResponse> ListContacts(Snapshot& snapshot,
                                                const v1::ListContactsRequest& request,
                                                const Call& call);
StatusOr<v1::Contact> UpdateContact(Tx& tx, const v1::UpdateContactRequest& request,
                                    const Call& call);
StatusOr<v1::Contact> DeleteContact(Tx& tx, const v1::DeleteContactRequest& request,
                                    const Call& call);

// A new contact with its id and its event.
void SaveNewContact(Tx& tx, const Call& call, v1::Contact* contact);
// Every part of a contact in the decision is a known one, and is named once.
Status CheckDecisionRoles(const v1::Contact& contact, const std::string& field);

}  // namespace spm::leads
