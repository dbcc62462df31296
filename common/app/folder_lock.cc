#include "common/app/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace spm {
namespace {

// What the suite notes beside its databases when it serves.
std::string WhoServes(const std::string& folder) {
  std::ifstream in(folder + "/spm.pid");
  std::string pid;
  in >> pid;
  std::ifstream settings(folder + "/spm.yaml");
  std::string port;
  for (std::string line; std::getline(settings, line);)
    if (line.starts_with("port: ")) port = ", port " + line.substr(6, line.find(" #") - 6);
  return pid.empty() ? "" : " (process " + pid + port + ")";
}

// A folder that was replaced meanwhile has another lock.
bool StillThere(int file, const std::string& name) {
  struct stat ours {};
  struct stat there {};
  return fstat(file, &ours) == 0 && stat(name.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace

FolderLock::~FolderLock() { close(file_); }

StatusOr<std::unique_ptr<FolderLock>> FolderLock::Take(const std::string& folder) {
  const std::string name = folder + "/spm.lock";
  while (true) {
    const int file = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
      return Precondition("FOLDER_NOT_WRITABLE", "data: the folder " + folder +
                                                     " cannot be written; give another one with "
                                                     "--data FOLDER or change its owner");
    std::unique_ptr<FolderLock> lock(new FolderLock(file));
    if (flock(file, LOCK_EX | LOCK_NB) != 0)
      return Precondition("FOLDER_IN_USE", "data: another spm" + WhoServes(folder) +
                                               " runs on the folder " + folder +
                                               "; stop it (./deploy/down --data " + folder +
                                               ") or give another folder with --data FOLDER");
    if (StillThere(file, name)) return lock;
  }
}

}  // namespace spm
