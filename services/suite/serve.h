// `spm serve`: all services in one process, until it is told to stop.
#pragma once

#include <string>

namespace spm::suite {

struct ServeOptions {
  // Data folder: --data, else SPM_DATA, else ./data.
  std::string data;
  // Config file; empty is spm.yaml in the data folder.
  std::string config;
  // HTTP port; 0 is the config's. gRPC listens on the next one.
  int port = 0;
  bool demo = false;
  bool test_clock = false;
  bool reflection = false;
  // Prints the effective config with secrets masked, and ends.
  bool print_config = false;
};

// Exit code of the process.
int Serve(const ServeOptions& options);

}  // namespace spm::suite
