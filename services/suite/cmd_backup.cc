#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>

#include "common/app/backup.h"
#include "common/app/folder_lock.h"
#include "common/app/restore.h"
#include "common/db/db.h"
#include "services/suite/commands.h"
#include "services/suite/output.h"
#include "services/suite/progress.h"
#include "services/suite/specs.h"

namespace spm::suite {
namespace {

namespace fs = std::filesystem;
using base::v1::BackupManifest;

constexpr auto kLongTimeout = std::chrono::hours(12);
constexpr auto kPoll = std::chrono::milliseconds(100);

// Absolute and without a slash at its end.
std::string Absolute(const std::string& folder) {
  std::string path = fs::absolute(folder).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

int64_t BytesOf(const BackupManifest& manifest) {
  int64_t bytes = 0;
  for (const auto& file : manifest.files()) bytes += file.bytes();
  return bytes;
}

int64_t EventsOf(const BackupManifest& manifest) {
  int64_t events = 0;
  for (const auto& service : manifest.services()) events += service.journal_seq();
  return events;
}

// A bar over bytes, for work in this process.
class Bar {
 public:
  explicit Bar(const std::string& what) { progress_.Start(what, 0); }
  BytesProgress Function() {
    return [this](int64_t bytes, int64_t total) {
      progress_.Say(fmt::format("{} of {}", Size(bytes), Size(total)));
      return OkStatus();
    };
  }

 private:
  Progress progress_;
};

// The running suite makes it; this process shows how far it is. Ended, it takes the backup with it.
StatusOr<BackupManifest> BackUpRunning(Session* session, const std::string& target) {
  base::v1::CreateBackupRequest request;
  request.set_folder(target);
  BackupManifest manifest;
  Progress progress;
  progress.Start("backing up", 0);
  auto call = std::async(std::launch::async, [&] {
    return session->Call("spm.base.v1.BackupService/CreateBackup", request, &manifest,
                         kLongTimeout);
  });
  while (call.wait_for(kPoll) != std::future_status::ready) {
    base::v1::BackupProgress at;
    const Status asked =
        session->Call("spm.base.v1.BackupService/GetBackupProgress",
                      base::v1::GetBackupProgressRequest(), &at, std::chrono::seconds(5));
    if (asked.ok() && at.total_bytes() > 0)
      progress.Say(at.bytes() < at.total_bytes()
                       ? fmt::format("{} of {}", Size(at.bytes()), Size(at.total_bytes()))
                       : "checking the copy");
  }
  RETURN_IF_ERROR(call.get());
  return manifest;
}

// No suite runs: this process holds the folder meanwhile.
StatusOr<BackupManifest> BackUpStopped(const std::string& data, const std::string& target) {
  ASSIGN_OR_RETURN(auto lock, FolderLock::Take(data));
  BackupPlan plan;
  plan.data = data;
  plan.target = target;
  for (const ServiceSpec& spec : Specs(Config())) {
    std::error_code error;
    if (!fs::exists(data + "/" + spec.name + ".db", error)) continue;
    plan.services.push_back({spec.name, {}});
    auto& follows = plan.services.back().follows;
    if (spec.follows_org) follows.emplace_back("org");
    for (const auto& consumer : spec.consumers)
      if (consumer.source != "org" || !spec.follows_org) follows.push_back(consumer.source);
  }
  Bar bar("backing up");
  plan.progress = bar.Function();
  return MakeBackup(plan);
}

StatusOr<BackupManifest> BackUp(const Globals& globals, const std::string& target) {
  const std::string data = Absolute(DataFolder(globals));
  auto session = Session::Open(globals);
  if (session.ok()) return BackUpRunning(session->get(), target);
  if (session.status().code() != StatusCode::kUnavailable) return session.status();
  std::error_code error;
  if (!fs::exists(data + "/org.db", error))
    return InvalidField("data", data +
                                    " holds no data to back up; give the folder of a suite "
                                    "with --data FOLDER");
  return BackUpStopped(data, target);
}

Json ManifestJson(const BackupManifest& manifest) {
  Json services = Json::Array();
  for (const auto& s : manifest.services())
    services.AddRaw("", Json::Object()
                            .Add("service", s.service())
                            .Add("schema", static_cast<int64_t>(s.schema()))
                            .Add("journal_seq", s.journal_seq())
                            .Text());
  return Json::Object()
      .Add("made_at", manifest.made_at())
      .Add("version", manifest.version())
      .Add("host", manifest.host())
      .Add("data_folder", manifest.data_folder())
      .Add("held_us", manifest.held_us())
      .Add("bytes", BytesOf(manifest))
      .Add("events", EventsOf(manifest))
      .Add("services", services);
}

void Report(const BackupManifest& manifest, const std::string& folder, const std::string& what,
            bool json) {
  if (json) {
    Json object = ManifestJson(manifest);
    Print(object.Add("folder", folder).Text() + "\n");
    return;
  }
  Print(fmt::format("{} {}: {} events, {}, as of {}\n", folder, what, Grouped(EventsOf(manifest)),
                    Size(BytesOf(manifest)), manifest.made_at()));
}

int Backup(const Globals& globals, const std::string& folder, bool check, bool json) {
  const std::string target = Absolute(folder);
  if (check) {
    Bar bar("checking");
    auto manifest = CheckBackup(target, bar.Function());
    if (!manifest.ok()) return Fail(manifest.status());
    Report(*manifest, target, "is whole", json);
    return kDone;
  }
  auto made = BackUp(globals, target);
  if (!made.ok()) return Fail(made.status());
  Report(*made, target, "made and checked", json);
  if (!json && made->held_us() > 0)
    Note(fmt::format("commands waited {:.1f} ms", static_cast<double>(made->held_us()) / 1000));
  return kDone;
}

int Restore(const Globals& globals, const std::string& folder, bool replace, bool json) {
  RestorePlan plan;
  plan.backup = Absolute(folder);
  plan.data = Absolute(DataFolder(globals));
  plan.replace = replace;
  for (const ServiceSpec& spec : Specs(Config())) {
    plan.schemas[spec.name] = 0;
    for (const Migration& m : spec.schema)
      plan.schemas[spec.name] = std::max(plan.schemas[spec.name], m.number);
  }
  StatusOr<Restored> restored = Internal("not begun");
  {
    Bar bar("restoring");
    plan.progress = bar.Function();
    restored = RestoreBackup(plan);
  }
  if (!restored.ok()) return Fail(restored.status());
  if (json) {
    Json object = ManifestJson(restored->manifest);
    Print(object.Add("folder", plan.data).Add("aside", restored->aside).Text() + "\n");
    return kDone;
  }
  Report(restored->manifest, plan.data, "restored", false);
  if (!restored->aside.empty()) Note("what was there is kept in " + restored->aside);
  Note("start it: ./deploy/up --data " + plan.data);
  return kDone;
}

}  // namespace

void AddBackup(CLI::App* app, Cli* cli) {
  auto folder = std::make_shared<std::string>();
  auto check = std::make_shared<bool>(false);
  auto json = std::make_shared<bool>(false);
  CLI::App* sub = app->add_subcommand("backup", "Copy a suite, running or not, into a new folder");
  sub->footer(
      "Examples:\n  spm --data ./data backup /backups/monday\n  spm backup --check "
      "/backups/monday");
  sub->add_option("FOLDER", *folder, "A folder that does not exist yet, on the suite's machine")
      ->required();
  sub->add_flag("--check", *check, "Check a backup that was made before");
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback([=] { cli->run = [=] { return Backup(cli->globals, *folder, *check, *json); }; });
}

void AddRestore(CLI::App* app, Cli* cli) {
  auto folder = std::make_shared<std::string>();
  auto replace = std::make_shared<bool>(false);
  auto json = std::make_shared<bool>(false);
  CLI::App* sub = app->add_subcommand("restore", "Make a data folder from a backup");
  sub->footer("Example:\n  spm --data ./data restore /backups/monday");
  sub->add_option("BACKUP", *folder, "Folder of the backup")->required();
  sub->add_flag("--replace", *replace, "Move a data folder that stands there aside");
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback(
      [=] { cli->run = [=] { return Restore(cli->globals, *folder, *replace, *json); }; });
}

}  // namespace spm::suite
