// Rebuilds of a service's projections from the journals that it follows.
#include <future>

#include "common/app/runtime.h"
#include "common/base/log.h"

namespace spm {
namespace {

constexpr int kReplaySpan = 1000;
// Stands among the marks of `consumed` from a rebuild's begin to its end.
const std::string kRebuilding = "rebuilding";

}  // namespace

StatusOr<int64_t> ServiceRuntime::Rebuild() {
  if (!spec_.drop_projections)
    return InvalidField("service", spec_.name + " has no projections; performance has");
  std::lock_guard lock(rebuild_mutex_);
  RETURN_IF_ERROR(lane_->Run("rebuild", [this](Tx& tx, const Call&) {
    tx.Write("DELETE FROM consumed", {});
    tx.Write("DELETE FROM held", {});
    tx.Write("INSERT INTO consumed (aggregate_id, version) VALUES ($1, 0)", {kRebuilding});
    spec_.drop_projections(tx);
    return OkStatus();
  }));
  return ApplyJournals();
}

Status ServiceRuntime::ResumeRebuild() {
  ASSIGN_OR_RETURN(auto snapshot, db_->OpenSnapshot());
  ASSIGN_OR_RETURN(
      Rows rows, snapshot->Query("SELECT 1 FROM consumed WHERE aggregate_id = $1", {kRebuilding}));
  snapshot.reset();
  if (rows.empty()) return OkStatus();
  LogWarn("a rebuild was broken off and goes on", {{"service", spec_.name}});
  std::lock_guard lock(rebuild_mutex_);
  Status done = ApplyJournals().status();
  // Events that are held by the dozen pause a part; serving goes on, the next start tries again.
  if (!done.ok())
    LogError("the rebuild is not complete; repeat it",
             {{"service", spec_.name}, {"error", std::string(done.message())}});
  return OkStatus();
}

StatusOr<int64_t> ServiceRuntime::ApplyJournals() {
  int64_t events = 0;
  for (const auto& dispatch : dispatches_) {
    ServiceRuntime* owner = env_.peer(dispatch->source());
    if (owner == nullptr) return Unavailable("service " + dispatch->source() + " is away");
    for (int64_t from = 0;;) {
      if (draining_)
        return Unavailable("the service is stopping; the rebuild goes on at the next start");
      ASSIGN_OR_RETURN(auto snapshot, owner->db().OpenSnapshot());
      ASSIGN_OR_RETURN(auto page, ReadJournal(*snapshot, from, kReplaySpan));
      snapshot.reset();
      if (page.empty()) break;
      from = page.back().seq();
      events += static_cast<int64_t>(page.size());
      std::vector<Envelope> span;
      span.reserve(page.size());
      for (auto& e : page) span.push_back({dispatch->source(), std::move(e)});
      auto promise = std::make_shared<std::promise<Status>>();
      auto applied = promise->get_future();
      dispatch->Deliver(std::move(span), [promise](Status s) { promise->set_value(std::move(s)); });
      RETURN_IF_ERROR(applied.get());
    }
  }
  RETURN_IF_ERROR(lane_->Run("rebuilt", [](Tx& tx, const Call&) {
    tx.Write("DELETE FROM consumed WHERE aggregate_id = $1", {kRebuilding});
    return OkStatus();
  }));
  return events;
}

}  // namespace spm
