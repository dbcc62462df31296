// The one write path of a service. A lane is one thread and one connection; it takes all that
// waits, up to 256 commands or 2,000 rows, and decides them in one transaction. Submit is
// thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/db/db.h"
#include "common/db/table.h"
#include "common/write/call.h"
#include "common/write/journal.h"

namespace spm {

// Rows that a command names, for one query a table instead of one a command.
struct Wanted {
  const TableCore* table = nullptr;
  // Empty for ids, else a unique column.
  std::string column;
  std::string key;
};

// A command that waits for the lane.
struct Command {
  // "spm.leads.v1.LeadService/CreateLead"
  std::string method;
  std::string request_id;
  // SHA-256 of the request.
  std::string hash;
  Caller caller;
  std::string trace;
  std::vector<Wanted> wanted;
  int rows = 1;
  std::function<bool()> cancelled;
  // Decides. May run twice; no effect outside of Tx.
  std::function<StatusOr<std::string>(Tx&, const Call&)> run;
  // Called once, from the lane's thread, after the commit or the refusal, with the reply's bytes.
  std::function<void(StatusOr<std::string>)> done;
  // Set by the lane: when it came (steady clock).
  std::chrono::steady_clock::time_point came{};
};

// Work of a consumer, timer, job, or of the machinery. A failing task leaves no trace and does not
// harm its neighbours.
struct Task {
  std::string name;
  // Actor and source of ids; "" for machinery that publishes nothing.
  std::string request_id;
  std::function<Status(Tx&, const Call&)> run;
  // From the lane's thread.
  std::function<void(Status)> done;
  int rows = 1;
  // Tells apart tasks of the same name and request, whose new ids must differ.
  std::string seed = "";
  // W3C traceparent of what led to it.
  std::string trace = "";
};

// Rows of a part of the outbox that all consumers have. They are deleted with the next commit, or
// by one of their own where the lane has nothing else to do.
struct Delivered {
  int part = 0;
  std::vector<int64_t> seqs;
  // From the lane's thread.
  std::function<void(Status)> done;
};

// Fills the parts of a Call that come from the service: scope, company, directory, policies.
using MakeCall = std::function<Call(const Caller&, int64_t now_us)>;

class Lane {
 public:
  struct Options {
    std::string service;
    Db* db = nullptr;
    const Clock* clock = nullptr;
    MakeCall make_call;
    // After a commit with events: the relay.
    std::function<void()> wake_relay;
    size_t max_commands = 256;
    int max_rows = 2000;
    // Commands waiting beyond this are RESOURCE_EXHAUSTED with RetryInfo.
    size_t max_waiting = 20000;
    // Undelivered events beyond this stop commands likewise (G8).
    int64_t max_outbox = 2'000'000;
    // For tests. Asked at each named step; true is a crash: the lane rolls back or leaves what is
    // committed, answers nobody any more, and stops.
    std::function<bool(const char* step)> crash;
  };

  explicit Lane(Options options);
  ~Lane();
  Lane(const Lane&) = delete;
  // Opens the connection, reads where the clock stood, starts the thread.
  Status Start();

  void Submit(Command command);
  void Submit(Task task);
  void Submit(Delivered delivered);
  // Runs a task and waits for it. Not from the lane's thread.
  Status Run(std::string name, std::function<Status(Tx&, const Call&)> run);
  // Takes nothing new, ends what waits, joins.
  void Stop();

  size_t depth() const;
  // Nothing waits and nothing runs.
  bool idle() const;
  // The lane's clock: never goes back, after a restart either.
  int64_t NowUs();
  // Events not delivered yet.
  int64_t outbox() const { return outbox_.load(); }
  // Position of the newest event.
  int64_t journal_seq() const { return seq_.load(); }

 private:
  struct Handled;
  // What a batch writes at its end.
  struct Output {
    std::vector<JournalEvent> events;
    std::vector<Params> handled;
    std::vector<std::function<void()>> then;
  };

  static Status Stopped();
  void Loop();
  void AwaitMore(std::unique_lock<std::mutex>& lock, size_t last);
  void RunCommands(std::vector<Command> batch);
  void RunTasks(std::vector<Task> batch);
  void RunDelivered();
  Status TryCommands(std::vector<Command>& batch, std::vector<StatusOr<std::string>>* replies);
  StatusOr<std::string> RunAlone(Command& command);
  Status TryTasks(std::vector<Task*> batch, std::vector<Status>* outcomes);
  Status Prefetch(Batch& batch, const std::vector<Command>& commands);
  StatusOr<std::string> Decide(Batch& batch, Command& command, Tx::RowFaults* faults,
                               Output* output, Status* fatal);
  Status Finish(Output* output);
  StatusOr<int64_t> DeleteDelivered();
  void AnswerDelivered(const Status& status);
  bool Crash(const char* step);

  Options options_;
  std::unique_ptr<Connection> connection_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Command> commands_;
  // So many commands wake the lane.
  size_t wakes_at_ = 1;
  std::deque<Task> tasks_;
  std::vector<Delivered> delivered_;
  // What rides with the next commit; of the lane's thread.
  std::vector<Delivered> riding_;
  bool busy_ = false;
  bool stopping_ = false;
  std::atomic<bool> crashed_{false};
  std::atomic<int64_t> last_us_{0};
  std::atomic<int64_t> seq_{0};
  std::atomic<int64_t> outbox_{0};
  // Tasks that Run has submitted.
  std::atomic<int64_t> runs_{0};
};

}  // namespace spm
