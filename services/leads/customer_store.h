// Tables of customers and their contacts. Constants, shared by all threads.
#pragma once

#include <string>
#include <vector>

#include "common/db/table.h"
#include "spm/leads/v1/customer.pb.h"

namespace spm::leads {

// Filters owner, tag, sector, country, source, live; order new. phone is unique.
const Table<v1::Customer>& Customers();
// Filters customer, live; order new.
const Table<v1::Contact>& Contacts();

// Makes the tags that lists filter by those of the customer (L14).
void SaveTags(Tx& tx, const std::vector<std::string>& before, const v1::Customer& customer);

// Contacts of customers that are not deleted.
StatusOr<std::vector<std::string>> ContactIdsOf(Reader& reader,
                                                const std::vector<std::string>& customers);
// Customers of a person that are not deleted, at most `limit`, by id.
StatusOr<std::vector<std::string>> CustomerIdsOf(Reader& reader, const std::string& owner_id,
                                                 int64_t limit);

}  // namespace spm::leads
