#include <CLI/CLI.hpp>
#include <memory>

#include "services/suite/commands.h"
#include "services/suite/serve.h"

namespace spm::suite {

void AddServe(CLI::App* app, Cli* cli) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* sub = app->add_subcommand("serve", "Run the suite until it is told to stop");
  sub->footer("Example:\n  spm serve --data ./data --port 8080 --demo");
  sub->add_option("--port", options->port, "HTTP port; gRPC listens on the next one")
      ->type_name("N")
      ->check(CLI::Range(1, 65534));
  sub->add_flag("--demo", options->demo, "Simulate a sales team");
  sub->add_flag("--test-clock", options->test_clock,
                "Business time can be moved: spm clock advance");
  sub->add_flag("--reflection", options->reflection, "gRPC server reflection");
  sub->add_flag("--print-config", options->print_config, "Print the effective config and end");
  sub->callback([=] {
    cli->run = [=] {
      options->data = DataFolder(cli->globals);
      options->config = cli->globals.config;
      return Serve(*options);
    };
  });
}

}  // namespace spm::suite
