#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>

#include "services/suite/commands.h"
#include "services/suite/demo/demo.h"
#include "services/suite/output.h"
#include "services/suite/progress.h"

namespace spm::suite {
namespace {

struct Options {
  double rate = 1;
  int seconds = 0;
  bool history_only = false;
  bool json = false;
};

std::atomic<bool> interrupted = false;

int Run(const Globals& globals, const Options& options) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  const std::string folder = globals.config.empty()
                                 ? DataFolder(globals)
                                 : std::filesystem::path(globals.config).parent_path().string();
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  const auto start = std::chrono::steady_clock::now();
  Progress progress;
  std::string doing = "starting";
  progress.Start("demo", 0);
  DemoOptions demo;
  demo.address = (*session)->address();
  demo.state_file = (std::filesystem::path(folder) / "demo.yaml").string();
  demo.moves_per_second = options.rate;
  demo.history_only = options.history_only;
  demo.say = [&](const std::string& text) { doing = text; };
  demo.stopped = [&] {
    progress.Say(doing);
    const auto passed = std::chrono::steady_clock::now() - start;
    return interrupted || (options.seconds > 0 && passed >= std::chrono::seconds(options.seconds));
  };
  const Status status = RunDemo(demo);
  progress.Clear();
  if (!status.ok()) return Fail(status);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.json) Print(Json::Object().Add("seconds", seconds).Text() + "\n");
  return kDone;
}

}  // namespace

void AddDemo(CLI::App* app, Cli* cli) {
  auto options = std::make_shared<Options>();
  CLI::App* sub = app->add_subcommand("demo", "Simulate a sales team until it is interrupted");
  sub->footer(
      "Its records carry the source `demo`; its history is the last 180 days and is written "
      "once.\nExample:\n  spm demo --rate 2 --seconds 60");
  sub->add_option("--rate", options->rate, "Moves a second (else 1)")
      ->type_name("N")
      ->check(CLI::Range(0.01, 100.0));
  sub->add_option("--seconds", options->seconds, "End after this long")->type_name("N");
  sub->add_flag("--history-only", options->history_only, "Write the history and end");
  sub->add_flag("--json", options->json, "Print what was done as JSON at the end");
  sub->callback([=] { cli->run = [=] { return Run(cli->globals, *options); }; });
}

}  // namespace spm::suite
