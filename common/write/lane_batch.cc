// What a lane does with a batch: decides commands and runs tasks in one transaction, and one by one
// where that fails. On the lane's thread.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/write/lane.h"

namespace spm {
namespace {

constexpr char kSelectHandled[] = "SELECT id, scope, hash, reply FROM handled WHERE id {{in}}";
constexpr char kInsertHandled[] =
    "INSERT INTO handled (id, scope, hash, reply, at_us) VALUES ($1, $2, $3, $4, $5)";

// Repeats are known by (id, scope): another caller's id finds nothing.
std::string ScopeOf(const Command& command) { return command.method + "|" + command.caller.id; }
std::string KeyOf(const std::string& id, const std::string& scope) { return id + "|" + scope; }

Status Reused() {
  return Error(
      StatusCode::kInvalidArgument, "REQUEST_ID_REUSED",
      "request_id: was used for another request; make a new version-4 UUID for each command",
      {{"request_id", "make a new version-4 UUID for each command"}});
}

// A refusal after something was sent: the batch is lost, and nobody else may be told its reason.
Status Late(const Status& refusal) {
  return Internal("refused after its writes were sent: " + std::string(refusal.message()));
}
Status FatalOf(const Tx& tx) { return tx.refused() ? Late(tx.failure()) : tx.failure(); }

// What the caller of a batch learns of a row that the database refused.
Status RowFault(const std::string& method, int row, const Status& fault) {
  if (fault.code() != StatusCode::kInternal) return fault;
  LogWarn(
      "a row cannot be stored",
      {{"method", method}, {"row", std::to_string(row)}, {"error", std::string(fault.message())}});
  return Internal("the row cannot be stored; the log has the cause");
}

// Nothing that a library or a handler throws may end the lane.
template <typename F>
auto Guarded(F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::exception& e) {
    return Internal(std::string("exception: ") + e.what());
  }
}

void Collect(Tx& tx, const Call& call, int64_t now_us, const std::string& request_id,
             std::vector<JournalEvent>* events) {
  for (PendingEvent& e : tx.events())
    events->push_back(
        {std::move(e), now_us, call.caller.id, request_id, call.policies_used(), call.trace});
}

}  // namespace

// Replies that the batch already stands by, by KeyOf.
struct Lane::Handled {
  std::string hash;
  std::string reply;
};

Status Lane::Prefetch(Batch& batch, const std::vector<Command>& commands) {
  std::map<std::pair<const TableCore*, std::string>, std::vector<std::string>> wanted;
  for (const Command& c : commands)
    for (const Wanted& w : c.wanted) wanted[{w.table, w.column}].push_back(w.key);
  Tx tx(batch, 0);
  for (const auto& [from, keys] : wanted) {
    if (from.second.empty()) {
      RETURN_IF_ERROR(from.first->Prefetch(tx, keys));
    } else {
      RETURN_IF_ERROR(from.first->PrefetchKeys(tx, from.second, keys));
    }
  }
  return OkStatus();
}

// Runs one command in a Tx of its own. `fatal` is set where the batch cannot be committed any more.
StatusOr<std::string> Lane::Decide(Batch& batch, Command& command, Tx::RowFaults* faults,
                                   Output* output, Status* fatal) {
  const int64_t now_us = NowUs();
  Tx tx(batch, now_us);
  tx.set_row_faults(faults);
  Call call = options_.make_call(command.caller, now_us);
  call.request_id = command.request_id;
  call.trace = command.trace;
  call.id_seed = KeyOf(command.request_id, ScopeOf(command));
  StatusOr<std::string> reply = Guarded([&] { return command.run(tx, call); });
  if (!tx.failure().ok()) {
    *fatal = FatalOf(tx);
    return tx.failure();
  }
  if (!reply.ok()) {
    if (tx.flushed()) {
      *fatal = Late(reply.status());
    } else {
      tx.Undo();
    }
    return reply;
  }
  Status sent = tx.Flush();
  if (!sent.ok()) {
    *fatal = sent;
    return sent;
  }
  Collect(tx, call, now_us, command.request_id, &output->events);
  output->handled.push_back(
      {command.request_id, ScopeOf(command), Bytes{command.hash}, Bytes{*reply}, now_us});
  for (auto& then : tx.then()) output->then.push_back(std::move(then));
  return reply;
}

