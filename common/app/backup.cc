#include "common/app/backup.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

#include "common/app/backup_check.h"
#include "common/base/clock.h"
#include "common/base/time.h"
#include "common/base/version.h"
#include "common/db/copy.h"
#include "google/protobuf/util/json_util.h"

namespace spm {
namespace {

namespace fs = std::filesystem;
using base::v1::BackupManifest;
using std::chrono::steady_clock;

// Beside the databases: settings, their list, the offset of the test clock, what the demo was at.
constexpr const char* kSettings[] = {"spm.yaml", "databases", "clock", "demo.yaml"};
// The disk is given what was copied bit by bit, and the processor is shared: commands go on at
// their pace.
constexpr int64_t kSyncBytes = 8 << 20;
constexpr auto kLongestRest = std::chrono::milliseconds(20);

// The copies and the small files as of one moment.
struct Moment {
  int64_t at_us = 0;
  int64_t held_us = 0;
  std::vector<std::unique_ptr<DbCopy>> databases;
  std::map<std::string, std::string> settings;
};

std::string FileOf(const BackupPlan::Service& service) { return service.name + ".db"; }

// Resolved, so that a link into the data folder is seen.
bool LiesIn(const fs::path& inner, const fs::path& outer) {
  const fs::path a = fs::weakly_canonical(inner), b = fs::weakly_canonical(outer);
  return std::mismatch(b.begin(), b.end(), a.begin(), a.end()).first == b.end();
}

Status CheckTarget(const BackupPlan& plan) {
  const fs::path target = plan.target;
  if (!target.is_absolute())
    return InvalidField("folder", "must be an absolute path, not '" + plan.target + "'");
  std::error_code error;
  if (fs::exists(fs::symlink_status(target, error)))
    return Precondition("FOLDER_EXISTS", plan.target +
                                             ": exists already; name a folder that does not, such "
                                             "as one with the day in its name");
  if (!fs::is_directory(target.parent_path(), error))
    return Precondition("NO_FOLDER", target.parent_path().string() +
                                         ": is no folder; make it, or name another one");
  if (LiesIn(target, plan.data))
    return Precondition("INSIDE_DATA", plan.target +
                                           ": lies in the data folder, which it is to survive; "
                                           "name a folder elsewhere, best on another disk");
  return OkStatus();
}

StatusOr<std::string> ReadSmall(const std::string& file) {
  FILE* in = std::fopen(file.c_str(), "rb");
  if (in == nullptr) return Precondition("FILE", file + ": cannot be read");
  std::string text;
  char block[4096];
  size_t n;
  while ((n = std::fread(block, 1, sizeof block, in)) > 0) text.append(block, n);
  std::fclose(in);
  return text;
}

// While all lanes stand, nothing commits anywhere: what each copy begins with is one moment.
StatusOr<Moment> TakeMoment(const BackupPlan& plan) {
  Moment moment;
  std::shared_ptr<void> held;
  const auto from = steady_clock::now();
  if (plan.hold) {
    ASSIGN_OR_RETURN(held, plan.hold());
  }
  moment.at_us = SystemClock().NowUs();
  for (const auto& service : plan.services) {
    ASSIGN_OR_RETURN(auto copy, DbCopy::Begin(plan.data + "/" + FileOf(service)));
    moment.databases.push_back(std::move(copy));
  }
  for (const char* name : kSettings) {
    const std::string file = plan.data + "/" + name;
    std::error_code error;
    if (!fs::exists(file, error)) continue;
    ASSIGN_OR_RETURN(moment.settings[name], ReadSmall(file));
  }
  held.reset();
  if (plan.hold)
    moment.held_us =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - from).count();
  return moment;
}

// Counts what is written in all, hands it to the disk in pieces and rests between them.
class Pace {
 public:
  Pace(const BackupPlan& plan, int64_t total) : plan_(plan), total_(total) {}

