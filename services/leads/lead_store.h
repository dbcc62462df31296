// Tables of leads and of what each person holds. Constants, shared by all threads.
#pragma once

#include <string>
#include <vector>

#include "common/db/table.h"
#include "spm/leads/v1/lead.pb.h"

namespace spm::leads {

// New or contacted, and not deleted.
bool IsOpen(const v1::Lead& lead);

// Filters owner, status, grade, source, unassigned, open, live; orders new and queue (L2). The
// phone is unique among open leads (column open_phone). A lead of nobody is readable by those who
// lead somebody.
const Table<v1::Lead>& Leads();
const Table<v1::Holding>& Holdings();
// The id of a person's holding, always the same.
std::string HoldingId(const std::string& person_id);

// Open leads of a person, at most `limit`, by id.
StatusOr<std::vector<std::string>> OpenLeadIdsOf(Reader& reader, const std::string& owner_id,
                                                 int64_t limit);
// Id and owner of the leads that became a customer.
struct OwnedId {
  std::string id, owner_id;
};
StatusOr<std::vector<OwnedId>> LeadsOfCustomer(Reader& reader, const std::string& customer_id);

// True where a lead has a budget.
StatusOr<bool> AnyLeadMoney(Reader& reader);

}  // namespace spm::leads
