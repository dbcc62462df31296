#include "common/base/clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace spm {
namespace {

int64_t RealUs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

Status FileError(const std::string& file, const std::string& what) {
  return Unavailable(what + " " + file + ": " + std::strerror(errno));
}

Status WriteDurably(const std::string& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return FileError(file, "cannot write");
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  Status status = written ? OkStatus() : FileError(file, "cannot write");
  ::close(fd);
  return status;
}

Status SyncFolder(const std::string& file) {
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileError(folder, "cannot open");
  Status status = ::fsync(fd) == 0 ? OkStatus() : FileError(folder, "cannot sync");
  ::close(fd);
  return status;
}

}  // namespace

int64_t SystemClock::NowUs() const { return RealUs(); }

StatusOr<std::unique_ptr<TestClock>> TestClock::Open(const std::string& file) {
  std::unique_ptr<TestClock> clock(new TestClock(file));
  std::ifstream in(file);
  int64_t offset = 0;
  if (in) {
    if (!(in >> offset) || offset < 0)
      return Precondition("TEST_CLOCK",
                          file + " does not hold an offset in microseconds; remove it");
  } else if (std::filesystem::exists(file)) {
    return FileError(file, "cannot read");
  }
  clock->offset_us_ = offset;
  return clock;
}

int64_t TestClock::NowUs() const { return RealUs() + offset_us_.load(); }

Status TestClock::MoveTo(int64_t us) {
  std::lock_guard lock(mutex_);
  const int64_t offset = us - RealUs();
  if (offset <= offset_us_.load()) return OkStatus();
  // Renamed into place, so that a crash leaves the old offset or the new one.
  RETURN_IF_ERROR(WriteDurably(file_ + ".new", std::to_string(offset) + "\n"));
  if (::rename((file_ + ".new").c_str(), file_.c_str()) != 0)
    return FileError(file_, "cannot replace");
  RETURN_IF_ERROR(SyncFolder(file_));
  offset_us_ = offset;
  return OkStatus();
}

}  // namespace spm
