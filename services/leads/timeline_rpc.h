// Everything that happened to a customer, a lead or a deal, by time of the event (L13). A query of
// the journal.
#pragma once

#include "common/db/db.h"
#include "common/write/call.h"
#include "spm/leads/v1/interaction.pb.h"

namespace spm::leads {

// A customer's timeline is also that of its contacts, leads and deals, as far as the caller sees
// them.
StatusOr<v1::ListTimelineResponse> ListTimeline(Snapshot& snapshot,
                                                const v1::ListTimelineRequest& request,
                                                const Call& call);

}  // namespace spm::leads
