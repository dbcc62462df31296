// Who holds a lead (L4, L5): assignment by name or by fit, under the cap of each person. A person's
// holding is versioned by every assignment, so that concurrent ones cannot exceed the cap. For the
// lane's thread.
#pragma once

#include <string>
#include <vector>

#include "common/db/tx.h"
#include "common/write/call.h"
#include "services/leads/rules/assignment.h"
#include "spm/leads/v1/events.pb.h"
#include "spm/leads/v1/lead.pb.h"

namespace spm::leads {

StatusOr<v1::Lead> AssignLead(Tx& tx, const v1::AssignLeadRequest& request, const Call& call);

// What others may know of a lead.
v1::LeadState StateOf(const v1::Lead& lead, const Call& call);

// Loads the holdings of people at once, so that what follows reads nothing more.
Status LoadHoldings(Tx& tx, const std::vector<std::string>& people);
// True where the person may hold one more open lead.
StatusOr<bool> HasRoom(Tx& tx, const Call& call, const std::string& person_id);
// FAILED_PRECONDITION, OVER_CAPACITY, where not.
Status CheckRoom(Tx& tx, const Call& call, const std::string& person_id, const std::string& field);
// One open lead more or less. Nobody ("") holds nothing.
Status Hold(Tx& tx, const std::string& person_id, int32_t by);

// Sets the deadline of the first contact of an open lead that has an owner and was not contacted;
// one that has passed already is not set (imports).
void ArmContact(Tx& tx, const Call& call, const v1::Lead& lead);

// Makes a person, or nobody, the owner: lead, event, both holdings, deadline. Holdings are loaded.
Status GiveLead(Tx& tx, const Call& call, const std::string& owner_id, const std::string& reason,
                v1::Lead* lead);

}  // namespace spm::leads
