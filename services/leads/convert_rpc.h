// A lead becomes a customer, a contact and a deal, in one transaction. Handler: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/lead.pb.h"

namespace spm::leads {

StatusOr<v1::ConvertLeadResponse> ConvertLead(Tx& tx, const v1::ConvertLeadRequest& request,
                                              const Call& call);

}  // namespace spm::leads
