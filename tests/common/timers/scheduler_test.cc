// Leases between two schedulers on one database, and timers that nobody knows or that fail.
#include "common/timers/scheduler.h"

#include <gtest/gtest.h>

#include <chrono>

#include "common/base/embed.h"
#include "common/base/ids.h"
#include "tests/support/temp_folder.h"

namespace spm {
namespace {

constexpr int64_t kStart = 1'772'409'600'000'000;

// A replica: its own connection and lane on the shared database.
struct Replica {
  Replica(Db& db, const Clock& clock, std::map<std::string, TimerFunction> timers,
          std::vector<Job> jobs)
      : lane({.service = "test",
              .db = &db,
              .clock = &clock,
              .make_call =
                  [](const Caller& caller, int64_t now_us) {
                    Call call;
                    call.caller = caller;
                    call.now_us = now_us;
                    return call;
                  },
              .wake_relay = nullptr,
              .crash = nullptr}),
        scheduler("test", db, lane, std::move(timers), std::move(jobs)) {
    EXPECT_TRUE(lane.Start().ok());
  }
  ~Replica() {
    scheduler.Stop();
    lane.Stop();
  }
  Lane lane;
  Scheduler scheduler;
};

class Leases : public ::testing::Test {
 protected:
  void SetUp() override {
    auto db = Db::OpenSqlite(folder_.path() + "/jobs.db");
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = std::move(*db);
    ASSERT_TRUE(Migrate(*db_, EmbeddedSchema("common/write")).ok());
  }
  Job Counting(std::atomic<int>* runs) {
    return {.name = "count", .period_us = 1000, .run = [runs](Tx&, const Call&) -> StatusOr<bool> {
              ++*runs;
              return false;
            }};
  }
  static bool Within(int seconds, const std::function<bool()>& what) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (!what()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }
  void Execute(const std::string& sql) {
    auto connection = db_->Connect();
    ASSERT_TRUE(connection.ok());
    auto done = (*connection)->Execute(sql);
    ASSERT_TRUE(done.ok()) << done.status();
  }

  testing::TempFolder folder_;
  std::unique_ptr<Db> db_;
  ManualClock clock_{kStart};
};

TEST_F(Leases, AJobRunsOnOneReplicaAtATimeAndMovesWhenThatStops) {
  std::atomic<int> first_runs{0}, second_runs{0};
  auto first = std::make_unique<Replica>(*db_, clock_, std::map<std::string, TimerFunction>(),
                                         std::vector<Job>{Counting(&first_runs)});
  first->scheduler.Start();
  ASSERT_TRUE(Within(20, [&] { return first_runs > 2; }));
  Replica second(*db_, clock_, {}, {Counting(&second_runs)});
  second.scheduler.Start();
  const int before = first_runs;
  ASSERT_TRUE(Within(20, [&] { return first_runs > before + 5; }));
  EXPECT_EQ(second_runs, 0);
  // A clean stop gives the lease back; nobody waits for its end.
  first.reset();
  EXPECT_TRUE(Within(10, [&] { return second_runs > 0; }));
}

// A replica that died keeps its lease until its time is over, and not a moment longer.
TEST_F(Leases, ExpireOfADeadReplica) {
  const int64_t until_us = SystemClock().NowUs() + kSecondUs;
  Execute("INSERT INTO lease (name, owner, epoch, until_us) VALUES ('job:count', 'dead', 7, " +
          std::to_string(until_us) + ")");
  std::atomic<int> runs{0};
  std::atomic<int64_t> first_us{0};
  Job job{.name = "count", .period_us = kHourUs, .run = [&](Tx&, const Call&) -> StatusOr<bool> {
            if (runs++ == 0) first_us = SystemClock().NowUs();
            return false;
          }};
  Replica replica(*db_, clock_, {}, {job});
  replica.scheduler.Start();
  ASSERT_TRUE(Within(20, [&] { return runs > 0; }));
  EXPECT_GE(first_us, until_us);
}

// T12: the wall clock may be set back by a day, and nobody waits a day for a dead replica.
TEST_F(Leases, FromBeforeTheClockWasSetBackAreOver) {
  Execute("INSERT INTO lease (name, owner, epoch, until_us) VALUES ('job:count', 'dead', 7, " +
          std::to_string(SystemClock().NowUs() + kDayUs) + ")");
  std::atomic<int> runs{0};
  Replica replica(*db_, clock_, {}, {Counting(&runs)});
  replica.scheduler.Start();
  EXPECT_TRUE(Within(20, [&] { return runs > 0; }));
}

TEST_F(Leases, ThePeriodOfAJobCountsWhatTheClockIsMovedBy) {
  std::atomic<int> runs{0};
  Job job{.name = "daily", .period_us = kDayUs, .run = [&](Tx&, const Call&) -> StatusOr<bool> {
            ++runs;
            return false;
          }};
  Replica replica(*db_, clock_, {}, {job});
  replica.scheduler.Start();
  ASSERT_TRUE(Within(20, [&] { return runs == 1 && replica.scheduler.Idle(); }));
  replica.scheduler.ClockMoved(kDayUs - kHourUs);
  ASSERT_TRUE(Within(20, [&] { return replica.scheduler.Idle(); }));
  EXPECT_EQ(runs, 1);
  replica.scheduler.ClockMoved(kHourUs);
  EXPECT_TRUE(Within(20, [&] { return runs == 2 && replica.scheduler.Idle(); }));
}

TEST_F(Leases, ATimerOfAnUnknownKindDoesNotKeepTheOthersOrTheClockWaiting) {
  Execute("INSERT INTO timer (kind, key, part, due_us, payload) VALUES ('gone', 'k', 0, 1, '')");
  std::atomic<int> fired{0};
  Replica replica(*db_, clock_,
                  {{"known",
                    [&](Tx&, const TimerFired&, const Call&) {
                      ++fired;
                      return OkStatus();
                    }}},
                  {});
  ASSERT_TRUE(replica.lane
                  .Run("set",
                       [](Tx& tx, const Call&) {
                         SetTimer(tx, "known", "k", kStart - 5);
                         SetTimer(tx, "known", "later", kStart + kHourUs);
                         return OkStatus();
                       })
                  .ok());
  replica.scheduler.Start();
  ASSERT_TRUE(Within(20, [&] { return fired == 1; }));
  EXPECT_TRUE(Within(20, [&] { return replica.scheduler.Idle(); }));
  EXPECT_EQ(*replica.scheduler.NextDueUs(), kStart + kHourUs);
}

// More failing timers than one look takes: the one behind them fires all the same.
TEST_F(Leases, TimersThatFailDoNotStandInTheWayOfOthers) {
  std::atomic<int> failed{0}, fired{0};
  Replica replica(*db_, clock_,
                  {{"bad",
                    [&](Tx&, const TimerFired&, const Call&) {
                      ++failed;
                      return Precondition("NOT_NOW", "not now");
                    }},
                   {"good",
                    [&](Tx&, const TimerFired&, const Call&) {
                      ++fired;
                      return OkStatus();
                    }}},
                  {});
  ASSERT_TRUE(replica.lane
                  .Run("set",
                       [](Tx& tx, const Call&) {
                         for (int i = 0; i < 600; ++i)
                           SetTimer(tx, "bad", std::to_string(i), kStart - 10);
                         SetTimer(tx, "good", "k", kStart - 5);
                         return OkStatus();
                       })
                  .ok());
  replica.scheduler.Start();
  EXPECT_TRUE(Within(8, [&] { return fired == 1; }));
  EXPECT_GE(failed, 600);
}

}  // namespace
}  // namespace spm
