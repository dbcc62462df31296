// The lock of a data folder: its holder alone may touch the databases. Ends with the process, too.
#pragma once

#include <memory>
#include <string>

#include "common/base/status.h"

namespace spm {

class FolderLock {
 public:
  // FOLDER_IN_USE where another process holds it, with its id where that is known;
  // FOLDER_NOT_WRITABLE where no lock can be made.
  static StatusOr<std::unique_ptr<FolderLock>> Take(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

}  // namespace spm
