// Makes one backup at a time of a running process, in a thread of its own. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/status.h"
#include "common/rpc/method.h"
#include "spm/base/v1/backup.pb.h"

namespace spm {

class App;

class BackupRunner {
 public:
  using Done = std::function<void(StatusOr<base::v1::BackupManifest>)>;

  explicit BackupRunner(App& app) : app_(app) {}
  ~BackupRunner() { Stop(); }

  // `done` is called once, from any thread. `cancelled` is asked on the way.
  void Start(const std::string& folder, std::function<bool()> cancelled, Done done);
  base::v1::BackupProgress Progress() const;
  // Breaks off what is under way, which leaves nothing.
  void Stop();

 private:
  StatusOr<base::v1::BackupManifest> Make(const std::string& folder,
                                          const std::function<bool()>& cancelled);

  App& app_;
  mutable std::mutex mutex_;
  std::thread thread_;
  bool running_ = false;
  base::v1::BackupProgress progress_;
  std::atomic<bool> stopping_{false};
};

// BackupService of a process.
std::vector<RpcMethod> BackupMethods(App& app);

}  // namespace spm