Status Lane::Finish(Output* output) {
  if (!output->events.empty())
    RETURN_IF_ERROR(AppendJournal(*connection_, seq_ + 1, output->events));
  if (!output->handled.empty())
    RETURN_IF_ERROR(connection_->ExecuteMany(kInsertHandled, output->handled));
  ASSIGN_OR_RETURN(const int64_t deleted, DeleteDelivered());
  if (Crash("before_commit")) {
    connection_->Rollback();
    return Stopped();
  }
  RETURN_IF_ERROR(connection_->Commit());
  seq_ += static_cast<int64_t>(output->events.size());
  outbox_ += static_cast<int64_t>(output->events.size()) - deleted;
  for (auto& then : output->then) then();
  if (!output->events.empty() && options_.wake_relay) options_.wake_relay();
  if (!Crash("after_commit")) AnswerDelivered(OkStatus());
  return OkStatus();
}

StatusOr<int64_t> Lane::DeleteDelivered() {
  int64_t deleted = 0;
  for (const Delivered& delivered : riding_) {
    std::vector<Params> rows;
    rows.reserve(delivered.seqs.size());
    for (int64_t seq : delivered.seqs) rows.push_back({int64_t{delivered.part}, seq});
    ASSIGN_OR_RETURN(const int64_t n, connection_->ExecuteMany(
                                          "DELETE FROM outbox WHERE part = $1 AND seq = $2", rows));
    deleted += n;
  }
  return deleted;
}

void Lane::AnswerDelivered(const Status& status) {
  for (const Delivered& delivered : std::exchange(riding_, {})) delivered.done(status);
}

void Lane::RunDelivered() {
  Output output;
  Status status = connection_->Begin();
  if (status.ok()) status = Finish(&output);
  if (status.ok() || crashed_) return;
  connection_->Rollback();
  AnswerDelivered(status);
}

Status Lane::TryCommands(std::vector<Command>& commands,
                         std::vector<StatusOr<std::string>>* replies) {
  RETURN_IF_ERROR(connection_->Begin());
  std::vector<std::string> ids;
  ids.reserve(commands.size());
  for (const Command& c : commands) ids.push_back(c.request_id);
  ASSIGN_OR_RETURN(Rows rows, connection_->QueryIn(kSelectHandled, ids));
  std::unordered_map<std::string, Handled> handled;
  for (const Row& row : rows) handled[KeyOf(row.Text(0), row.Text(1))] = {row.Text(2), row.Text(3)};
  Batch batch(*connection_);
  RETURN_IF_ERROR(Prefetch(batch, commands));
  Output output;
  for (size_t i = 0; i < commands.size(); ++i) {
    Command& command = commands[i];
    auto known = handled.find(KeyOf(command.request_id, ScopeOf(command)));
    if (known != handled.end()) {
      if (known->second.hash == command.hash) {
        (*replies)[i] = known->second.reply;
      } else {
        (*replies)[i] = Reused();
      }
      continue;
    }
    if (command.cancelled && command.cancelled()) {
      (*replies)[i] = Error(StatusCode::kCancelled, "CANCELLED", "the caller has given up");
      continue;
    }
    if (Crash("before_run")) break;
    Tx::RowFaults faults;
    Status fatal;
    (*replies)[i] = Decide(batch, command, &faults, &output, &fatal);
    RETURN_IF_ERROR(fatal);
    if ((*replies)[i].ok())
      handled[KeyOf(command.request_id, ScopeOf(command))] = {command.hash, *(*replies)[i]};
    if (Crash("after_run")) break;
  }
  if (crashed_) return Stopped();
  return Finish(&output);
}

// A transaction of its own. A row of a batch call that fails in SQL is found by sending row by row,
// and the call runs again without it.
StatusOr<std::string> Lane::RunAlone(Command& command) {
  Tx::RowFaults faults;
  while (!crashed_) {
    RETURN_IF_ERROR(connection_->Begin());
    ASSIGN_OR_RETURN(Rows rows,
                     connection_->Query("SELECT hash, reply FROM handled WHERE id = $1 AND "
                                        "scope = $2",
                                        {command.request_id, ScopeOf(command)}));
    if (!rows.empty()) {
      connection_->Rollback();
      if (rows[0].Text(0) != command.hash) return Reused();
      return rows[0].Text(1);
    }
    Batch batch(*connection_);
    Output output;
    Status fatal;
    faults.failed = -1;
    auto reply = Decide(batch, command, &faults, &output, &fatal);
    if (fatal.ok() && reply.ok()) {
      Status finished = Finish(&output);
      if (finished.ok()) return reply;
      connection_->Rollback();
      return finished;
    }
    connection_->Rollback();
    if (fatal.ok() || IsInfrastructure(fatal)) return reply;
    if (faults.failed >= 0) {
      faults.known[faults.failed] = RowFault(command.method, faults.failed, reply.status());
    } else if (!faults.each && command.rows > 1) {
      faults.each = true;
    } else {
      return reply;
    }
  }
  return Stopped();
}

