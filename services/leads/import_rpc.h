// Imports of customers, contacts and leads by the keys of another system. A row that is the same as
// the one last imported does nothing, whatever was edited meanwhile. Handlers: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/customer.pb.h"
#include "spm/leads/v1/lead.pb.h"

namespace spm::leads {

// A changed row sets name, phone, sector, country, address and source as it says; owner and tags
// only where it names some, so that what people did here stays.
StatusOr<v1::BatchImportCustomersResponse> BatchImportCustomers(
    Tx& tx, const v1::BatchImportCustomersRequest& request, const Call& call);
StatusOr<v1::BatchImportContactsResponse> BatchImportContacts(
    Tx& tx, const v1::BatchImportContactsRequest& request, const Call& call);
// Neither capacity nor presence of the owner is asked: what happened has happened.
StatusOr<v1::BatchImportLeadsResponse> BatchImportLeads(Tx& tx,
                                                        const v1::BatchImportLeadsRequest& request,
                                                        const Call& call);

}  // namespace spm::leads
