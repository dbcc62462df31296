// What a process is told before it starts: defaults < FOLDER/spm.yaml < environment SPM_* < flags.
// Read once by one thread, never changed after.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace spm {

// Read at the first start of a folder only; afterwards the database keeps them.
struct CompanyConfig {
  std::string currency = "USD";  // ISO 4217
  std::string zone;              // IANA; the machine's where it is not given
  std::string language = "en";   // en or zh
};

struct Config {
  // Folder of everything that a run keeps.
  std::string data = "data";
  // Pages and JSON; 0 takes a free one.
  int port = 8080;
  // gRPC; the port after `port` unless it is given.
  int grpc_port = 8081;
  CompanyConfig company;
  std::string log_level = "info";  // debug, info, warn or error
  // Empty is DATA/log/spm.log, - is standard output.
  std::string log_file;
  // What this build offers is "embedded": SQLite, the bus in the process, counters in memory.
  std::string database = "embedded";
  std::string bus = "embedded";
  std::string counters = "embedded";
  // Server reflection on the gRPC port.
  bool reflection = false;
  // Business time can be moved (`spm clock advance`).
  bool test_clock = false;
  // Plays a sales team.
  bool demo = false;

  std::string file() const { return data + "/spm.yaml"; }
};

// Settings by dotted key, such as {"company.zone", "UTC"}.
using Settings = std::map<std::string, std::string>;

struct ConfigSources {
  // Read where it exists. Empty: spm.yaml in the data folder that environment or flags name.
  std::string file;
  // A file that is missing is an error (--config).
  bool file_required = false;
  // Name and value, such as {"SPM_PORT", "8080"}; names without SPM_ are passed over.
  Settings environment;
  Settings flags;
};

// INVALID_ARGUMENT names the place (file:line, variable or flag), the key, and what is expected; an
// unknown key also the nearest known one.
StatusOr<Config> LoadConfig(const ConfigSources& sources);

// The process's environment, those with SPM_ only.
Settings SpmEnvironment();

// As YAML that LoadConfig reads back; secrets masked.
std::string PrintConfig(const Config& config);
// The value, or stars where the key or a password in a URL makes it a secret.
std::string MaskSecret(const std::string& key, const std::string& value);

// Name of the machine's zone: TZ, else /etc/localtime, else UTC.
std::string SystemZone();

// Puts the ports of the running process into the file, so that commands find it, and leaves the
// rest of the text as it is. Makes the file, with the company and comments, where there is none.
Status WritePorts(const std::string& file, const Config& config);

}  // namespace spm
