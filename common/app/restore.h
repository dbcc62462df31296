// A data folder from a backup: checked first, there whole or not at all. One thread.
#pragma once

#include <map>
#include <string>

#include "common/app/backup.h"

namespace spm {

struct RestorePlan {
  // The backup's folder, and the data folder to be made; both absolute.
  std::string backup;
  std::string data;
  // A data folder that stands there is moved aside.
  bool replace = false;
  // Newest schema of each service that this binary knows.
  std::map<std::string, int> schemas;
  BytesProgress progress;
};

struct Restored {
  base::v1::BackupManifest manifest;
  // Where the folder that stood there is now; empty where none did.
  std::string aside;
};

// FAILED_PRECONDITION says what to mend: a suite runs on the folder, it holds something, a newer
// spm made the backup, the disk is too small. DATA_LOSS names the backup's damaged file.
StatusOr<Restored> RestoreBackup(const RestorePlan& plan);

}  // namespace spm
