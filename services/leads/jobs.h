// Jobs of leads. Each call is one step in a transaction of the lane.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"

namespace spm::leads {

// Moves the next 200 customers, open leads and open deals of the oldest handover that runs; true
// while there is more. Closed deals stay with who closed them. A lead for which the heir has no
// room, or has left, becomes nobody's, since nobody receives a lead beyond the cap (L5).
StatusOr<bool> WorkHandovers(Tx& tx, const Call& call);

// When a new version of a policy has come into force, what is open is gone through once, 200
// records a step: leads are graded anew, and deadlines of first contacts, closes and stages are
// those of the new version. Who has become late by it is told of now, what is late no more is so at
// once.
StatusOr<bool> ReapplyPolicies(Tx& tx, const Call& call);

}  // namespace spm::leads
