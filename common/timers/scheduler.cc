#include "common/timers/scheduler.h"

#include <algorithm>
#include <chrono>

#include "common/base/ids.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/time.h"

namespace spm {
namespace {

constexpr auto kTick = std::chrono::milliseconds(50);
constexpr int kSpan = 500;
constexpr int64_t kRetryUs = 10 * kSecondUs;
// After what is no fault of the timer or job: a full disk, a stopping lane.
constexpr int64_t kSoonUs = kSecondUs;
constexpr int64_t kLeaseUs = 30 * kSecondUs;

int64_t SteadyUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Leases go by real time, whatever the test clock says.
int64_t RealUs() { return SystemClock().NowUs(); }

// A lease that ends later than one taken now would is from before the clock was set back.
bool Stands(int64_t until_us) {
  const int64_t now_us = RealUs();
  return now_us < until_us && until_us <= now_us + kLeaseUs;
}

struct Lease {
  bool ours = false;
  int64_t until_us = 0;
};

// Ours where nobody else holds it.
StatusOr<Lease> TakeLease(Tx& tx, const std::string& name, const std::string& owner) {
  ASSIGN_OR_RETURN(Rows rows,
                   tx.Query("SELECT owner, until_us FROM lease WHERE name = $1", {name}));
  if (!rows.empty() && rows[0].Text(0) != owner && Stands(rows[0].Int(1)))
    return Lease{false, rows[0].Int(1)};
  const int64_t until_us = RealUs() + kLeaseUs;
  tx.WriteOne(
      "INSERT INTO lease (name, owner, epoch, until_us) VALUES ($1, $2, 1, $3) ON CONFLICT (name) "
      "DO UPDATE SET owner = excluded.owner, epoch = lease.epoch + 1, until_us = excluded.until_us",
      {name, owner, until_us});
  return Lease{true, until_us};
}

}  // namespace

Scheduler::Scheduler(std::string service, Db& db, Lane& lane,
                     std::map<std::string, TimerFunction> timers, std::vector<Job> jobs)
    : service_(std::move(service)),
      db_(db),
      lane_(lane),
      timers_(std::move(timers)),
      owner_(RandomUuid()) {
  for (Job& job : jobs) jobs_.push_back({.job = std::move(job)});
  for (const auto& [kind, function] : timers_) kinds_.push_back(kind);
}

Scheduler::~Scheduler() { Stop(); }

void Scheduler::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Scheduler::Wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void Scheduler::ClockMoved(int64_t by_us) {
  {
    std::lock_guard lock(mutex_);
    for (JobState& state : jobs_) {
      state.next_us -= by_us;
      if (state.running) state.again = true;
      if (state.next_us <= SteadyUs()) state.more = true;
    }
    woken_ = true;
  }
  wake_.notify_all();
}

void Scheduler::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  const bool started = thread_.joinable();
  if (started) thread_.join();
  {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return under_way_.load() == 0; });
  }
  if (started) ReleaseLeases();
}

void Scheduler::ReleaseLeases() {
  Status released = lane_.Run("release leases", [this](Tx& tx, const Call&) {
    tx.Write("DELETE FROM lease WHERE owner = $1", {owner_});
    return OkStatus();
  });
  // They end by themselves.
  if (!released.ok())
    LogWarn("leases not released",
            {{"service", service_}, {"error", std::string(released.message())}});
}

void Scheduler::Loop() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kTick, [this] { return woken_ || stopping_; });
      if (stopping_) return;
      woken_ = false;
    }
    if (firing_.load() == 0) FireDue();
    RunJobs();
  }
}

StatusOr<int64_t> Scheduler::NextDueUs() {
  if (kinds_.empty()) return 0;
  ASSIGN_OR_RETURN(auto snapshot, db_.OpenSnapshot());
  ASSIGN_OR_RETURN(
      Rows rows, snapshot->QueryIn(
                     "SELECT due_us FROM timer WHERE kind {{in}} ORDER BY due_us LIMIT 1", kinds_));
  return rows.empty() ? 0 : rows[0].Int(0);
}

bool Scheduler::Idle() {
  if (under_way_.load() > 0) return false;
  {
    std::lock_guard lock(mutex_);
    for (const JobState& state : jobs_)
      if (state.more) return false;
  }
  auto due = NextDueUs();
  return due.ok() && (*due == 0 || *due > lane_.NowUs());
}

