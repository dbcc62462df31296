// What operators do with a running process: journals, test clock, rebuild; the list of the rest.
// Each request names its service.
#include <algorithm>

#include "common/app/methods.h"
#include "common/write/journal.h"
#include "spm/base/v1/journal.pb.h"
#include "spm/base/v1/operations.pb.h"

namespace spm {
namespace {

using namespace base::v1;  // NOLINT: this file is about its messages alone.

constexpr int64_t kIdleMs = 60'000;

StatusOr<ReadJournalResponse> ReadJournalRpc(App& app, const ReadJournalRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  int limit = request.page_size() <= 0 ? 1000 : std::min(request.page_size(), 5000);
  ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
  std::vector<std::string> types(request.types().begin(), request.types().end());
  ASSIGN_OR_RETURN(auto events, ReadJournal(*snapshot, request.from_seq(), limit, types));
  ReadJournalResponse reply;
  reply.set_last_seq(service->lane().journal_seq());
  for (auto& e : events) *reply.add_events() = std::move(e);
  return reply;
}

StatusOr<ReadJournalResponse> ReadAggregateRpc(App& app, const ReadAggregateRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
  ASSIGN_OR_RETURN(auto events,
                   ReadAggregates(*snapshot, {request.aggregate_id()}, request.from_version()));
  ReadJournalResponse reply;
  reply.set_last_seq(service->lane().journal_seq());
  for (auto& e : events) *reply.add_events() = std::move(e);
  return reply;
}

StatusOr<GetAppliedResponse> GetApplied(App& app, const GetAppliedRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  GetAppliedResponse reply;
  ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
  for (const auto& dispatch : service->dispatches()) {
    auto* source = reply.add_sources();
    source->set_service(dispatch->source());
    if (ServiceRuntime* owner = app.Find(dispatch->source())) {
      source->set_pending(owner->lane().outbox());
      source->set_last_seq(owner->lane().journal_seq());
    }
    ASSIGN_OR_RETURN(Rows held, snapshot->Query("SELECT COUNT(*) FROM held WHERE source = $1",
                                                {dispatch->source()}));
    source->set_held(held[0].Int(0));
  }
  if (service->spec().changed) reply.set_changed(service->spec().changed());
  return reply;
}

// Goes from due timer to due timer and waits at each until everything is at rest, so that what
// happens is what would have happened in real time.
StatusOr<AdvanceClockResponse> Advance(App& app, const AdvanceClockRequest& request) {
  if (app.test_clock() == nullptr)
    return Precondition("NO_TEST_CLOCK", "the clock is real; start with --test-clock to move it");
  if (request.by_us() <= 0 || request.by_us() > 3660 * kDayUs)
    return InvalidField("by_us", "give a time of more than 0 and at most ten years");
  const int64_t target = app.clock().NowUs() + request.by_us();
  auto fired = [&app] {
    int64_t sum = 0;
    for (const auto& s : app.services()) sum += s->scheduler().fired();
    return sum;
  };
  const int64_t before = fired();
  RETURN_IF_ERROR(app.WaitIdle(kIdleMs));
  while (true) {
    int64_t next = target;
    for (const auto& s : app.services()) {
      ASSIGN_OR_RETURN(int64_t due, s->scheduler().NextDueUs());
      if (due > 0) next = std::min(next, due);
    }
    const int64_t from = app.clock().NowUs();
    RETURN_IF_ERROR(app.test_clock()->MoveTo(next));
    for (const auto& s : app.services())
      s->scheduler().ClockMoved(std::max<int64_t>(0, next - from));
    RETURN_IF_ERROR(app.WaitIdle(kIdleMs));
    if (next >= target) break;
  }
  AdvanceClockResponse reply;
  reply.set_now_us(app.clock().NowUs());
  reply.set_fired(fired() - before);
  return reply;
}

StatusOr<RebuildServiceResponse> RebuildRpc(App& app, const RebuildServiceRequest& request) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  ASSIGN_OR_RETURN(int64_t events, service->Rebuild());
  RebuildServiceResponse reply;
  reply.set_events(events);
  return reply;
}

}  // namespace

std::vector<RpcMethod> OperationsMethods(App& app) {
  std::vector<RpcMethod> methods = {
      On(app, "JournalService/ReadJournal", ReadJournalRpc),
      On(app, "JournalService/ReadAggregate", ReadAggregateRpc),
      On(app, "JournalService/GetApplied", GetApplied),
      On(app, "OperationsService/AdvanceClock", Advance),
      On(app, "OperationsService/RebuildService", RebuildRpc),
  };
  for (auto* more : {StatusMethods, HeldMethods, PolicyMethods})
    for (RpcMethod& method : more(app)) methods.push_back(std::move(method));
  return methods;
}

}  // namespace spm
