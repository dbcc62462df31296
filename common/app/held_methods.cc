// Events that a consumer could not take: listed, run again, given up.
#include <algorithm>
#include <future>

#include "common/app/methods.h"
#include "common/base/ids.h"
#include "common/base/log.h"
#include "common/db/page_token.h"
#include "spm/base/v1/operations.pb.h"

namespace spm {
namespace {

using namespace base::v1;  // NOLINT: this file is about its messages alone.

constexpr int kPage = 100;
constexpr int kLargestPage = 1000;

StatusOr<int64_t> CountHeld(Db& db) {
  ASSIGN_OR_RETURN(auto snapshot, db.OpenSnapshot());
  ASSIGN_OR_RETURN(Rows rows, snapshot->Query("SELECT COUNT(*) FROM held"));
  return rows[0].Int(0);
}

StatusOr<HeldEvent> ToHeld(const std::string& service, const Row& row) {
  HeldEvent held;
  held.set_service(service);
  held.set_source(row.Text(2));
  held.set_state(row.Text(3) == "dead" ? HeldEvent::STATE_DEAD : HeldEvent::STATE_PARKED);
  held.set_error(row.Text(4));
  held.set_tries(static_cast<int32_t>(row.Int(5)));
  if (!held.mutable_event()->ParseFromString(row.Text(6)))
    return Internal("a held event cannot be decoded");
  return held;
}

bool Asked(const ListHeldEventsRequest& request, const HeldEvent& held) {
  return (request.aggregate_id().empty() ||
          request.aggregate_id() == held.event().aggregate_id()) &&
         (request.type().empty() || request.type() == held.event().type()) &&
         (request.state() == HeldEvent::STATE_UNSPECIFIED || request.state() == held.state());
}

// By service, aggregate and version; few at any time, so that each page looks at all.
StatusOr<ListHeldEventsResponse> ListHeld(App& app, const ListHeldEventsRequest& request) {
  if (!request.service().empty()) RETURN_IF_ERROR(Named(app, request.service()));
  const std::string query = "held/" + request.service() + "/" + request.aggregate_id() + "/" +
                            request.type() + "/" + std::to_string(request.state());
  ASSIGN_OR_RETURN(auto token, ReadPageToken(query, request.page_token(), 1));
  const int64_t from = token.empty() ? 0 : PageTokenNumber(token[0]);
  const int limit = request.page_size() <= 0 ? kPage : std::min(request.page_size(), kLargestPage);
  ListHeldEventsResponse reply;
  for (const auto& service : app.services()) {
    if (!request.service().empty() && service->spec().name != request.service()) continue;
    ASSIGN_OR_RETURN(auto snapshot, service->db().OpenSnapshot());
    ASSIGN_OR_RETURN(Rows rows, snapshot->Query("SELECT aggregate_id, version, source, state, "
                                                "error, tries, envelope FROM held "
                                                "ORDER BY aggregate_id, version"));
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(HeldEvent held, ToHeld(service->spec().name, row));
      if (!Asked(request, held)) continue;
      reply.set_total(reply.total() + 1);
      if (reply.total() > from && reply.held_events_size() < limit)
        *reply.add_held_events() = std::move(held);
    }
  }
  if (from + reply.held_events_size() < reply.total())
    reply.set_next_page_token(
        MakePageToken(query, {std::to_string(from + reply.held_events_size())}));
  return reply;
}

StatusOr<ReplayHeldEventsResponse> Replay(App& app, const ReplayHeldEventsRequest& request,
                                          const Caller& caller) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  ReplayHeldEventsResponse reply;
  for (const auto& dispatch : service->dispatches()) {
    ASSIGN_OR_RETURN(int64_t applied, dispatch->Replay(request.aggregate_id()));
    reply.set_applied(reply.applied() + applied);
  }
  ASSIGN_OR_RETURN(int64_t held, CountHeld(service->db()));
  reply.set_still_held(held);
  LogInfo("held events replayed", {{"service", request.service()},
                                   {"aggregate", request.aggregate_id()},
                                   {"applied", std::to_string(reply.applied())},
                                   {"still_held", std::to_string(held)},
                                   {"caller", caller.id}});
  return reply;
}