void Lane::RunCommands(std::vector<Command> commands) {
  auto started = std::chrono::steady_clock::now();
  HistogramOf("spm_lane_wait_seconds", "How long the first command of a batch waited for the lane",
              {{"service", options_.service}})
      .Observe(std::chrono::duration<double>(started - commands.front().came).count());
  // By the first aggregate named, creations last; an aggregate's commands keep their order.
  std::stable_sort(commands.begin(), commands.end(), [](const Command& a, const Command& b) {
    auto first = [](const Command& c) -> std::pair<bool, std::string> {
      for (const Wanted& w : c.wanted)
        if (w.column.empty()) return {false, w.key};
      return {true, ""};
    };
    return first(a) < first(b);
  });
  std::vector<StatusOr<std::string>> replies(commands.size(), StatusOr<std::string>(Stopped()));
  Status tried = TryCommands(commands, &replies);
  if (crashed_) return;
  if (!tried.ok()) {
    connection_->Rollback();
    if (!IsInfrastructure(tried))
      LogWarn("batch failed, its commands run one by one",
              {{"service", options_.service}, {"error", std::string(tried.message())}});
    for (size_t i = 0; i < commands.size() && !crashed_; ++i) {
      if (IsInfrastructure(tried)) {
        replies[i] = tried;
      } else {
        replies[i] = RunAlone(commands[i]);
        if (!replies[i].ok()) connection_->Rollback();
      }
    }
    if (crashed_) return;
  }
  HistogramOf("spm_lane_batch_seconds", "Time of one batch of commands, commit included",
              {{"service", options_.service}})
      .Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  CounterOf("spm_lane_commands_total", "Commands decided", {{"service", options_.service}})
      .Add(static_cast<double>(commands.size()));
  for (size_t i = 0; i < commands.size(); ++i) commands[i].done(std::move(replies[i]));
}

Status Lane::TryTasks(std::vector<Task*> tasks, std::vector<Status>* outcomes) {
  RETURN_IF_ERROR(connection_->Begin());
  Batch batch(*connection_);
  Output output;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const int64_t now_us = NowUs();
    Tx tx(batch, now_us);
    Caller caller{.id = "service:" + options_.service,
                  .name = options_.service,
                  .roles = {base::v1::ROLE_SERVICE}};
    Call call = options_.make_call(caller, now_us);
    call.request_id = tasks[i]->request_id;
    call.trace = tasks[i]->trace;
    call.id_seed = tasks[i]->name + "|" + tasks[i]->request_id + "|" + tasks[i]->seed;
    (*outcomes)[i] = Guarded([&] { return tasks[i]->run(tx, call); });
    if (!tx.failure().ok()) {
      (*outcomes)[i] = tx.failure();
      return FatalOf(tx);
    }
    if (!(*outcomes)[i].ok()) {
      if (tx.flushed()) return Late((*outcomes)[i]);
      tx.Undo();
      continue;
    }
    RETURN_IF_ERROR(tx.Flush());
    Collect(tx, call, now_us, tasks[i]->request_id, &output.events);
    for (auto& then : tx.then()) output.then.push_back(std::move(then));
  }
  return Finish(&output);
}

void Lane::RunTasks(std::vector<Task> tasks) {
  std::vector<Status> outcomes(tasks.size());
  std::vector<Task*> all;
  all.reserve(tasks.size());
  for (Task& task : tasks) all.push_back(&task);
  Status tried = TryTasks(all, &outcomes);
  if (crashed_) return;
  if (!tried.ok()) {
    connection_->Rollback();
    for (size_t i = 0; i < tasks.size() && !crashed_; ++i) {
      if (IsInfrastructure(tried)) {
        outcomes[i] = tried;
        continue;
      }
      std::vector<Status> one(1);
      Status alone = TryTasks({all[i]}, &one);
      if (!alone.ok()) connection_->Rollback();
      // Its own reason where it has one.
      outcomes[i] = alone.ok() || !one[0].ok() ? one[0] : alone;
    }
    if (crashed_) return;
  }
  for (size_t i = 0; i < tasks.size(); ++i)
    if (tasks[i].done) tasks[i].done(outcomes[i]);
}

}  // namespace spm
