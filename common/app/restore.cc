#include "common/app/restore.h"

#include <ctime>
#include <filesystem>
#include <memory>
#include <vector>

#include "common/app/folder_lock.h"
#include "common/base/version.h"

namespace spm {
namespace {

namespace fs = std::filesystem;
using base::v1::BackupManifest;

// What `spm serve` and ./deploy/up make beside the databases.
bool IsOurs(const std::string& name) {
  static const char* const kNames[] = {"spm.yaml",  "spm.lock", "spm.pid",  "clock",
                                       "demo.yaml", "log",      "databases"};
  for (const char* known : kNames)
    if (name == known) return true;
  const std::string stem = name.substr(0, name.find(".db"));
  return name == stem + ".db" || name == stem + ".db-wal" || name == stem + ".db-shm";
}

struct Standing {
  bool exists = false;
  bool databases = false;
  // Something that is worth keeping.
  bool kept = false;
  // The first file that no suite makes.
  std::string foreign;
};

StatusOr<Standing> LookAt(const std::string& folder) {
  Standing standing;
  std::error_code error;
  standing.exists = fs::exists(fs::symlink_status(folder, error));
  if (!standing.exists) return standing;
  if (!fs::is_directory(folder, error) || fs::is_symlink(folder, error))
    return Precondition("NO_FOLDER",
                        "data: " + folder + " is no folder; give another one with --data FOLDER");
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    standing.databases = standing.databases || entry.path().extension() == ".db";
    standing.kept = standing.kept || (name != "spm.lock" && name != "log");
    if (standing.foreign.empty() && !IsOurs(name)) standing.foreign = name;
  }
  if (error) return Precondition("FILE", folder + ": cannot be read: " + error.message());
  return standing;
}

Status MayReplace(const RestorePlan& plan, const Standing& standing) {
  if (!standing.databases && standing.foreign.empty()) return OkStatus();
  if (!standing.databases)
    return Precondition("FOLDER_EXISTS", "data: the folder " + plan.data + " is no data folder (" +
                                             standing.foreign +
                                             " is in it); give a new one with --data FOLDER");
  if (plan.replace) return OkStatus();
  return Precondition("FOLDER_EXISTS",
                      "data: the folder " + plan.data +
                          " holds data; give a new one with --data FOLDER, or --replace, which "
                          "moves it aside and keeps it");
}

Status KnowsAll(const RestorePlan& plan, const BackupManifest& manifest) {
  for (const auto& service : manifest.services()) {
    const auto known = plan.schemas.find(service.service());
    if (known != plan.schemas.end() && service.schema() <= known->second) continue;
    const std::string here = known == plan.schemas.end() ? "does not know the service"
                                                         : "knows its database up to schema " +
                                                               std::to_string(known->second);
    return Precondition("BACKUP_NEWER", plan.backup + ": " + service.service() + " has schema " +
                                            std::to_string(service.schema()) + ", made by spm " +
                                            manifest.version() + "; this is " + kVersion + " and " +
                                            here + "; use the newer spm");
  }
  return OkStatus();
}

// FOLDER.before-20170601T120000Z
std::string AsideOf(const std::string& folder) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
  std::string aside = folder + ".before-" + text;
  for (int n = 2; fs::exists(aside); ++n)
    aside = folder + ".before-" + text + "-" + std::to_string(n);
  return aside;
}

// What was written is read back: a disk at fault is found now and not when the suite starts.
Status CopyAll(const RestorePlan& plan, const BackupManifest& manifest, const std::string& to) {
  int64_t total = 0, before = 0;
  for (const auto& file : manifest.files()) total += file.bytes();
  RETURN_IF_ERROR(CheckRoom(to, total));
  for (const auto& file : manifest.files()) {
    ASSIGN_OR_RETURN(const std::string hash,
                     CopyFile(plan.backup + "/" + file.name(), to + "/" + file.name(),
                              [&](int64_t bytes) -> Status {
                                before += bytes;
                                return plan.progress ? plan.progress(before, total) : OkStatus();
                              }));
    ASSIGN_OR_RETURN(const std::string written, HashFile(to + "/" + file.name(), nullptr));
    if (written != hash)
      return Error(StatusCode::kDataLoss, "DISK",
                   to + "/" + file.name() + ": reads back as something else; the disk is at fault");
  }
  return OkStatus();
}

}  // namespace

StatusOr<Restored> RestoreBackup(const RestorePlan& plan) {
  ASSIGN_OR_RETURN(const Standing standing, LookAt(plan.data));
  std::unique_ptr<FolderLock> lock;
  if (standing.exists && (standing.databases || standing.foreign.empty())) {
    ASSIGN_OR_RETURN(lock, FolderLock::Take(plan.data));
  }
  RETURN_IF_ERROR(MayReplace(plan, standing));
  Restored restored;
  ASSIGN_OR_RETURN(restored.manifest, CheckBackup(plan.backup, plan.progress));
  RETURN_IF_ERROR(KnowsAll(plan, restored.manifest));
  ASSIGN_OR_RETURN(auto partial, PartialFolder::Make(plan.data));
  RETURN_IF_ERROR(CopyAll(plan, restored.manifest, partial->path()));
  const std::string aside = standing.exists ? AsideOf(plan.data) : "";
  RETURN_IF_ERROR(partial->Finish(aside));
  if (standing.kept) {
    restored.aside = aside;
  } else if (standing.exists) {
    std::error_code ignored;
    fs::remove_all(aside, ignored);
  }
  return restored;
}

}  // namespace spm
