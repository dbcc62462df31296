// How the services of a process stand: for operators, and for /metrics.
#include <filesystem>

#include "common/app/methods.h"
#include "common/app/status.h"
#include "common/base/metrics.h"
#include "common/base/version.h"

namespace spm {
namespace {

using namespace base::v1;  // NOLINT: this file is about its messages alone.

int64_t SizeOf(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<int64_t>(size);
}

int64_t SizeOfFolder(const std::string& folder) {
  std::error_code error;
  int64_t sum = 0;
  for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error))
    if (at->is_regular_file(error)) sum += SizeOf(at->path());
  return sum;
}

int64_t Since(int64_t us, int64_t now_us) {
  return us == 0 ? 0 : std::max<int64_t>(0, (now_us - us) / 1000);
}

Status ReadHeld(Snapshot& snapshot, ServiceStatus* s) {
  ASSIGN_OR_RETURN(
      Rows rows, snapshot.Query("SELECT source, state, COUNT(*) FROM held GROUP BY source, state"));
  for (const Row& row : rows) {
    s->set_held(s->held() + row.Int(2));
    if (row.Text(1) == "dead") {
      s->set_dead(s->dead() + row.Int(2));
    } else {
      s->set_parked(s->parked() + row.Int(2));
    }
    for (auto& followed : *s->mutable_followed())
      if (followed.service() == row.Text(0)) followed.set_held(followed.held() + row.Int(2));
  }
  return OkStatus();
}

Status ReadTimers(Snapshot& snapshot, int64_t now_us, ServiceStatus* s) {
  ASSIGN_OR_RETURN(Rows all, snapshot.Query("SELECT COUNT(*) FROM timer"));
  s->set_timers(all[0].Int(0));
  ASSIGN_OR_RETURN(Rows late, snapshot.Query("SELECT COUNT(*), MIN(due_us) FROM timer "
                                             "WHERE due_us <= $1",
                                             {now_us}));
  s->set_timers_overdue(late[0].Int(0));
  s->set_timers_overdue_ms(Since(late[0].Int(1), now_us));
  ASSIGN_OR_RETURN(Rows next,
                   snapshot.Query("SELECT MIN(due_us) FROM timer WHERE due_us > $1", {now_us}));
  s->set_next_due_us(next[0].Int(0));
  return OkStatus();
}

}  // namespace

StatusOr<ServiceStatus> StatusOf(App& app, ServiceRuntime& service) {
  ServiceStatus s;
  const int64_t now_us = service.lane().NowUs();
  s.set_service(service.spec().name);
  s.set_version(kVersion);
  s.set_schema(service.schema());
  s.set_lane_depth(static_cast<int64_t>(service.lane().depth()));
  s.set_outbox(service.lane().outbox());
  s.set_journal_seq(service.lane().journal_seq());
  if (service.spec().changed) s.set_changed(service.spec().changed());
  const std::string file = app.config().data + "/" + service.spec().name + ".db";
  s.set_data_bytes(SizeOf(file) + SizeOf(file + "-wal") + SizeOf(file + "-shm"));
  for (const auto& dispatch : service.dispatches()) {
    auto* followed = s.add_followed();
    followed->set_service(dispatch->source());
    ServiceRuntime* owner = app.Find(dispatch->source());
    if (owner == nullptr) continue;
    followed->set_pending(owner->lane().outbox());
    followed->set_lag_ms(Since(owner->oldest_waiting_us(), now_us));
  }
  ASSIGN_OR_RETURN(auto snapshot, service.db().OpenSnapshot());
  // What waits and was not offered yet is in the outbox only.
  ASSIGN_OR_RETURN(Rows oldest, snapshot->Query("SELECT recorded_us FROM journal WHERE seq = "
                                                "(SELECT MIN(seq) FROM outbox)"));
  if (!oldest.empty()) s.set_outbox_age_ms(Since(oldest[0].Int(0), now_us));
  RETURN_IF_ERROR(ReadHeld(*snapshot, &s));
  RETURN_IF_ERROR(ReadTimers(*snapshot, now_us, &s));
  return s;
}

namespace {

StatusOr<GetStatusResponse> GetStatus(App& app) {
  GetStatusResponse reply;
  for (const auto& service : app.services()) {
    ASSIGN_OR_RETURN(*reply.add_services(), StatusOf(app, *service));
    reply.set_now_us(service->lane().NowUs());
  }
  reply.set_test_clock(app.test_clock() != nullptr);
  reply.set_ready(app.ready());
  reply.set_uptime_ms(app.uptime_ms());
  std::error_code error;
  const auto folder = std::filesystem::absolute(app.config().data, error);
  reply.set_data_folder(error ? app.config().data : folder.lexically_normal().string());
  reply.set_data_bytes(SizeOfFolder(app.config().data));
  return reply;
}

}  // namespace

void MeasureServices(App& app) {
  for (const auto& service : app.services()) {
    auto status = StatusOf(app, *service);
    if (!status.ok()) continue;
    const Labels labels = {{"service", status->service()}};
    const auto set = [&labels](const char* name, const char* help, double value) {
      GaugeOf(name, help, labels).Set(value);
    };
    const auto seconds = [](int64_t ms) { return static_cast<double>(ms) / 1000; };
    set("spm_lane_depth", "Commands and tasks that wait for the lane",
        static_cast<double>(status->lane_depth()));
    set("spm_outbox_events", "Events not delivered yet", static_cast<double>(status->outbox()));
    set("spm_outbox_age_seconds", "How long the oldest undelivered event has waited",
        seconds(status->outbox_age_ms()));
    set("spm_journal_position", "Position of the newest event in the journal",
        static_cast<double>(status->journal_seq()));
    set("spm_timers", "Timers set", static_cast<double>(status->timers()));
    set("spm_timers_overdue", "Timers due and not fired yet",
        static_cast<double>(status->timers_overdue()));
    set("spm_timers_overdue_seconds", "How long the oldest overdue timer has been due",
        seconds(status->timers_overdue_ms()));
    set("spm_database_bytes", "Size of the database, the write-ahead log included",
        static_cast<double>(status->data_bytes()));
    for (const auto& [state, count] :
         {std::pair{"dead", status->dead()}, std::pair{"parked", status->parked()}})
      GaugeOf("spm_held_events", "Events held now, by state",
              {{"service", status->service()}, {"state", state}})
          .Set(static_cast<double>(count));
    for (const auto& followed : status->followed()) {
      const Labels both = {{"service", status->service()}, {"source", followed.service()}};
      GaugeOf("spm_events_pending", "Events of the source not applied yet", both)
          .Set(static_cast<double>(followed.pending()));
      GaugeOf("spm_events_lag_seconds", "How far the service is behind the source", both)
          .Set(seconds(followed.lag_ms()));
    }
  }
  GaugeOf("spm_ready", "1 while the process serves").Set(app.ready() ? 1 : 0);
}

std::vector<RpcMethod> StatusMethods(App& app) {
  return {Method<GetStatusRequest, GetStatusResponse>(
      app, "spm.base.v1.OperationsService/GetStatus",
      [&app](const GetStatusRequest&, const Caller&) { return GetStatus(app); })};
}

}  // namespace spm
