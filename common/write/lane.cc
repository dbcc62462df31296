#include "common/write/lane.h"

#include <algorithm>
#include <chrono>
#include <future>

namespace spm {
namespace {

// A batch of so many comes of callers that work side by side.
constexpr size_t kCrowd = 16;
constexpr auto kPause = std::chrono::microseconds(200);
constexpr auto kLongestWait = std::chrono::milliseconds(2);

}  // namespace

Lane::Lane(Options options) : options_(std::move(options)) {}

Lane::~Lane() { Stop(); }

Status Lane::Start() {
  ASSIGN_OR_RETURN(connection_, options_.db->Connect());
  ASSIGN_OR_RETURN(
      Rows last,
      connection_->Query("SELECT seq, recorded_us FROM journal ORDER BY seq DESC LIMIT 1"));
  if (!last.empty()) {
    seq_ = last[0].Int(0);
    last_us_ = last[0].Int(1);
  }
  ASSIGN_OR_RETURN(Rows waiting, connection_->Query("SELECT COUNT(*) FROM outbox"));
  outbox_ = waiting[0].Int(0);
  thread_ = std::thread([this] { Loop(); });
  return OkStatus();
}

void Lane::Submit(Command command) {
  Status refusal;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) {
      refusal = Stopped();
    } else if (commands_.size() >= options_.max_waiting) {
      refusal = Exhausted("LANE_FULL", "too many commands wait; try again");
    } else if (outbox_.load() >= options_.max_outbox) {
      refusal = Exhausted("OUTBOX_FULL", "too many events wait for delivery; try again later");
    } else {
      command.came = std::chrono::steady_clock::now();
      commands_.push_back(std::move(command));
      if (commands_.size() >= wakes_at_) wake_.notify_one();
      return;
    }
  }
  command.done(refusal);
}

void Lane::Submit(Task task) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      tasks_.push_back(std::move(task));
      wake_.notify_one();
      return;
    }
  }
  if (task.done) task.done(Stopped());
}

void Lane::Submit(Delivered delivered) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      delivered_.push_back(std::move(delivered));
      wake_.notify_one();
      return;
    }
  }
  delivered.done(Stopped());
}

Status Lane::Run(std::string name, std::function<Status(Tx&, const Call&)> run) {
  auto promise = std::make_shared<std::promise<Status>>();
  auto result = promise->get_future();
  Submit(Task{.name = std::move(name),
              .request_id = "",
              .run = std::move(run),
              .done = [promise](Status s) { promise->set_value(std::move(s)); },
              .seed = std::to_string(++runs_)});
  return result.get();
}

void Lane::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

size_t Lane::depth() const {
  std::lock_guard lock(mutex_);
  return commands_.size() + tasks_.size();
}

bool Lane::idle() const {
  std::lock_guard lock(mutex_);
  return commands_.empty() && tasks_.empty() && delivered_.empty() && !busy_;
}

int64_t Lane::NowUs() {
  int64_t now = options_.clock->NowUs();
  int64_t last = last_us_.load();
  while (now > last && !last_us_.compare_exchange_weak(last, now)) {
  }
  return std::max(now, last);
}

bool Lane::Crash(const char* step) {
  if (options_.crash && options_.crash(step)) crashed_ = true;
  return crashed_;
}

template <typename T, typename F>
static std::vector<T> TakeSome(std::deque<T>& from, size_t most, int max_rows, const F& rows) {
  std::vector<T> taken;
  int sum = 0;
  while (!from.empty() && taken.size() < most) {
    int n = rows(from.front());
    if (!taken.empty() && sum + n > max_rows) break;
    sum += n;
    taken.push_back(std::move(from.front()));
    from.pop_front();
  }
  return taken;
}

// Callers that were answered together come back together: where the last batch was a crowd, the
// lane waits until nobody more comes for a moment, since a commit for each few of them would cost
// more than that.
void Lane::AwaitMore(std::unique_lock<std::mutex>& lock, size_t last) {
  if (last < kCrowd) return;
  const auto end = std::chrono::steady_clock::now() + kLongestWait;
  wakes_at_ = options_.max_commands;
  for (size_t seen = 0; seen < commands_.size() && std::chrono::steady_clock::now() < end;) {
    seen = commands_.size();
    wake_.wait_for(lock, kPause, [&] { return stopping_ || commands_.size() >= wakes_at_; });
    if (stopping_ || commands_.size() >= wakes_at_) break;
  }
  wakes_at_ = 1;
}

// Commands first, but background work gets a turn after each batch of them.
void Lane::Loop() {
  auto rows = [](const auto& work) { return work.rows; };
  size_t last = 0;
  while (true) {
    std::vector<Command> commands;
    std::vector<Task> tasks;
    {
      std::unique_lock lock(mutex_);
      busy_ = false;
      auto waits = [&] { return !commands_.empty() || !tasks_.empty() || !delivered_.empty(); };
      wake_.wait(lock, [&] { return stopping_ || waits(); });
      if (!waits()) return;
      AwaitMore(lock, last);
      commands = TakeSome(commands_, options_.max_commands, options_.max_rows, rows);
      tasks = TakeSome(tasks_, options_.max_commands, options_.max_rows, rows);
      riding_ = std::exchange(delivered_, {});
      busy_ = true;
      last = commands.size();
    }
    if (!commands.empty()) RunCommands(std::move(commands));
    if (!tasks.empty() && !crashed_) RunTasks(std::move(tasks));
    if (!riding_.empty() && !crashed_) RunDelivered();
    if (crashed_) {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      busy_ = false;
      return;
    }
  }
}

Status Lane::Stopped() { return Unavailable("the service is stopping; try again"); }

}  // namespace spm
