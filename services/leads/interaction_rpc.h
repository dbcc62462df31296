// What happened with a customer, lead or deal (L13). Handler: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/interaction.pb.h"

namespace spm::leads {

// The first interaction on a lead is its first contact: it ends the deadline.
StatusOr<v1::Interaction> LogInteraction(Tx& tx, const v1::LogInteractionRequest& request,
                                         const Call& call);

}  // namespace spm::leads
