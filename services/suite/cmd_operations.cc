#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <future>
#include <memory>
#include <thread>

#include "common/base/time.h"
#include "services/suite/commands.h"
#include "services/suite/output.h"
#include "services/suite/progress.h"
#include "spm/base/v1/operations.pb.h"

namespace spm::suite {
namespace {

constexpr auto kLongTimeout = std::chrono::hours(2);
constexpr auto kPoll = std::chrono::milliseconds(50);

// Calls while a bar shows how long it takes.
Status CallLong(Session* session, const std::string& what, const std::string& method,
                const google::protobuf::Message& request, google::protobuf::Message* reply) {
  Progress progress;
  progress.Start(what, 0);
  auto call = std::async(std::launch::async,
                         [&] { return session->Call(method, request, reply, kLongTimeout); });
  while (call.wait_for(kPoll) != std::future_status::ready) progress.Say("");
  return call.get();
}

// 7d, 12h, 1d12h, 90s, 2w, 30m. Microseconds; nullopt where it is no duration.
std::optional<int64_t> ParseDuration(const std::string& text) {
  int64_t total = 0;
  int64_t number = -1;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = (number < 0 ? 0 : number) * 10 + (c - '0');
      if (number > 1'000'000'000) return std::nullopt;
      continue;
    }
    const int64_t unit = c == 'w'   ? 7 * kDayUs
                         : c == 'd' ? kDayUs
                         : c == 'h' ? kHourUs
                         : c == 'm' ? kMinuteUs
                         : c == 's' ? kSecondUs
                                    : 0;
    if (unit == 0 || number < 0) return std::nullopt;
    if (number > (int64_t{100} * 366 * kDayUs) / unit) return std::nullopt;
    total += number * unit;
    number = -1;
  }
  if (number >= 0 || total <= 0) return std::nullopt;
  return total;
}

int Rebuild(const Globals& globals, const std::string& service, bool json) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  base::v1::RebuildServiceRequest request;
  request.set_service(service);
  base::v1::RebuildServiceResponse reply;
  const auto start = std::chrono::steady_clock::now();
  const Status done = CallLong(session->get(), "rebuilding",
                               "spm.base.v1.OperationsService/RebuildService", request, &reply);
  if (!done.ok()) return Fail(done);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Print(json ? Json::Object()
                       .Add("service", service)
                       .Add("events", reply.events())
                       .Add("seconds", seconds)
                       .Text() +
                   "\n"
             : fmt::format("{} rebuilt from {} events in {:.1f} s\n", service,
                           Grouped(reply.events()), seconds));
  return kDone;
}

int Advance(const Globals& globals, const std::string& by, bool json) {
  const auto by_us = ParseDuration(by);
  if (!by_us)
    return Fail(
        InvalidField("BY", "'" + by + "' is no duration; write 7d, 12h, 30m, 90s or 1d12h"));
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  base::v1::AdvanceClockRequest request;
  request.set_by_us(*by_us);
  base::v1::AdvanceClockResponse reply;
  const Status done = CallLong(session->get(), "advancing",
                               "spm.base.v1.OperationsService/AdvanceClock", request, &reply);
  if (!done.ok()) return Fail(done);
  Print(json ? Json::Object()
                       .Add("now", FormatTime(reply.now_us()))
                       .Add("now_us", reply.now_us())
                       .Add("fired", reply.fired())
                       .Text() +
                   "\n"
             : fmt::format("it is {}; {} timers fired\n", FormatTime(reply.now_us()),
                           Grouped(reply.fired())));
  return kDone;
}

}  // namespace

void AddRebuild(CLI::App* app, Cli* cli) {
  auto service = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App* sub = app->add_subcommand("rebuild", "Rebuild a service's figures from the journals");
  sub->footer("Example:\n  spm rebuild performance");
  sub->add_option("SERVICE", *service, "performance is the one that has any")->required();
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback([=] { cli->run = [=] { return Rebuild(cli->globals, *service, *json); }; });
}

void AddClock(CLI::App* app, Cli* cli) {
  auto by = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App* clock = app->add_subcommand("clock", "The test clock (spm serve --test-clock)");
  clock->require_subcommand(1);
  clock->footer("Example:\n  spm clock advance 7d");
  CLI::App* sub = clock->add_subcommand("advance", "Move business time on, from timer to timer");
  sub->footer("Example:\n  spm clock advance 1d12h");
  sub->add_option("BY", *by, "7d, 12h, 30m, 90s, 2w, 1d12h")->required();
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback([=] { cli->run = [=] { return Advance(cli->globals, *by, *json); }; });
}

}  // namespace spm::suite
