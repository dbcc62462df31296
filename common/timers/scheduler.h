// Fires the due timers of a service and runs its jobs, in its lane. A timer fires once: its row
// goes in the transaction of what it leads to. A job runs on the replica that holds its lease. One
// thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/db/db.h"
#include "common/timers/timers.h"
#include "common/write/lane.h"

namespace spm {

struct Job {
  std::string name;
  // Time between runs, in microseconds: real time, and what the test clock is moved by.
  int64_t period_us = 0;
  // One step in one transaction; true: there is more, run again at once.
  std::function<StatusOr<bool>(Tx&, const Call&)> run;
};

using TimerFunction = std::function<Status(Tx&, const TimerFired&, const Call&)>;

class Scheduler {
 public:
  Scheduler(std::string service, Db& db, Lane& lane, std::map<std::string, TimerFunction> timers,
            std::vector<Job> jobs);
  ~Scheduler();
  void Start();
  void Wake();
  // The test clock was moved: timers may be due, and the time counts for the periods of jobs.
  void ClockMoved(int64_t by_us);
  void Stop();

  // Earliest time at which a timer is due, in microseconds; 0 where none is set.
  StatusOr<int64_t> NextDueUs();
  // No timer is due at the lane's time and none is being fired, and no job has more to do.
  bool Idle();
  // Timers fired since the start.
  int64_t fired() const { return fired_.load(); }

 private:
  struct JobState {
    Job job;
    int64_t next_us = 0;
    int64_t lease_until_us = 0;
    bool more = false;
    bool running = false;
    // The clock was moved while it ran.
    bool again = false;
  };
  void Loop();
  void FireDue();
  void FireOne(const TimerFired& timer);
  void RunJobs();
  void RunJob(JobState* state);
  // So that the next replica, or this one after a restart, need not wait for their end.
  void ReleaseLeases();

  std::string service_;
  Db& db_;
  Lane& lane_;
  std::map<std::string, TimerFunction> timers_;
  // Of timers_; what an older release has set and this one does not know stays where it is.
  std::vector<std::string> kinds_;
  std::vector<JobState> jobs_;
  std::string owner_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  bool stopping_ = false;
  std::atomic<int> under_way_{0};
  // Of those, timers: they are not looked for again before all have answered.
  std::atomic<int> firing_{0};
  std::atomic<int64_t> fired_{0};
  // Timers that failed, and when they are tried again (steady clock).
  std::map<std::pair<std::string, std::string>, int64_t> retry_us_;
};

}  // namespace spm
