// `spm`: runs the suite, and everything an operator does with a running one.
#include <CLI/CLI.hpp>

#include "services/suite/commands.h"

int main(int argc, char** argv) {
  using namespace spm::suite;
  CLI::App app{"Sales performance management: leads, deals, targets and their figures."};
  app.name("spm");
  app.footer(
      "Example:\n  spm --data ./data metrics revenue,win_rate --by rep,quarter "
      "--from 2017-01-01 --to 2017-12-31");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_help_all_flag("--help-all", "Help of every command");

  Cli cli;
  app.add_option(
         "--data", cli.globals.data,
         "Folder of the suite (else SPM_DATA, else ./data); its spm.yaml says where it runs")
      ->type_name("FOLDER");
  app.add_option("--config", cli.globals.config, "Config file instead of FOLDER/spm.yaml")
      ->type_name("FILE");
  app.add_option("--as", cli.globals.as, "Act as a person: an id, or source:key")
      ->type_name("PERSON");

  AddServe(&app, &cli);
  AddImport(&app, &cli);
  AddMetrics(&app, &cli);
  AddLeaderboard(&app, &cli);
  AddStalled(&app, &cli);
  AddExplain(&app, &cli);
  AddDlq(&app, &cli);
  AddPolicy(&app, &cli);
  AddRebuild(&app, &cli);
  AddClock(&app, &cli);
  AddBackup(&app, &cli);
  AddRestore(&app, &cli);
  AddDemo(&app, &cli);
  AddStatus(&app, &cli);
  AddCompletion(&app, &cli);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kWrongUsage;
  }
  return cli.run ? cli.run() : kWrongUsage;
}
