// Follows orders: its products, for names, lines and keys elsewhere.
#pragma once

#include "common/base/status.h"
#include "common/db/tx.h"
#include "common/events/event.h"
#include "common/write/call.h"
#include "spm/orders/v1/events.pb.h"

namespace spm::performance {

Status OnProductCreated(Tx& tx, const Received<orders::v1::ProductCreated>& event, const Call&);
Status OnProductUpdated(Tx& tx, const Received<orders::v1::ProductUpdated>& event, const Call&);
Status OnProductDeleted(Tx& tx, const Received<orders::v1::ProductDeleted>& event, const Call&);

}  // namespace spm::performance
