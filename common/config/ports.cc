// Writes the ports of a running process into a file that people edit, line by line: a YAML library
// would lose their comments.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/config/config.h"

namespace spm {
namespace {

std::string Fresh(const Config& config) {
  return "# Settings of this folder. Environment SPM_* and flags go before them.\n"
         "# Read at the first start only: money, days and the page's language of the company.\n"
         "company:\n"
         "  currency: " +
         config.company.currency +
         "\n"
         "  zone: " +
         config.company.zone +
         "\n"
         "  language: " +
         config.company.language +
         "\n"
         "# Where the running suite is found; written at each start.\n";
}

// The line with a new value for the key, its comment kept; false where it is another key's.
bool Replace(std::string* line, const std::string& key, const std::string& value) {
  if (line->compare(0, key.size(), key) != 0) return false;
  const size_t colon = line->find_first_not_of(" \t", key.size());
  if (colon == std::string::npos || (*line)[colon] != ':') return false;
  const size_t comment = line->find(" #", colon);
  const bool carriage = !line->empty() && line->back() == '\r';
  std::string rest = comment == std::string::npos ? "" : line->substr(comment);
  if (rest.empty() && carriage) rest = "\r";
  *line = key + ": " + value + rest;
  return true;
}

std::string WithPort(const std::string& text, const std::string& key, int port) {
  std::istringstream in(text);
  std::string result;
  bool found = false;
  for (std::string line; std::getline(in, line);) {
    found = Replace(&line, key, std::to_string(port)) || found;
    result += line + "\n";
  }
  return found ? result : result + key + ": " + std::to_string(port) + "\n";
}

StatusOr<std::string> Read(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::string();
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return Unavailable("cannot read " + file);
  return text.str();
}

// Beside it and renamed, so that a reader sees the old text or the new one.
Status Write(const std::string& file, const std::string& text) {
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out || ::rename(fresh.c_str(), file.c_str()) != 0)
    return Unavailable("cannot write " + file + ": " + std::strerror(errno));
  return OkStatus();
}

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

Status WritePorts(const std::string& file, const Config& config) {
  ASSIGN_OR_RETURN(const std::string before, Read(file));
  std::string text = IsBlank(before) ? Fresh(config) : before;
  text = WithPort(text, "port", config.port);
  text = WithPort(text, "grpc_port", config.grpc_port);
  return text == before ? OkStatus() : Write(file, text);
}

}  // namespace spm
