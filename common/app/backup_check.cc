#include "common/app/backup_check.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "common/app/backup.h"
#include "common/base/version.h"
#include "common/db/copy.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"

namespace spm {
namespace {

namespace fs = std::filesystem;
using base::v1::BackedUpService;
using base::v1::BackupManifest;

Status Damaged(const std::string& folder, const std::string& file, const std::string& what) {
  return Error(StatusCode::kDataLoss, "BACKUP_DAMAGED",
               folder + "/" + file + ": " + what + "; take another backup");
}

StatusOr<std::string> ReadText(const std::string& folder, const std::string& name) {
  std::ifstream in(folder + "/" + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return Damaged(folder, name, "is missing or cannot be read");
  return text.str();
}

// Name -> SHA-256, as sha256sum writes them.
StatusOr<std::map<std::string, std::string>> ReadSums(const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string text, ReadText(folder, kSumsFile));
  std::map<std::string, std::string> sums;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const bool plain =
        line.size() > 66 && line.compare(64, 2, "  ") == 0 && line.find('/') == std::string::npos;
    if (!plain) return Damaged(folder, kSumsFile, "has a line that is no sum: '" + line + "'");
    sums[line.substr(66)] = line.substr(0, 64);
  }
  if (!sums.contains(kManifestFile))
    return Damaged(folder, kSumsFile, std::string("has no sum of ") + kManifestFile);
  return sums;
}

Status CheckSums(const std::string& folder, const std::map<std::string, std::string>& sums,
                 const BytesProgress& progress) {
  int64_t total = 0, before = 0;
  for (const auto& [name, sum] : sums) {
    std::error_code error;
    const auto bytes = fs::file_size(folder + "/" + name, error);
    if (error) return Damaged(folder, name, "is missing");
    total += static_cast<int64_t>(bytes);
  }
  for (const auto& [name, sum] : sums) {
    ASSIGN_OR_RETURN(const std::string hash,
                     HashFile(folder + "/" + name, [&](int64_t bytes) -> Status {
                       before += bytes;
                       return progress ? progress(before, total) : OkStatus();
                     }));
    if (hash != sum)
      return Damaged(
          folder, name,
          std::string("is not what was backed up: its SHA-256 is not that of ") + kSumsFile);
  }
  return OkStatus();
}

StatusOr<BackupManifest> ReadManifest(const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string json, ReadText(folder, kManifestFile));
  BackupManifest manifest;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(json, &manifest, options).ok())
    return Damaged(folder, kManifestFile, "is no manifest");
  if (manifest.format() > kBackupFormat)
    return Precondition("BACKUP_NEWER", folder + ": was made by spm " + manifest.version() +
                                            ", which writes backups of another form; this is " +
                                            kVersion + "; use the newer one");
  return manifest;
}

// Same files in the manifest and in the sums.
Status CheckNames(const std::string& folder, const BackupManifest& manifest,
                  const std::map<std::string, std::string>& sums) {
  for (const auto& file : manifest.files())
    if (!sums.contains(file.name()))
      return Damaged(folder, kSumsFile, "has no sum of " + file.name());
  for (const auto& service : manifest.services())
    if (!sums.contains(service.file()))
      return Damaged(folder, kSumsFile, "has no sum of " + service.file());
  if (manifest.services().empty()) return Damaged(folder, kManifestFile, "names no service");
  return OkStatus();
}

// The first of a query's count that is not 0, told with its file.
Status MustBeNone(FrozenDb& db, const std::string& folder, const std::string& file,
                  const std::string& sql, const std::string& what) {
  ASSIGN_OR_RETURN(const int64_t count, db.Number("SELECT COUNT(*) FROM " + sql));
  if (count == 0) return OkStatus();
  return Damaged(folder, file, std::to_string(count) + " " + what);
}

