#include "common/write/lane_hold.h"

#include <atomic>
#include <utility>

namespace spm {

StatusOr<std::unique_ptr<LaneHold>> LaneHold::Take(Lane& lane) {
  std::unique_ptr<LaneHold> hold(new LaneHold);
  // Set by the task when it runs, or by its end where it never did.
  struct Begun {
    std::promise<Status> promise;
    std::atomic<bool> set{false};
    void Set(Status status) {
      if (!set.exchange(true)) promise.set_value(std::move(status));
    }
  };
  auto begun = std::make_shared<Begun>();
  auto stands = begun->promise.get_future();
  lane.Submit(Task{.name = "hold",
                   .request_id = "",
                   .run =
                       [begun, end = hold->end_.get_future().share()](Tx&, const Call&) {
                         begun->Set(OkStatus());
                         end.wait();
                         return OkStatus();
                       },
                   .done =
                       [begun](const Status& status) {
                         begun->Set(status.ok() ? Internal("the lane passed over its hold")
                                                : status);
                       },
                   // More than a batch takes: alone in its transaction, so that everything before
                   // it is committed.
                   .rows = 1 << 20});
  Status status = stands.get();
  // The promise ends with the hold; a task that did not run waits for nobody.
  if (!status.ok()) return status;
  return hold;
}

}  // namespace spm