void Scheduler::FireDue() {
  if (kinds_.empty()) return;
  auto snapshot = db_.OpenSnapshot();
  if (!snapshot.ok()) return;
  int64_t limit = kSpan;
  {
    // Those that wait to be tried again must not stand in the way of the others.
    std::lock_guard lock(mutex_);
    limit += static_cast<int64_t>(retry_us_.size());
  }
  auto rows = (*snapshot)->QueryIn(
      "SELECT kind, key, due_us, payload FROM timer WHERE kind {{in}} AND due_us <= $2 "
      "ORDER BY due_us, kind, key LIMIT $3",
      kinds_, {lane_.NowUs(), limit});
  snapshot->reset();
  if (!rows.ok()) return;
  for (const Row& row : *rows) {
    const TimerFired timer{row.Text(0), row.Text(1), row.Int(2), row.Text(3)};
    {
      std::lock_guard lock(mutex_);
      auto retry = retry_us_.find({timer.kind, timer.key});
      if (retry != retry_us_.end() && retry->second > SteadyUs()) continue;
    }
    FireOne(timer);
  }
}

void Scheduler::FireOne(const TimerFired& timer) {
  auto function = timers_.find(timer.kind);
  if (function == timers_.end()) return;
  ++under_way_;
  ++firing_;
  lane_.Submit(Task{
      .name = "timer " + timer.kind,
      .request_id = timer.kind + "/" + timer.key + "/" + std::to_string(timer.due_us),
      .run = [timer, run = &function->second](Tx& tx, const Call& call) -> Status {
        // Cancelled or moved since it was seen: it is not due any more.
        ASSIGN_OR_RETURN(Rows rows,
                         tx.Query("SELECT due_us FROM timer WHERE kind = $1 AND key = $2",
                                  {timer.kind, timer.key}));
        if (rows.empty() || rows[0].Int(0) != timer.due_us) return OkStatus();
        RETURN_IF_ERROR((*run)(tx, timer, call));
        // Setting it again in its own function moves it instead.
        tx.Write("DELETE FROM timer WHERE kind = $1 AND key = $2 AND due_us = $3",
                 {timer.kind, timer.key, timer.due_us});
        return OkStatus();
      },
      .done =
          [this, timer](const Status& status) {
            if (status.ok()) {
              ++fired_;
              CounterOf("spm_timers_fired_total", "Timers fired", {{"service", service_}}).Add();
            } else if (!IsInfrastructure(status)) {
              LogError("timer failed, will be tried again",
                       {{"service", service_},
                        {"timer", timer.kind + "/" + timer.key},
                        {"error", std::string(status.message())}});
            }
            std::lock_guard lock(mutex_);
            if (status.ok()) {
              retry_us_.erase({timer.kind, timer.key});
            } else {
              retry_us_[{timer.kind, timer.key}] =
                  SteadyUs() + (IsInfrastructure(status) ? kSoonUs : kRetryUs);
            }
            --under_way_;
            if (--firing_ == 0) woken_ = true;
            wake_.notify_all();
          }});
}

void Scheduler::RunJobs() {
  for (JobState& state : jobs_) {
    {
      std::lock_guard lock(mutex_);
      if (state.running || stopping_ || (!state.more && SteadyUs() < state.next_us)) continue;
      state.running = true;
    }
    RunJob(&state);
  }
}

void Scheduler::RunJob(JobState* state) {
  ++under_way_;
  auto more = std::make_shared<bool>(false);
  auto lease = std::make_shared<Lease>();
  int64_t until_us = 0;
  {
    std::lock_guard lock(mutex_);
    until_us = state->lease_until_us;
  }
  lane_.Submit(
      Task{.name = "job " + state->job.name,
           .request_id = "job/" + state->job.name + "/" + std::to_string(RealUs()),
           .run = [this, state, until_us, more, lease](Tx& tx, const Call& call) -> Status {
             *more = false;
             *lease = {true, until_us};
             // Renewed well before its end, not at every run.
             if (RealUs() + kLeaseUs / 2 > until_us || !Stands(until_us)) {
               ASSIGN_OR_RETURN(*lease, TakeLease(tx, "job:" + state->job.name, owner_));
               if (!lease->ours) return OkStatus();
             }
             ASSIGN_OR_RETURN(*more, state->job.run(tx, call));
             return OkStatus();
           },
           .done =
               [this, state, more, lease](const Status& status) {
                 if (!status.ok() && !IsInfrastructure(status))
                   LogError("job failed", {{"service", service_},
                                           {"job", state->job.name},
                                           {"error", std::string(status.message())}});
                 std::lock_guard lock(mutex_);
                 state->running = false;
                 state->more = (status.ok() && *more) || state->again;
                 state->again = false;
                 state->lease_until_us = status.ok() && lease->ours ? lease->until_us : 0;
                 int64_t wait_us = state->job.period_us;
                 if (status.ok() && !lease->ours)
                   wait_us = std::min(wait_us, std::max<int64_t>(lease->until_us - RealUs(), 0));
                 if (IsInfrastructure(status)) wait_us = std::min(wait_us, kSoonUs);
                 state->next_us = SteadyUs() + wait_us;
                 if (state->more) woken_ = true;
                 --under_way_;
                 wake_.notify_all();
               }});
}

}  // namespace spm
