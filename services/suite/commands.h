// The commands of `spm`, one family a file. Each Add... registers its subcommands with their help;
// what was chosen runs after the command line was read.
#pragma once

#include <functional>
#include <string>

#include "services/suite/session.h"

namespace CLI {
class App;
}

namespace spm::suite {

struct Cli {
  Globals globals;
  // The chosen command; returns the exit code.
  std::function<int()> run;
};

void AddServe(CLI::App* app, Cli* cli);
void AddImport(CLI::App* app, Cli* cli);
void AddMetrics(CLI::App* app, Cli* cli);
void AddLeaderboard(CLI::App* app, Cli* cli);
void AddStalled(CLI::App* app, Cli* cli);
void AddExplain(CLI::App* app, Cli* cli);
void AddDlq(CLI::App* app, Cli* cli);
void AddRebuild(CLI::App* app, Cli* cli);
void AddClock(CLI::App* app, Cli* cli);
void AddBackup(CLI::App* app, Cli* cli);
void AddRestore(CLI::App* app, Cli* cli);
void AddDemo(CLI::App* app, Cli* cli);
void AddStatus(CLI::App* app, Cli* cli);
void AddPolicy(CLI::App* app, Cli* cli);
void AddCompletion(CLI::App* app, Cli* cli);

}  // namespace spm::suite
