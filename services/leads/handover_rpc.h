// Everything of a leaver is handed over in the background: an aggregate of its own that a job works
// off. Handlers: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/interaction.pb.h"

namespace spm::leads {

// Repeating it while one of the same people runs gives that one.
StatusOr<v1::Handover> CreateHandover(Tx& tx, const v1::CreateHandoverRequest& request,
                                      const Call& call);
StatusOr<v1::Handover> GetHandover(Snapshot& snapshot, const v1::GetHandoverRequest& request,
                                   const Call& call);

}  // namespace spm::leads
