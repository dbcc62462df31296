// Files of backups: copied with their SHA-256, on the disk before they count, and folders that are
// there whole or not at all. A PartialFolder belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/status.h"

namespace spm {

// Hears of bytes as they are done; an error stops the work.
using BytesDone = std::function<Status(int64_t bytes)>;

// SHA-256 of a file, in hexadecimal.
StatusOr<std::string> HashFile(const std::string& file, const BytesDone& done);
// Copies and syncs; the SHA-256 of what was read, in hexadecimal.
StatusOr<std::string> CopyFile(const std::string& from, const std::string& to,
                               const BytesDone& done);
Status WriteFile(const std::string& file, const std::string& text);
Status SyncPath(const std::string& path);
StatusOr<int64_t> FileBytes(const std::string& file);
// DISK_TOO_SMALL where the disk of `folder` has no room for so much.
Status CheckRoom(const std::string& folder, int64_t bytes);

// `target`.partial, which becomes `target` when it is whole. What is left of one that was broken
// off is cleared away by the next; one that is being made is left alone.
class PartialFolder {
 public:
  static StatusOr<std::unique_ptr<PartialFolder>> Make(const std::string& target);
  // Removes it, unless it was finished.
  ~PartialFolder();
  PartialFolder(const PartialFolder&) = delete;

  const std::string& path() const { return path_; }
  // Synced and renamed. `replaced` is where a folder that stands at the target goes: "" where there
  // may be none.
  Status Finish(const std::string& replaced = "");

 private:
  explicit PartialFolder(std::string target);

  std::string target_;
  std::string path_;
  int lock_ = -1;
  bool ours_ = false;
};

}  // namespace spm