// Marks of a service against the journals that it follows, and those journals against its marks.
Status CheckMarks(const std::string& folder, const BackedUpService& service,
                  const BackupManifest& manifest) {
  std::vector<std::string> sources;
  std::string known;
  for (const std::string& source : service.follows()) {
    const bool here = std::any_of(manifest.services().begin(), manifest.services().end(),
                                  [&](const auto& s) { return s.service() == source; });
    if (!here) return Damaged(folder, kManifestFile, "has no service " + source);
    sources.push_back(folder + "/" + source + ".db");
    known += " AND NOT EXISTS (SELECT 1 FROM \"" + source +
             "\".journal j WHERE j.aggregate_id = c.aggregate_id AND j.version = c.version)";
  }
  if (sources.empty()) return OkStatus();
  ASSIGN_OR_RETURN(auto db, FrozenDb::Open(folder + "/" + service.file(), sources));
  ASSIGN_OR_RETURN(
      const int64_t rebuilding,
      db->Number("SELECT COUNT(*) FROM main.consumed WHERE aggregate_id = 'rebuilding'"));
  RETURN_IF_ERROR(MustBeNone(*db, folder, service.file(),
                             "main.consumed c WHERE c.aggregate_id <> 'rebuilding'" + known,
                             "marks are beyond the journals that they follow"));
  // A rebuild that was under way goes on when the suite starts.
  if (rebuilding > 0) return OkStatus();
  for (const std::string& source : service.follows())
    RETURN_IF_ERROR(MustBeNone(
        *db, folder, service.file(),
        "\"" + source + "\".journal j WHERE j.seq NOT IN (SELECT seq FROM \"" + source +
            "\".outbox) AND NOT EXISTS (SELECT 1 FROM main.consumed c WHERE c.aggregate_id = "
            "j.aggregate_id AND c.version >= j.version) AND NOT EXISTS (SELECT 1 FROM main.held h "
            "WHERE h.aggregate_id = j.aggregate_id AND h.version = j.version)",
        "events of " + source + " are neither applied nor waiting"));
  return OkStatus();
}

}  // namespace

Status CountDatabase(const std::string& folder, BackedUpService* service) {
  ASSIGN_OR_RETURN(auto db, FrozenDb::Open(folder + "/" + service->file()));
  ASSIGN_OR_RETURN(const int64_t schema, db->Number("SELECT MAX(number) FROM migration"));
  service->set_schema(static_cast<int32_t>(schema));
  ASSIGN_OR_RETURN(const int64_t seq, db->Number("SELECT MAX(seq) FROM journal"));
  service->set_journal_seq(seq);
  ASSIGN_OR_RETURN(auto tables, db->Column("SELECT name FROM sqlite_master WHERE type = 'table' "
                                           "AND name NOT LIKE 'sqlite%' ORDER BY name"));
  for (const std::string& table : tables) {
    ASSIGN_OR_RETURN(const int64_t rows, db->Number("SELECT COUNT(*) FROM \"" + table + "\""));
    auto* counted = service->add_tables();
    counted->set_table(table);
    counted->set_rows(rows);
  }
  return OkStatus();
}

Status CheckCopies(const std::string& folder, const BackupManifest& manifest) {
  for (const auto& service : manifest.services()) {
    ASSIGN_OR_RETURN(auto db, FrozenDb::Open(folder + "/" + service.file()));
    RETURN_IF_ERROR(db->CheckIntegrity());
    BackedUpService found = service;
    found.clear_tables();
    RETURN_IF_ERROR(CountDatabase(folder, &found));
    if (!google::protobuf::util::MessageDifferencer::Equals(found, service))
      return Damaged(folder, service.file(), "holds other rows than the manifest says");
    ASSIGN_OR_RETURN(const int64_t events, db->Number("SELECT COUNT(*) FROM journal"));
    if (events != service.journal_seq())
      return Damaged(folder, service.file(),
                     "its journal has " + std::to_string(events) + " events up to position " +
                         std::to_string(service.journal_seq()));
  }
  for (const auto& service : manifest.services())
    RETURN_IF_ERROR(CheckMarks(folder, service, manifest));
  return OkStatus();
}

StatusOr<BackupManifest> CheckBackup(const std::string& folder, const BytesProgress& progress) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return Precondition("NO_BACKUP", folder + ": is no folder; give the folder of a backup");
  if (!fs::exists(folder + "/" + kSumsFile, error) &&
      !fs::exists(folder + "/" + kManifestFile, error))
    return Precondition("NO_BACKUP", folder + ": is no backup: it has neither " + kManifestFile +
                                         " nor " + kSumsFile);
  ASSIGN_OR_RETURN(const auto sums, ReadSums(folder));
  RETURN_IF_ERROR(CheckSums(folder, sums, progress));
  ASSIGN_OR_RETURN(BackupManifest manifest, ReadManifest(folder));
  RETURN_IF_ERROR(CheckNames(folder, manifest, sums));
  RETURN_IF_ERROR(CheckCopies(folder, manifest));
  return manifest;
}

}  // namespace spm
