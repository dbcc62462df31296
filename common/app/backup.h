// A backup: a folder with a copy of every database as of one moment, the settings beside them, a
// manifest and SHA256SUMS. Marks in one database point into the journals of others, so one moment
// for all is what makes a copy sound. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/app/backup_files.h"
#include "common/base/status.h"
#include "spm/base/v1/backup.pb.h"

namespace spm {

// Of the files of a backup. Raised when an older spm could not restore them.
constexpr int kBackupFormat = 1;
constexpr char kManifestFile[] = "manifest.json";
constexpr char kSumsFile[] = "SHA256SUMS";

// Bytes done of all; an error stops.
using BytesProgress = std::function<Status(int64_t bytes, int64_t total)>;

struct BackupPlan {
  struct Service {
    std::string name;
    // Those whose events it follows.
    std::vector<std::string> follows;
  };
  // The data folder, and the folder to be made; both absolute.
  std::string data;
  std::string target;
  std::vector<Service> services;
  // Holds every lane until what it returns goes; null where no suite runs.
  std::function<StatusOr<std::shared_ptr<void>>()> hold;
  BytesProgress progress;
};

// Makes `target`, or leaves nothing. FAILED_PRECONDITION says what to mend: it exists, lies in the
// data folder, cannot be written, or its disk is too small.
StatusOr<base::v1::BackupManifest> MakeBackup(const BackupPlan& plan);

// Reads the whole backup: its files against SHA256SUMS, each database, the manifest against the
// databases, and marks against journals. DATA_LOSS names the file that is damaged or missing;
// FAILED_PRECONDITION where a newer spm made it.
StatusOr<base::v1::BackupManifest> CheckBackup(const std::string& folder,
                                               const BytesProgress& progress);

}  // namespace spm