  Status Begin(const std::string& file) {
    file_ = file;
    before_ += in_file_;
    in_file_ = synced_ = 0;
    return OkStatus();
  }
  Status Step(int64_t bytes) {
    in_file_ = bytes;
    if (in_file_ - synced_ >= kSyncBytes) {
      RETURN_IF_ERROR(SyncPath(file_));
      synced_ = in_file_;
    }
    if (plan_.progress) RETURN_IF_ERROR(plan_.progress(before_ + in_file_, total_));
    if (plan_.hold) {
      const steady_clock::duration took = steady_clock::now() - last_;
      std::this_thread::sleep_for(std::min<steady_clock::duration>(took, kLongestRest));
    }
    last_ = steady_clock::now();
    return OkStatus();
  }

 private:
  const BackupPlan& plan_;
  const int64_t total_;
  std::string file_;
  int64_t before_ = 0, in_file_ = 0, synced_ = 0;
  steady_clock::time_point last_ = steady_clock::now();
};

Status WriteDatabases(const BackupPlan& plan, Moment* moment, const std::string& folder) {
  int64_t total = 0;
  for (const auto& copy : moment->databases) total += copy->bytes();
  RETURN_IF_ERROR(CheckRoom(folder, total));
  Pace pace(plan, total);
  for (size_t i = 0; i < plan.services.size(); ++i) {
    const std::string file = folder + "/" + FileOf(plan.services[i]);
    RETURN_IF_ERROR(pace.Begin(file));
    RETURN_IF_ERROR(
        moment->databases[i]->To(file, [&pace](int64_t bytes) { return pace.Step(bytes); }));
    // The database may forget what it kept for this reader.
    moment->databases[i].reset();
    RETURN_IF_ERROR(SyncPath(file));
  }
  return OkStatus();
}

BackupManifest Describe(const BackupPlan& plan, const Moment& moment) {
  BackupManifest manifest;
  manifest.set_format(kBackupFormat);
  manifest.set_version(kVersion);
  manifest.set_made_us(moment.at_us);
  manifest.set_made_at(FormatTime(moment.at_us));
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) == 0) manifest.set_host(host);
  manifest.set_data_folder(plan.data);
  manifest.set_held_us(moment.held_us);
  return manifest;
}

Status WriteManifest(const std::string& folder, BackupManifest* manifest) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name[0] != '.') names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  std::string sums;
  for (const std::string& name : names) {
    auto* file = manifest->add_files();
    file->set_name(name);
    ASSIGN_OR_RETURN(const int64_t bytes, FileBytes(folder + "/" + name));
    file->set_bytes(bytes);
    ASSIGN_OR_RETURN(const std::string hash, HashFile(folder + "/" + name, nullptr));
    sums += hash + "  " + name + "\n";
  }
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*manifest, &json, options).ok())
    return Internal("the manifest cannot be written as JSON");
  RETURN_IF_ERROR(WriteFile(folder + "/" + kManifestFile, json));
  ASSIGN_OR_RETURN(const std::string hash, HashFile(folder + "/" + kManifestFile, nullptr));
  return WriteFile(folder + "/" + kSumsFile, sums + hash + "  " + kManifestFile + "\n");
}

}  // namespace

StatusOr<BackupManifest> MakeBackup(const BackupPlan& plan) {
  RETURN_IF_ERROR(CheckTarget(plan));
  ASSIGN_OR_RETURN(auto partial, PartialFolder::Make(plan.target));
  ASSIGN_OR_RETURN(Moment moment, TakeMoment(plan));
  RETURN_IF_ERROR(WriteDatabases(plan, &moment, partial->path()));
  for (const auto& [name, text] : moment.settings)
    RETURN_IF_ERROR(WriteFile(partial->path() + "/" + name, text));
  BackupManifest manifest = Describe(plan, moment);
  for (const auto& service : plan.services) {
    auto* backed_up = manifest.add_services();
    backed_up->set_service(service.name);
    backed_up->set_file(FileOf(service));
    for (const std::string& source : service.follows) backed_up->add_follows(source);
    RETURN_IF_ERROR(CountDatabase(partial->path(), backed_up));
  }
  RETURN_IF_ERROR(CheckCopies(partial->path(), manifest));
  RETURN_IF_ERROR(WriteManifest(partial->path(), &manifest));
  RETURN_IF_ERROR(partial->Finish());
  return manifest;
}

}  // namespace spm
