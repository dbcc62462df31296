// Deadlines that have come (L8): each reads the state again and speaks once. Timers of the lane.
#pragma once

#include "common/db/tx.h"
#include "common/timers/timers.h"
#include "common/write/call.h"

namespace spm::leads {

// A deal is longer in its stage than the pipeline allows: OpportunityStalled, once for each stay.
Status OnStallDue(Tx& tx, const TimerFired& timer, const Call& call);
// A deal is still open after its expected close: OpportunityCloseOverdue.
Status OnCloseDue(Tx& tx, const TimerFired& timer, const Call& call);
// A lead with an owner was not contacted in time: LeadFirstContactOverdue.
Status OnContactDue(Tx& tx, const TimerFired& timer, const Call& call);

}  // namespace spm::leads
