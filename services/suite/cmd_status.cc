#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/time.h"
#include "services/suite/commands.h"
#include "services/suite/output.h"
#include "spm/base/v1/operations.pb.h"

namespace spm::suite {
namespace {

using base::v1::GetStatusResponse;
using base::v1::ServiceStatus;

// Later than this, and somebody should look.
constexpr int64_t kLateTimerMs = 10'000;
constexpr int64_t kLateEventsMs = 60'000;

// 850 ms, 12 s, 3 min, 5 h, 2 d.
std::string Span(int64_t ms) {
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 120'000) return fmt::format("{} s", ms / 1000);
  if (ms < 7'200'000) return fmt::format("{} min", ms / 60'000);
  if (ms < 172'800'000) return fmt::format("{} h", ms / 3'600'000);
  return fmt::format("{} d", ms / 86'400'000);
}

// What somebody has to do, a line each; none where all is well.
std::vector<std::string> Advice(const GetStatusResponse& status) {
  std::vector<std::string> lines;
  if (!status.ready()) lines.push_back("the suite is not ready: it starts or stops; ask again");
  for (const ServiceStatus& s : status.services()) {
    if (s.held() > 0)
      lines.push_back(fmt::format(
          "{} could not take {} events ({} wait for them): spm dlq list --service {}; mend the "
          "cause, then spm dlq replay --service {} --all",
          s.service(), s.dead(), s.parked(), s.service(), s.service()));
    if (s.timers_overdue_ms() > kLateTimerMs)
      lines.push_back(fmt::format(
          "{} has {} timers that should have fired {} ago: look for 'timer failed' in the log",
          s.service(), s.timers_overdue(), Span(s.timers_overdue_ms())));
    for (const auto& followed : s.followed())
      if (followed.lag_ms() > kLateEventsMs)
        lines.push_back(fmt::format(
            "{} is {} behind {}: look for 'delivery paused' in the log; it goes on by itself when "
            "the cause is mended",
            s.service(), Span(followed.lag_ms()), followed.service()));
  }
  return lines;
}

std::string FollowedText(const ServiceStatus& s) {
  std::string text;
  for (const auto& f : s.followed()) {
    text += (text.empty() ? "" : ", ") + f.service();
    if (f.pending() > 0) text += fmt::format(" +{} ({})", Grouped(f.pending()), Span(f.lag_ms()));
  }
  return text.empty() ? "-" : text;
}

std::string HeldText(const ServiceStatus& s) {
  return s.held() == 0 ? "0" : fmt::format("{} dead, {} parked", s.dead(), s.parked());
}

std::string TimersText(const ServiceStatus& s, int64_t now_us) {
  std::string text = Grouped(s.timers());
  if (s.timers_overdue() > 0)
    text += fmt::format(", {} due since {}", s.timers_overdue(), Span(s.timers_overdue_ms()));
  if (s.next_due_us() > 0)
    text += fmt::format(", next in {}", Span((s.next_due_us() - now_us) / 1000));
  return text;
}

std::string OutboxText(const ServiceStatus& s) {
  return s.outbox() == 0 ? "0"
                         : fmt::format("{} ({})", Grouped(s.outbox()), Span(s.outbox_age_ms()));
}

Json ServiceJson(const ServiceStatus& s) {
  Json followed = Json::Array();
  for (const auto& f : s.followed())
    followed.AddRaw("", Json::Object()
                            .Add("service", f.service())
                            .Add("pending", f.pending())
                            .Add("lag_ms", f.lag_ms())
                            .Add("held", f.held())
                            .Text());
  Json json = Json::Object();
  json.Add("service", s.service())
      .Add("version", s.version())
      .Add("schema", s.schema())
      .Add("lane_depth", s.lane_depth())
      .Add("outbox", s.outbox())
      .Add("outbox_age_ms", s.outbox_age_ms())
      .Add("followed", followed)
      .Add("held", s.held())
      .Add("dead", s.dead())
      .Add("parked", s.parked())
      .Add("timers", s.timers())
      .Add("timers_overdue", s.timers_overdue())
      .Add("timers_overdue_ms", s.timers_overdue_ms());
  if (s.next_due_us() == 0) {
    json.AddNull("next_due");
  } else {
    json.Add("next_due", FormatTime(s.next_due_us()));
  }
  json.Add("journal_seq", s.journal_seq())
      .Add("changed", s.changed())
      .Add("data_bytes", s.data_bytes());
  return json;
}

std::string StatusJson(const GetStatusResponse& status, const base::v1::Company& company,
                       const std::vector<std::string>& advice) {
  Json services = Json::Array(), todo = Json::Array();
  for (const ServiceStatus& s : status.services()) services.AddRaw("", ServiceJson(s).Text());
  for (const auto& line : advice) todo.Add("", line);
  return Json::Object()
             .Add("now", FormatTime(status.now_us()))
             .Add("test_clock", status.test_clock())
             .Add("ready", status.ready())
             .Add("uptime_ms", status.uptime_ms())
             .Add("data_folder", status.data_folder())
             .Add("data_bytes", status.data_bytes())
             .Add("currency", company.currency())
             .Add("zone", company.zone())
             .Add("language", company.language())
             .Add("today", company.today())
             .Add("healthy", advice.empty())
             .Add("todo", todo)
             .Add("services", services)
             .Text() +
         "\n";
}

std::string StatusText(const GetStatusResponse& status, const base::v1::Company& company) {
  std::string text =
      fmt::format("{}{}; today is {} in {}; money in {}\n", FormatTime(status.now_us()),
                  status.test_clock() ? " (test clock)" : "", company.today(), company.zone(),
                  company.currency());
  text += fmt::format("{} for {}; {} in {}\n", status.ready() ? "ready" : "not ready",
                      Span(status.uptime_ms()), Size(status.data_bytes()), status.data_folder());
  Table table({"service", "version", ">schema", ">lane", "outbox", "follows", "held", "timers",
               ">journal", ">database"});
  for (const ServiceStatus& s : status.services())
    table.Add({s.service(), s.version(), std::to_string(s.schema()), Grouped(s.lane_depth()),
               OutboxText(s), FollowedText(s), HeldText(s), TimersText(s, status.now_us()),
               Grouped(s.journal_seq()), Size(s.data_bytes())});
  return text + table.Text();
}

int ShowStatus(const Globals& globals, bool json) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  GetStatusResponse status;
  const Status asked = (*session)->Call("spm.base.v1.OperationsService/GetStatus",
                                        base::v1::GetStatusRequest(), &status);
  if (!asked.ok()) return Fail(asked);
  const auto advice = Advice(status);
  Print(json ? StatusJson(status, (*session)->company(), advice)
             : StatusText(status, (*session)->company()));
  if (!json)
    for (const auto& line : advice) Note("! " + line);
  return advice.empty() ? kDone : kDoneInPart;
}

}  // namespace

void AddStatus(CLI::App* app, Cli* cli) {
  auto json = std::make_shared<bool>(false);
  CLI::App* sub = app->add_subcommand(
      "status", "State of each service; exit code 3 where somebody has to do something");
  sub->footer("Example:\n  spm status --json");
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback([=] { cli->run = [=] { return ShowStatus(cli->globals, *json); }; });
}

}  // namespace spm::suite
