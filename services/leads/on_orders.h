// Follows orders: keeps the copy of products that deals are priced from. Upserts; never refuse.
#pragma once

#include "common/db/tx.h"
#include "common/events/event.h"
#include "common/write/call.h"
#include "spm/orders/v1/events.pb.h"

namespace spm::leads {

Status OnProductCreated(Tx& tx, const Received<orders::v1::ProductCreated>& event,
                        const Call& call);
Status OnProductUpdated(Tx& tx, const Received<orders::v1::ProductUpdated>& event,
                        const Call& call);
Status OnProductDeleted(Tx& tx, const Received<orders::v1::ProductDeleted>& event,
                        const Call& call);

}  // namespace spm::leads
