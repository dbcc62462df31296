#include "services/suite/demo/demo.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include "common/base/time.h"
#include "services/suite/demo/history.h"
#include "services/suite/demo/live.h"
#include "services/suite/session.h"
#include "spm/org/v1/org.pb.h"

namespace spm::suite {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kNap = milliseconds(50);
constexpr auto kLongestWait = milliseconds(5000);
// This many moves refused one after another mean that something is wrong with the demo.
constexpr int kMostFailures = 20;

struct State {
  int32_t until = 0;
  uint64_t seed = 1;
  bool written = false;
};

std::optional<State> ReadState(const std::string& file) {
  try {
    if (!std::filesystem::exists(file)) return std::nullopt;
    const YAML::Node root = YAML::LoadFile(file);
    State state;
    const auto until = ParseDay(root["until"].as<std::string>());
    if (!until) return std::nullopt;
    state.until = *until;
    state.seed = root["seed"].as<uint64_t>();
    state.written = root["written"].as<bool>();
    return state;
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

Status WriteState(const std::string& file, const State& state) {
  const std::string next = file + ".new";
  std::ofstream out(next, std::ios::trunc);
  out << fmt::format(
      "# The demo's history ends before this day; kept so that it is never written twice.\n"
      "until: {}\nseed: {}\nwritten: {}\n",
      FormatDay(state.until), state.seed, state.written);
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(next, file, error);
  if (!out || error) return Unavailable(file + " cannot be written");
  return OkStatus();
}

class Runner {
 public:
  explicit Runner(const DemoOptions& options) : options_(options) {}

  Status Run() {
    // A suite that is away is waited for; everything is read anew when it is back.
    milliseconds wait(200);
    while (!options_.stopped()) {
      Status status = RunOnce(&wait);
      if (status.ok() || options_.stopped()) return OkStatus();
      if (!IsInfrastructure(status)) return status;
      Sleep(wait);
      wait = std::min(wait * 2, kLongestWait);
    }
    return OkStatus();
  }

 private:
  // False where the demo was stopped in the meantime.
  bool Sleep(steady_clock::duration time) {
    const auto end = steady_clock::now() + time;
    while (!options_.stopped()) {
      const auto left = end - steady_clock::now();
      if (left <= steady_clock::duration::zero()) return true;
      std::this_thread::sleep_for(std::min<steady_clock::duration>(left, kNap));
    }
    return false;
  }

  Status RunOnce(milliseconds* wait) {
    ASSIGN_OR_RETURN(session_, Session::To(options_.address, ""));
    const auto& company = session_->company();
    State state;
    const auto today = ParseDay(company.today());
    if (!today) return Internal("the company's today is no day: " + company.today());
    state.until = *today;
    state.seed = options_.seed;
    if (const auto kept = ReadState(options_.state_file)) state = *kept;
    const int scale = company.currency() == "CNY" ? 7 : company.currency() == "JPY" ? 150 : 1;
    const DemoWorld world = MakeWorld(state.seed, company.language(), scale);
    ASSIGN_OR_RETURN(const bool known, HasPeople());
    if (!state.written || !known) RETURN_IF_ERROR(WriteHistory(world, &state));
    if (options_.history_only) return OkStatus();
    return Live(world, wait);
  }

  StatusOr<bool> HasPeople() {
    org::v1::ListPeopleRequest request;
    request.set_page_size(1);
    org::v1::ListPeopleResponse reply;
    RETURN_IF_ERROR(session_->Call("spm.org.v1.OrgService/ListPeople", request, &reply));
    return reply.people_size() > 0;
  }

  Status WriteHistory(const DemoWorld& world, State* state) {
    options_.say(fmt::format("writing {} days of history", kDemoDays));
    state->written = false;
    RETURN_IF_ERROR(WriteState(options_.state_file, *state));
    DemoHistory history(session_.get(), &world, state->seed, state->until);
    RETURN_IF_ERROR(history.Write(options_.stopped));
    state->written = true;
    return WriteState(options_.state_file, *state);
  }

  Status Live(const DemoWorld& world, milliseconds* wait) {
    const auto seed = static_cast<uint64_t>(steady_clock::now().time_since_epoch().count());
    DemoLive live(session_.get(), &world, seed);
    RETURN_IF_ERROR(live.Load());
    options_.say("the team is selling");
    Dice dice(seed);
    int failures = 0;
    while (true) {
      const auto usual =
          std::chrono::duration<double>(1 / std::max(0.01, options_.moves_per_second));
      const auto pause = usual * (dice.Between(50, 150) / 100.0);
      if (!Sleep(std::chrono::duration_cast<steady_clock::duration>(pause))) return OkStatus();
      Status moved = live.Move();
      if (IsInfrastructure(moved)) return moved;
      failures = moved.ok() ? 0 : failures + 1;
      if (failures >= kMostFailures) return moved;
      if (moved.ok()) *wait = milliseconds(200);
    }
  }

  const DemoOptions& options_;
  std::unique_ptr<Session> session_;
};

}  // namespace

Status RunDemo(const DemoOptions& options) { return Runner(options).Run(); }

}  // namespace spm::suite
