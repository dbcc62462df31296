#include "services/leads/handover_rpc.h"

#include "services/leads/interaction_store.h"
#include "services/leads/refs_rpc.h"
#include "spm/leads/v1/events.pb.h"

namespace spm::leads {

StatusOr<v1::Handover> CreateHandover(Tx& tx, const v1::CreateHandoverRequest& request,
                                      const Call& call) {
  const v1::Handover& given = request.handover();
  // The leaver may have left already.
  const std::string from = call.directory->PersonId(given.from_id());
  if (from.empty() || !call.scope.Sees(from))
    return InvalidField("handover.from_id",
                        "no person " + given.from_id() + " whose work you may hand over");
  ASSIGN_OR_RETURN(std::string to, OwnerRef(call, given.to_id(), "handover.to_id"));
  if (from == to) return InvalidField("handover.to_id", "is the leaver; choose somebody else");
  ASSIGN_OR_RETURN(auto running, RunningHandover(tx, from));
  if (running) {
    ASSIGN_OR_RETURN(v1::Handover handover, Handovers().Get(tx, *running, Scope::Service()));
    if (handover.to_id() == to) return handover;
    return WithMetadata(
        Precondition("HANDOVER_RUNNING",
                     "a handover of this person to somebody else runs; wait for it"),
        "id", handover.id());
  }
  v1::Handover handover;
  handover.set_id(call.NewId());
  handover.set_from_id(from);
  handover.set_to_id(to);
  handover.set_state(v1::HANDOVER_STATE_RUNNING);
  v1::HandoverChanged changed;
  *changed.mutable_handover() = handover;
  Handovers().Save(tx, &handover, changed);
  return handover;
}

StatusOr<v1::Handover> GetHandover(Snapshot& snapshot, const v1::GetHandoverRequest& request,
                                   const Call& call) {
  return Handovers().Get(snapshot, request.handover_id(), call.scope);
}

}  // namespace spm::leads
