// What leads does with events of org. For the lane's thread.
#pragma once

#include "common/db/tx.h"
#include "common/events/event.h"
#include "common/write/call.h"
#include "spm/org/v1/events.pb.h"

namespace spm::leads {

// Somebody left and still holds open leads: HandoverNeeded.
Status OnPersonUpdated(Tx& tx, const Received<org::v1::PersonUpdated>& received, const Call& call);

}  // namespace spm::leads
