#include "services/suite/import/csv.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace spm::suite {
namespace {

constexpr int kEnd = -1;
constexpr size_t kBufferBytes = 256 << 10;

// Length of the UTF-8 sequence at `p`, 0 where there is none.
size_t SequenceAt(const unsigned char* p, const unsigned char* end) {
  const auto follows = [&](size_t n) {
    if (static_cast<size_t>(end - p) <= n) return false;
    for (size_t i = 1; i <= n; ++i)
      if ((p[i] & 0xC0) != 0x80) return false;
    return true;
  };
  if (p[0] < 0x80) return 1;
  if (p[0] >= 0xC2 && p[0] <= 0xDF) return follows(1) ? 2 : 0;
  if (p[0] >= 0xE0 && p[0] <= 0xEF) {
    if (!follows(2)) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
    if (p[0] == 0xED && p[1] > 0x9F) return 0;
    return 3;
  }
  if (p[0] >= 0xF0 && p[0] <= 0xF4) {
    if (!follows(3)) return 0;
    if (p[0] == 0xF0 && p[1] < 0x90) return 0;
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

bool IsUtf8(const std::string& bytes) {
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* end = p + bytes.size();
  while (p < end) {
    const size_t n = SequenceAt(p, end);
    if (n == 0) return false;
    p += n;
  }
  return true;
}

StatusOr<std::unique_ptr<CsvReader>> CsvReader::Open(const std::string& path, char delimiter) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return Error(StatusCode::kNotFound, "FILE_NOT_FOUND",
                 fmt::format("{}: {}", path, std::strerror(errno)));
  struct stat info = {};
  if (fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)) {
    close(fd);
    return Error(StatusCode::kNotFound, "FILE_NOT_FOUND", path + " is not a file");
  }
  std::unique_ptr<CsvReader> reader(new CsvReader(path, fd, info.st_size, delimiter));
  reader->SkipByteOrderMark();
  if (!reader->status_.ok()) return reader->status_;
  return reader;
}

CsvReader::CsvReader(std::string path, int fd, int64_t size, char delimiter)
    : path_(std::move(path)), fd_(fd), size_(size), delimiter_(delimiter), buffer_(kBufferBytes) {}

CsvReader::~CsvReader() { close(fd_); }

double CsvReader::Done() const {
  if (size_ <= 0) return 1;
  return static_cast<double>(consumed_ - static_cast<int64_t>(end_ - at_)) /
         static_cast<double>(size_);
}

int CsvReader::Peek() {
  if (at_ < end_) return static_cast<unsigned char>(buffer_[at_]);
  ssize_t n;
  do {
    n = read(fd_, buffer_.data(), buffer_.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) Fail(line_, std::strerror(errno));
  if (n <= 0) return kEnd;
  at_ = 0;
  end_ = static_cast<size_t>(n);
  consumed_ += n;
  return static_cast<unsigned char>(buffer_[0]);
}

int CsvReader::Get() {
  const int c = Peek();
  if (c != kEnd) ++at_;
  if (c == '\n') ++line_;
  if (c == '\0') Fail(line_, "a NUL byte; save the file as CSV in UTF-8");
  return c;
}

void CsvReader::SkipByteOrderMark() {
  Peek();
  const auto starts = [this](const char* mark, size_t n) {
    return end_ - at_ >= n && std::memcmp(buffer_.data() + at_, mark, n) == 0;
  };
  if (starts("\xEF\xBB\xBF", 3)) at_ += 3;
  if (starts("\xFF\xFE", 2) || starts("\xFE\xFF", 2))
    Fail(1, "the file is UTF-16; save it as CSV in UTF-8");
}

bool CsvReader::Fail(int64_t line, const std::string& what) {
  if (status_.ok())
    status_ = Error(StatusCode::kInvalidArgument, "BAD_CSV",
                    fmt::format("{}, line {}: {}", path_, line, what));
  return false;
}

// The opening quote was read. Stops behind the closing one.
bool CsvReader::ReadQuoted(std::string* field, CsvRecord* record) {
  const int64_t opened = line_;
  while (true) {
    const int c = Get();
    if (c == kEnd)
      return Fail(opened,
                  "a quote is opened here and never closed; close it, or write a quote within "
                  "quotes twice");
    if (c == '\0') return false;
    if (c != '"') {
      field->push_back(static_cast<char>(c));
      continue;
    }
    if (Peek() == '"') {
      Get();
      field->push_back('"');
      continue;
    }
    const int next = Peek();
    if (next != kEnd && next != '\n' && next != '\r' && next != delimiter_ && record->error.empty())
      record->error = "text after a closing quote; write a quote within quotes twice";
    return true;
  }
}

// Reads to the end of the field from its first character; returns what ended it.
int CsvReader::ReadPlain(int c, std::string* field) {
  while (c != kEnd && c != '\n' && c != '\r' && c != delimiter_ && c != '\0') {
    field->push_back(static_cast<char>(c));
    c = Get();
  }
  return c;
}

bool CsvReader::Next(CsvRecord* record) {
  record->error.clear();
  size_t n = 0;
  const auto field = [&]() -> std::string* {
    if (record->fields.size() <= n) record->fields.emplace_back();
    record->fields[n].clear();
    return &record->fields[n++];
  };
  while (Peek() == '\n' || Peek() == '\r') {
    if (Get() == '\r' && Peek() != '\n') ++line_;
  }
  if (!status_.ok() || Peek() == kEnd) return false;
  record->line = line_;
  int c = static_cast<unsigned char>(delimiter_);
  while (c == static_cast<unsigned char>(delimiter_)) {
    std::string* text = field();
    c = Get();
    if (c == '"') {
      if (!ReadQuoted(text, record)) return false;
      c = Get();
    }
    c = ReadPlain(c, text);
    if (c == '\0' || !status_.ok()) return false;
  }
  if (c == '\r') {
    if (Peek() == '\n') {
      Get();
    } else {
      ++line_;
    }
  }
  record->fields.resize(n);
  for (const auto& text : record->fields)
    if (record->error.empty() && !IsUtf8(text))
      record->error = "bytes that are not UTF-8; save the file as CSV in UTF-8";
  return true;
}

}  // namespace spm::suite
