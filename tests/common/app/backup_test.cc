// Backups of a process under commands, their check, and a restore.
#include "common/app/backup.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "common/app/restore.h"
#include "spm/base/v1/backup.pb.h"
#include "tests/common/app/app_fixture.h"

namespace spm::testing {
namespace {

class Backups : public AppTest {
 protected:
  StatusOr<base::v1::BackupManifest> BackUp(const std::string& name) {
    base::v1::CreateBackupRequest request;
    request.set_folder(folder_.path() + "/" + name);
    return Call<base::v1::BackupManifest>("spm.base.v1.BackupService/CreateBackup", request);
  }
  RestorePlan To(const std::string& data) {
    RestorePlan plan;
    plan.backup = folder_.path() + "/backup";
    plan.data = data;
    plan.schemas = {{"org", 0}, {"orders", 1}};
    return plan;
  }
};

TEST_F(Backups, UnderCommandsHoldWhatWasAnsweredAndCanBeRestored) {
  Start();
  std::atomic<bool> stop{false};
  std::atomic<int> made{0};
  std::thread load([&] {
    while (!stop)
      if (Make("thing").ok()) ++made;
  });
  while (made < 20) std::this_thread::yield();
  const int before = made;
  auto manifest = BackUp("backup");
  stop = true;
  load.join();
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_TRUE(CheckBackup(folder_.path() + "/backup", nullptr).ok());
  EXPECT_FALSE(BackUp("backup").ok());
  EXPECT_EQ(RestoreBackup(To(Settings().data)).status().code(), StatusCode::kFailedPrecondition);
  channel_.reset();
  app_.reset();
  RestorePlan plan = To(Settings().data);
  EXPECT_EQ(Reason(RestoreBackup(plan).status()), "FOLDER_EXISTS");
  plan.replace = true;
  auto restored = RestoreBackup(plan);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_TRUE(std::filesystem::exists(restored->aside + "/orders.db"));
  Start();
  const auto things = Journal("orders", "spm.orders.v1.ProductCreated").size();
  EXPECT_GE(things, static_cast<size_t>(before));
  EXPECT_LE(things, static_cast<size_t>(made));
  EXPECT_TRUE(Make("after").ok());
}

TEST_F(Backups, OfAnotherFormOrSchemaAreRefused) {
  Start();
  ASSERT_TRUE(BackUp("backup").ok());
  RestorePlan plan = To(folder_.path() + "/new");
  plan.schemas["orders"] = 0;
  EXPECT_EQ(Reason(RestoreBackup(plan).status()), "BACKUP_NEWER");
  plan.schemas.erase("orders");
  EXPECT_EQ(Reason(RestoreBackup(plan).status()), "BACKUP_NEWER");
  std::ofstream(plan.backup + "/orders.db", std::ios::app) << "x";
  EXPECT_EQ(Reason(RestoreBackup(plan).status()), "BACKUP_DAMAGED");
  EXPECT_FALSE(std::filesystem::exists(plan.data));
}

TEST_F(Backups, GoOnlyIntoNewFoldersElsewhere) {
  Start();
  EXPECT_EQ(BackUp("data/inside").status().code(), StatusCode::kFailedPrecondition);
  base::v1::CreateBackupRequest request;
  request.set_folder("relative");
  EXPECT_EQ(Call<base::v1::BackupManifest>("spm.base.v1.BackupService/CreateBackup", request)
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace spm::testing