// The record of it in the service's own journal: who gave up what, and why.
StatusOr<std::string> RecordDiscard(Tx& tx, const DiscardHeldEventsRequest& request,
                                    const HeldFirst& first) {
  HeldEventDiscarded record;
  record.set_source(first.source);
  record.set_aggregate_id(first.event.aggregate_id());
  record.set_version(first.event.version());
  record.set_type(first.event.type());
  record.set_error(first.error);
  record.set_reason(request.reason());
  const std::string id = NamedId("held/" + request.service() + "/" + request.aggregate_id());
  ASSIGN_OR_RETURN(Rows rows, tx.Query("SELECT COALESCE(MAX(version), 0) FROM journal "
                                       "WHERE aggregate_id = $1",
                                       {id}));
  tx.AddEvent(id, rows[0].Int(0) + 1, record);
  return record.SerializeAsString();
}

StatusOr<std::string> DiscardIn(ServiceRuntime& service, const DiscardHeldEventsRequest& request,
                                Tx& tx) {
  for (const auto& dispatch : service.dispatches()) {
    ASSIGN_OR_RETURN(auto first,
                     dispatch->DiscardFirst(tx, request.aggregate_id(), request.version()));
    if (first) return RecordDiscard(tx, request, *first);
  }
  if (request.version() == 0) return NotFound("held event of aggregate", request.aggregate_id());
  return NotFound("first held event",
                  request.aggregate_id() + "." + std::to_string(request.version()));
}

StatusOr<DiscardHeldEventsResponse> Discard(App& app, const DiscardHeldEventsRequest& request,
                                            const RpcContext& context) {
  ASSIGN_OR_RETURN(ServiceRuntime * service, Named(app, request.service()));
  auto promise = std::make_shared<std::promise<Status>>();
  auto discarded = promise->get_future();
  // A command, so that the journal has the caller and the trace; what makes it happen once is the
  // version, not the id.
  service->Submit(Command{
      .method = "spm.base.v1.OperationsService/DiscardHeldEvents",
      .request_id = RandomUuid(),
      .hash = Sha256(request.SerializeAsString()),
      .caller = context.caller,
      .trace = context.trace,
      .wanted = {},
      .cancelled = context.cancelled,
      .run = [service, request](Tx& tx, const Call&) { return DiscardIn(*service, request, tx); },
      .done = [promise](const StatusOr<std::string>& done) { promise->set_value(done.status()); }});
  RETURN_IF_ERROR(discarded.get());
  LogWarn("held event discarded", {{"service", request.service()},
                                   {"aggregate", request.aggregate_id()},
                                   {"caller", context.caller.id}});
  for (const auto& dispatch : service->dispatches())
    RETURN_IF_ERROR(dispatch->Replay(request.aggregate_id()));
  DiscardHeldEventsResponse reply;
  reply.set_discarded(1);
  ASSIGN_OR_RETURN(int64_t held, CountHeld(service->db()));
  reply.set_still_held(held);
  return reply;
}

}  // namespace

std::vector<RpcMethod> HeldMethods(App& app) {
  return {
      On(app, "OperationsService/ListHeldEvents", ListHeld),
      Method<ReplayHeldEventsRequest, ReplayHeldEventsResponse>(
          app, "spm.base.v1.OperationsService/ReplayHeldEvents",
          [&app](const ReplayHeldEventsRequest& request, const Caller& caller) {
            return Replay(app, request, caller);
          }),
      Pooled<DiscardHeldEventsRequest, DiscardHeldEventsResponse>(
          app, "spm.base.v1.OperationsService/DiscardHeldEvents",
          [&app](const DiscardHeldEventsRequest& request, const RpcContext& context) {
            return Discard(app, request, context);
          }),
  };
}

}  // namespace spm
