#include "common/app/backup_runner.h"

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "common/app/app.h"
#include "common/app/backup.h"
#include "common/app/methods.h"
#include "common/base/log.h"
#include "common/write/lane_hold.h"

namespace spm {
namespace {

using namespace base::v1;  // NOLINT: this file is about its messages alone.

// In the order of the services, as everybody who holds several does.
StatusOr<std::shared_ptr<void>> HoldAll(App& app) {
  auto holds = std::make_shared<std::vector<std::unique_ptr<LaneHold>>>();
  for (const auto& service : app.services()) {
    ASSIGN_OR_RETURN(auto hold, LaneHold::Take(service->lane()));
    holds->push_back(std::move(hold));
  }
  return std::shared_ptr<void>(holds);
}

void CreateBackupRpc(App& app, const RpcContext& context, const google::protobuf::Message& request,
                     RpcDone done) {
  app.backups().Start(static_cast<const CreateBackupRequest&>(request).folder(), context.cancelled,
                      [done = std::move(done)](StatusOr<BackupManifest> made) {
                        if (made.ok()) {
                          done(made->SerializeAsString());
                        } else {
                          done(made.status());
                        }
                      });
}

}  // namespace

StatusOr<BackupManifest> BackupRunner::Make(const std::string& folder,
                                            const std::function<bool()>& cancelled) {
  BackupPlan plan;
  plan.data = std::filesystem::absolute(app_.config().data).lexically_normal().string();
  plan.target = folder;
  for (const auto& service : app_.services()) {
    plan.services.push_back({service->spec().name, {}});
    for (const auto& dispatch : service->dispatches())
      plan.services.back().follows.push_back(dispatch->source());
  }
  plan.hold = [this] { return HoldAll(app_); };
  plan.progress = [this, cancelled](int64_t bytes, int64_t total) -> Status {
    if (stopping_) return Unavailable("the suite is stopping; the backup was broken off");
    if (cancelled && cancelled())
      return Error(StatusCode::kCancelled, "CANCELLED", "the backup was broken off by its caller");
    std::lock_guard lock(mutex_);
    progress_.set_bytes(bytes);
    progress_.set_total_bytes(total);
    return OkStatus();
  };
  auto made = MakeBackup(plan);
  if (made.ok()) {
    LogInfo("backup made", {{"folder", folder}, {"held_us", std::to_string(made->held_us())}});
  } else {
    LogWarn("backup not made",
            {{"folder", folder}, {"error", std::string(made.status().message())}});
  }
  return made;
}

void BackupRunner::Start(const std::string& folder, std::function<bool()> cancelled, Done done) {
  Status refusal;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) {
      refusal = Unavailable("the suite is stopping");
    } else if (running_) {
      refusal = Precondition("BACKUP_UNDER_WAY", "a backup to " + progress_.folder() +
                                                     " is under way; wait for its end");
    } else {
      if (thread_.joinable()) thread_.join();
      running_ = true;
      progress_.set_folder(folder);
      thread_ =
          std::thread([this, folder, cancelled = std::move(cancelled), done = std::move(done)] {
            StatusOr<BackupManifest> made = Internal("unanswered");
            try {
              made = Make(folder, cancelled);
            } catch (const std::exception& e) {
              made = Internal(std::string("exception: ") + e.what());
            }
            {
              std::lock_guard ended(mutex_);
              running_ = false;
              progress_.Clear();
            }
            done(std::move(made));
          });
      return;
    }
  }
  done(refusal);
}

BackupProgress BackupRunner::Progress() const {
  std::lock_guard lock(mutex_);
  return progress_;
}

void BackupRunner::Stop() {
  stopping_ = true;
  std::thread thread;
  {
    std::lock_guard lock(mutex_);
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

std::vector<RpcMethod> BackupMethods(App& app) {
  return {
      Direct(app, "spm.base.v1.BackupService/CreateBackup", CreateBackupRpc),
      Method<GetBackupProgressRequest, BackupProgress>(
          app, "spm.base.v1.BackupService/GetBackupProgress",
          [&app](const GetBackupProgressRequest&, const Caller&) -> StatusOr<BackupProgress> {
            return app.backups().Progress();
          }),
  };
}

}  // namespace spm
