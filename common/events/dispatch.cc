#include "common/events/dispatch.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/time.h"
#include "common/base/trace.h"

namespace spm {
namespace {

// So many dead events of one part within a minute are taken for a bad release, not for bad events.
constexpr size_t kBadRelease = 20;
constexpr int64_t kPauseUs = kMinuteUs;

int64_t SteadyUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

constexpr char kSaveMark[] =
    "INSERT INTO consumed (aggregate_id, version) VALUES ($1, $2) "
    "ON CONFLICT (aggregate_id) DO UPDATE SET version = excluded.version";

void SaveMark(Tx& tx, const std::string& aggregate_id, int64_t version) {
  tx.WriteOne(kSaveMark, {aggregate_id, version});
}

void Hold(Tx& tx, const std::string& source, const base::v1::Event& event, const char* state,
          const std::string& error) {
  tx.WriteOne(
      "INSERT INTO held (aggregate_id, version, source, state, error, tries, envelope) "
      "VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (aggregate_id, version) DO UPDATE SET "
      "state = excluded.state, error = excluded.error, tries = held.tries + 1",
      {event.aggregate_id(), event.version(), source, state, error,
       Bytes{event.SerializeAsString()}});
}

// The first two held events of an aggregate.
StatusOr<std::vector<base::v1::Event>> HeldOf(Tx& tx, const std::string& source,
                                              const std::string& aggregate_id) {
  ASSIGN_OR_RETURN(Rows rows, tx.Query("SELECT envelope FROM held WHERE source = $1 AND "
                                       "aggregate_id = $2 ORDER BY version LIMIT 2",
                                       {source, aggregate_id}));
  std::vector<base::v1::Event> events;
  for (const Row& row : rows)
    if (!events.emplace_back().ParseFromString(row.Text(0)))
      return Internal("a held event cannot be decoded");
  return events;
}

std::string SeedOf(const base::v1::Event& event) {
  return event.aggregate_id() + "." + std::to_string(event.version());
}

}  // namespace

// How far an aggregate is, and what of it waits.
struct Dispatch::Standing {
  int64_t mark = 0;
  int64_t marked = 0;
  bool held = false;
  int64_t highest_held = 0;
};

Dispatch::Dispatch(std::string service, Consumer consumer, Lane& lane, ReadOwner read_owner)
    : service_(std::move(service)),
      consumer_(std::move(consumer)),
      lane_(lane),
      read_owner_(std::move(read_owner)) {}

void Dispatch::NoteApplied(int64_t recorded_us, int64_t occurred_us) {
  for (auto [to, us] : {std::pair{&recorded_us_, recorded_us}, {&occurred_us_, occurred_us}}) {
    int64_t before = to->load();
    while (us > before && !to->compare_exchange_weak(before, us)) {
    }
  }
}

bool Dispatch::Paused(int part) {
  std::lock_guard lock(mutex_);
  return SteadyUs() < paused_until_us_[part];
}

void Dispatch::CountDead(int part) {
  CounterOf("spm_events_held_total", "Events held after a fault of their own",
            {{"service", service_}, {"source", consumer_.source}})
      .Add();
  std::lock_guard lock(mutex_);
  auto& dead = dead_[part];
  dead.push_back(SteadyUs());
  while (dead.front() < SteadyUs() - kMinuteUs) dead.pop_front();
  if (dead.size() < kBadRelease) return;
  paused_until_us_[part] = SteadyUs() + kPauseUs;
  dead.clear();
  LogError("partition paused: too many events fail, which looks like a bad release",
           {{"service", service_}, {"source", consumer_.source}, {"part", std::to_string(part)}});
}

StatusOr<std::map<std::string, Dispatch::Standing>> Dispatch::Load(Tx& tx, const Events& events) {
  std::map<std::string, Standing> standings;
  std::vector<std::string> ids;
  for (const auto& e : events)
    if (standings.try_emplace(e.aggregate_id()).second) ids.push_back(e.aggregate_id());
  ASSIGN_OR_RETURN(
      Rows marks,
      tx.QueryIn("SELECT aggregate_id, version FROM consumed WHERE aggregate_id {{in}}", ids));
  for (const Row& row : marks) {
    Standing& standing = standings[row.Text(0)];
    standing.mark = standing.marked = row.Int(1);
  }
  ASSIGN_OR_RETURN(Rows held, tx.QueryIn("SELECT aggregate_id, MAX(version) FROM held WHERE "
                                         "aggregate_id {{in}} GROUP BY aggregate_id",
                                         ids));
  for (const Row& row : held) {
    standings[row.Text(0)].held = true;
    standings[row.Text(0)].highest_held = row.Int(1);
  }
  return standings;
}

// Puts what is missing before an event, from the owner's journal, in front of it.
Status Dispatch::Fill(Tx&, std::map<std::string, Standing>* standings, Events* events) {
  std::map<std::string, int64_t> next;
  Events filled;
  for (auto& e : *events) {
    auto& at =
        next.try_emplace(e.aggregate_id(), (*standings)[e.aggregate_id()].mark).first->second;
    at = std::max(at, (*standings)[e.aggregate_id()].highest_held);
    if (e.version() > at + 1) {
      ASSIGN_OR_RETURN(Events missing, read_owner_(e.aggregate_id(), at + 1));
      for (auto& m : missing)
        if (m.version() < e.version()) filled.push_back(std::move(m));
    }
    at = std::max(at, e.version());
    filled.push_back(std::move(e));
  }
  *events = std::move(filled);
  return OkStatus();
}

Status Dispatch::RunOne(Tx& tx, const Call& call, int n, const base::v1::Event& event) {
  return tx.RunRow(n, [&]() -> Status {
    if (consumer_.span) return consumer_.span(tx, {event}, call);
    auto function = consumer_.types.find(event.type());
    return function == consumer_.types.end() ? OkStatus() : function->second(tx, event, call);
  });
}

Status Dispatch::Apply(Tx& tx, const Call& call, Events events) {
  ASSIGN_OR_RETURN(auto standings, Load(tx, events));
  RETURN_IF_ERROR(Fill(tx, &standings, &events));
  Events fresh;
  for (auto& e : events) {
    Standing& standing = standings[e.aggregate_id()];
    if (e.version() <= standing.mark || (standing.held && e.version() <= standing.highest_held))
      continue;
    if (standing.held) {
      Hold(tx, consumer_.source, e, "parked", "");
      standing.highest_held = e.version();
      continue;
    }
    standing.mark = e.version();
    fresh.push_back(std::move(e));
  }
  int n = 0;
  bool together = consumer_.span && fresh.size() > 1;
  Status all = OkStatus();
  if (together) all = tx.RunRow(n++, [&] { return consumer_.span(tx, fresh, call); });
  if (together && IsInfrastructure(all)) return all;
  for (const auto& e : fresh) {
    if (together && all.ok()) break;
    Standing& standing = standings[e.aggregate_id()];
    if (standing.held) {
      Hold(tx, consumer_.source, e, "parked", "");
      continue;
    }
    Status status = RunOne(tx, call, n++, e);
    if (status.ok()) continue;
    if (IsInfrastructure(status)) return status;
    const std::string error(status.message());
    Hold(tx, consumer_.source, e, "dead", error);
    tx.OnCommit([this, e, error] { Died(e, error); });
    standing.held = true;
    standing.mark = e.version() - 1;
  }
  int64_t recorded_us = 0, occurred_us = 0;
  for (const auto& e : fresh) {
    recorded_us = std::max(recorded_us, e.recorded_us());
    occurred_us = std::max(occurred_us, e.occurred_us());
  }
  std::vector<Params> marks;
  for (const auto& [id, standing] : standings)
    if (standing.mark > standing.marked) marks.push_back({id, standing.mark});
  tx.WriteMany(kSaveMark, std::move(marks));
  if (LogsDebug())
    for (const auto& e : fresh)
      if (e.version() <= standings[e.aggregate_id()].mark)
        tx.OnCommit([this, e] { LogApplied(e); });
  tx.OnCommit([this, recorded_us, occurred_us, count = fresh.size()] {
    NoteApplied(recorded_us, occurred_us);
    CounterOf("spm_events_applied_total", "Events applied by a consumer",
              {{"service", service_}, {"source", consumer_.source}})
        .Add(static_cast<double>(count));
  });
  return OkStatus();
}

void Dispatch::Deliver(std::vector<Envelope> envelopes, const Done& done) {
  auto events = std::make_shared<Events>();
  for (Envelope& e : envelopes) events->push_back(std::move(e.event));
  if (events->empty()) {
    done(OkStatus());
    return;
  }
  if (Paused(PartOf(events->front().aggregate_id()))) {
    done(Unavailable("the partition is paused"));
    return;
  }
  lane_.Submit(
      Task{.name = "consume " + consumer_.source,
           .request_id = events->front().request_id(),
           .run = [this, events](Tx& tx, const Call& call) { return Apply(tx, call, *events); },
           .done =
               [this, events, done](const Status& status) {
                 if (status.ok() || IsInfrastructure(status)) {
                   done(status);
                 } else {
                   // SQL refused something of the span: the one at fault is found by itself.
                   FillThenAlone(events, done);
                 }
               },
           .rows = static_cast<int>(events->size()),
           .seed = SeedOf(events->front()),
           .trace = events->front().trace()});
}

// With what is missing put in front, so that one event at a time never carries another with it.
void Dispatch::FillThenAlone(const std::shared_ptr<Events>& events, const Done& done) {
  auto filled = std::make_shared<Events>();
  lane_.Submit(Task{.name = "fill",
                    .request_id = "",
                    .run = [this, events, filled](Tx& tx, const Call&) -> Status {
                      *filled = *events;
                      ASSIGN_OR_RETURN(auto standings, Load(tx, *filled));
                      return Fill(tx, &standings, filled.get());
                    },
                    .done =
                        [this, filled, done](const Status& status) {
                          if (status.ok()) {
                            DeliverAlone(filled, 0, done);
                          } else {
                            done(status);
                          }
                        }});
}

void Dispatch::DeliverAlone(const std::shared_ptr<Events>& events, size_t n, const Done& done) {
  if (n == events->size()) {
    done(OkStatus());
    return;
  }
  lane_.Submit(
      Task{.name = "consume " + consumer_.source,
           .request_id = (*events)[n].request_id(),
           .run = [this, events, n](Tx& tx,
                                    const Call& call) { return Apply(tx, call, {(*events)[n]}); },
           .done =
               [this, events, n, done](const Status& status) {
                 if (status.ok()) {
                   DeliverAlone(events, n + 1, done);
                 } else if (IsInfrastructure(status)) {
                   done(status);
                 } else {
                   HoldAlone(events, n, status, done);
                 }
               },
           .seed = SeedOf((*events)[n]),
           .trace = (*events)[n].trace()});
}

void Dispatch::HoldAlone(const std::shared_ptr<Events>& events, size_t n, const Status& why,
                         const Done& done) {
  lane_.Submit(Task{
      .name = "hold",
      .request_id = (*events)[n].request_id(),
      .run = [this, events, n, error = std::string(why.message())](Tx& tx, const Call&) -> Status {
        const base::v1::Event& event = (*events)[n];
        ASSIGN_OR_RETURN(auto standings, Load(tx, {event}));
        const Standing& at = standings[event.aggregate_id()];
        // Another delivery of it came before.
        if (event.version() <= std::max(at.mark, at.highest_held)) return OkStatus();
        Hold(tx, consumer_.source, event, "dead", error);
        tx.OnCommit([this, events, n, error] { Died((*events)[n], error); });
        return OkStatus();
      },
      .done =
          [this, events, n, done](const Status& held) {
            if (held.ok()) {
              DeliverAlone(events, n + 1, done);
            } else {
              done(held);
            }
          }});
}

void Dispatch::Died(const base::v1::Event& event, const std::string& error) {
  LogError("event held", {{"service", service_},
                          {"source", consumer_.source},
                          {"event", SeedOf(event)},
                          {"type", event.type()},
                          {"trace", TraceId(event.trace())},
                          {"request_id", event.request_id()},
                          {"error", error}});
  CountDead(PartOf(event.aggregate_id()));
}

void Dispatch::LogApplied(const base::v1::Event& event) const {
  LogDebug("event applied", {{"service", service_},
                             {"source", consumer_.source},
                             {"event", SeedOf(event)},
                             {"type", event.type()},
                             {"trace", TraceId(event.trace())},
                             {"request_id", event.request_id()}});
}

// Runs the first held event of an aggregate; true where more are held after it.
StatusOr<bool> Dispatch::ReplayFirst(const std::string& id, int64_t* applied) {
  bool more = false;
  Events held;
  Status status = lane_.Run("replay", [&](Tx& tx, const Call& call) -> Status {
    more = false;
    ASSIGN_OR_RETURN(held, HeldOf(tx, consumer_.source, id));
    if (held.empty()) return OkStatus();
    RETURN_IF_ERROR(RunOne(tx, call, 0, held[0]));
    tx.WriteOne("DELETE FROM held WHERE aggregate_id = $1 AND version = $2",
                {id, held[0].version()});
    SaveMark(tx, id, held[0].version());
    more = held.size() > 1;
    tx.OnCommit([this, applied, event = held[0]] {
      ++*applied;
      LogApplied(event);
    });
    return OkStatus();
  });
  if (status.ok()) return more;
  if (IsInfrastructure(status) || held.empty()) return status;
  // It stays, with what went wrong this time.
  RETURN_IF_ERROR(lane_.Run("hold", [&](Tx& tx, const Call&) {
    Hold(tx, consumer_.source, held[0], "dead", std::string(status.message()));
    return OkStatus();
  }));
  return false;
}

StatusOr<int64_t> Dispatch::Replay(const std::string& aggregate_id) {
  std::vector<std::string> ids;
  RETURN_IF_ERROR(lane_.Run("held", [&](Tx& tx, const Call&) -> Status {
    ASSIGN_OR_RETURN(Rows rows, tx.Query("SELECT DISTINCT aggregate_id FROM held WHERE source = $1 "
                                         "ORDER BY aggregate_id",
                                         {consumer_.source}));
    ids.clear();
    for (const Row& row : rows)
      if (aggregate_id.empty() || aggregate_id == row.Text(0)) ids.push_back(row.Text(0));
    return OkStatus();
  }));
  int64_t applied = 0;
  for (const std::string& id : ids) {
    for (bool more = true; more;) {
      ASSIGN_OR_RETURN(more, ReplayFirst(id, &applied));
    }
  }
  return applied;
}

StatusOr<std::optional<HeldFirst>> Dispatch::DiscardFirst(Tx& tx, const std::string& aggregate_id,
                                                          int64_t version) {
  ASSIGN_OR_RETURN(Rows rows, tx.Query("SELECT envelope, error FROM held WHERE source = $1 AND "
                                       "aggregate_id = $2 ORDER BY version LIMIT 1",
                                       {consumer_.source, aggregate_id}));
  if (rows.empty()) return std::optional<HeldFirst>();
  HeldFirst first{.source = consumer_.source, .event = {}, .error = rows[0].Text(1)};
  if (!first.event.ParseFromString(rows[0].Text(0)))
    return Internal("a held event cannot be decoded");
  if (version != 0 && version != first.event.version()) return std::optional<HeldFirst>();
  tx.WriteOne("DELETE FROM held WHERE aggregate_id = $1 AND version = $2",
              {aggregate_id, first.event.version()});
  SaveMark(tx, aggregate_id, first.event.version());
  return std::optional<HeldFirst>(std::move(first));
}

}  // namespace spm
