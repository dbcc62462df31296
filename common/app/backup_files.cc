#include "common/app/backup_files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "common/base/ids.h"

namespace spm {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 1 << 20;
// Room beyond what is written, for what the file system itself needs.
constexpr int64_t kSpareBytes = 1 << 20;
constexpr char kLockFile[] = ".lock";

Status FileError(const std::string& file, const std::string& what) {
  const int code = errno;
  const std::string text = file + ": " + what + ": " + std::strerror(code);
  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    return Precondition("DISK_FULL", text + "; make room and repeat");
  return Precondition("FILE", text);
}

class File {
 public:
  File(const std::string& name, int flags) : number_(open(name.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (number_ >= 0) close(number_);
  }
  File(const File&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

class Sha256Sum {
 public:
  Sha256Sum() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void Add(const char* bytes, size_t count) { EVP_DigestUpdate(context_.get(), bytes, count); }
  std::string Text() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    return Hex(std::string(reinterpret_cast<char*>(digest), size));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Status WriteAll(int to, const char* bytes, size_t count, const std::string& name) {
  while (count > 0) {
    const ssize_t n = write(to, bytes, count);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(name, "cannot be written");
    bytes += n;
    count -= static_cast<size_t>(n);
  }
  return OkStatus();
}

// Reads a file to its end; `to` below 0 only hashes.
StatusOr<std::string> Pump(const std::string& from, int to, const std::string& to_name,
                           const BytesDone& done) {
  File in(from, O_RDONLY);
  if (in.number() < 0) return FileError(from, "cannot be read");
  std::vector<char> block(kBlock);
  Sha256Sum sum;
  while (true) {
    const ssize_t n = read(in.number(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(from, "cannot be read");
    if (n == 0) return sum.Text();
    sum.Add(block.data(), static_cast<size_t>(n));
    if (to >= 0) RETURN_IF_ERROR(WriteAll(to, block.data(), static_cast<size_t>(n), to_name));
    if (done) RETURN_IF_ERROR(done(n));
  }
}

// Only files that this code makes; a folder of somebody else's is left as it is.
Status Clear(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename() == kLockFile) continue;
    if (!entry.is_regular_file(error))
      return Precondition("FOLDER_EXISTS", folder + ": holds " + entry.path().filename().string() +
                                               ", which no backup has; move it away and repeat");
  }
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename() != kLockFile) fs::remove(entry.path(), error);
  return error ? Precondition("FILE", folder + ": cannot be cleared: " + error.message())
               : OkStatus();
}

}  // namespace

StatusOr<std::string> HashFile(const std::string& file, const BytesDone& done) {
  return Pump(file, -1, "", done);
}

StatusOr<std::string> CopyFile(const std::string& from, const std::string& to,
                               const BytesDone& done) {
  File out(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (out.number() < 0) return FileError(to, "cannot be written");
  ASSIGN_OR_RETURN(std::string hash, Pump(from, out.number(), to, done));
  if (fsync(out.number()) != 0) return FileError(to, "cannot be written");
  return hash;
}

Status WriteFile(const std::string& file, const std::string& text) {
  File out(file, O_WRONLY | O_CREAT | O_TRUNC);
  if (out.number() < 0) return FileError(file, "cannot be written");
  RETURN_IF_ERROR(WriteAll(out.number(), text.data(), text.size(), file));
  return fsync(out.number()) == 0 ? OkStatus() : FileError(file, "cannot be written");
}

Status SyncPath(const std::string& path) {
  File file(path, O_RDONLY);
  if (file.number() < 0) return FileError(path, "cannot be opened");
  return fsync(file.number()) == 0 ? OkStatus() : FileError(path, "cannot be written");
}

StatusOr<int64_t> FileBytes(const std::string& file) {
  struct stat found {};
  if (stat(file.c_str(), &found) != 0) return FileError(file, "cannot be read");
  return static_cast<int64_t>(found.st_size);
}

Status CheckRoom(const std::string& folder, int64_t bytes) {
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0) return FileError(folder, "cannot be read");
  const int64_t room = static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
  if (room >= bytes + kSpareBytes) return OkStatus();
  return Precondition("DISK_TOO_SMALL", folder + ": the disk has room for " +
                                            std::to_string(room >> 20) + " MiB, " +
                                            std::to_string((bytes + kSpareBytes) >> 20) +
                                            " MiB are needed; make room or choose another disk");
}

PartialFolder::PartialFolder(std::string target)
    : target_(std::move(target)), path_(target_ + ".partial") {}

StatusOr<std::unique_ptr<PartialFolder>> PartialFolder::Make(const std::string& target) {
  std::unique_ptr<PartialFolder> partial(new PartialFolder(target));
  if (mkdir(partial->path_.c_str(), 0700) != 0 && errno != EEXIST)
    return FileError(partial->path_, "cannot be made");
  const std::string lock = partial->path_ + "/" + kLockFile;
  partial->lock_ = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (partial->lock_ < 0) return FileError(partial->path_, "cannot be written");
  if (flock(partial->lock_, LOCK_EX | LOCK_NB) != 0)
    return Precondition("BACKUP_UNDER_WAY",
                        partial->path_ + ": is being written by another process; wait for its end");
  RETURN_IF_ERROR(Clear(partial->path_));
  partial->ours_ = true;
  return partial;
}

PartialFolder::~PartialFolder() {
  std::error_code ignored;
  if (ours_) fs::remove_all(path_, ignored);
  if (lock_ >= 0) close(lock_);
}

Status PartialFolder::Finish(const std::string& replaced) {
  std::error_code error;
  fs::remove(path_ + "/" + kLockFile, error);
  RETURN_IF_ERROR(SyncPath(path_));
  if (!replaced.empty() && rename(target_.c_str(), replaced.c_str()) != 0)
    return FileError(target_, "cannot be renamed to " + replaced);
  // An empty folder may stand there: rename takes its place.
  if (rename(path_.c_str(), target_.c_str()) != 0) {
    Status failed = FileError(path_, "cannot be renamed to " + target_);
    if (!replaced.empty()) rename(replaced.c_str(), target_.c_str());
    return failed;
  }
  ours_ = false;
  return SyncPath(fs::path(target_).parent_path().string());
}

}  // namespace spm
