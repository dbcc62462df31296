#include "common/app/databases.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace spm {
namespace {

// One name a line. Without a name: a first start that was not finished.
std::string ListOf(const std::string& folder) { return folder + "/databases"; }

bool Exists(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored) && std::filesystem::file_size(file, ignored) > 0;
}

std::string FileOf(const std::string& folder, const std::string& service) {
  return folder + "/" + service + ".db";
}

Status Write(const std::string& folder, const std::vector<std::string>& services) {
  const std::string file = ListOf(folder), fresh = file + ".new";
  std::ofstream out(fresh, std::ios::trunc);
  for (const std::string& service : services) out << service << '\n';
  out.close();
  if (out.fail() || std::rename(fresh.c_str(), file.c_str()) != 0)
    return Precondition("FOLDER_NOT_WRITABLE", "data: " + file +
                                                   " cannot be written: " + std::strerror(errno) +
                                                   "; free space or change the folder's owner");
  return OkStatus();
}

}  // namespace

Status CheckDatabases(const std::string& folder, const std::vector<std::string>& services) {
  std::vector<std::string> expected;
  std::ifstream list(ListOf(folder));
  const bool listed = list.is_open();
  for (std::string name; std::getline(list, name);)
    if (!name.empty()) expected.push_back(name);
  const auto exists = [&](const std::string& s) { return Exists(FileOf(folder, s)); };
  if (!listed && std::none_of(services.begin(), services.end(), exists)) return Write(folder, {});
  // Written by a version that kept no list: it had them all.
  if (!listed) expected = services;
  std::string missing;
  for (const std::string& service : expected)
    if (!exists(service)) missing += (missing.empty() ? "" : ", ") + FileOf(folder, service);
  if (missing.empty()) return OkStatus();
  return Precondition("DATABASE_MISSING",
                      missing +
                          ": missing or empty, while the others of the folder are there; put "
                          "it back, restore the folder from a backup with spm restore, or "
                          "begin a new one with --data FOLDER");
}

Status NoteDatabases(const std::string& folder, const std::vector<std::string>& services) {
  return Write(folder, services);
}

}  // namespace spm
