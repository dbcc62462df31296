#include "common/base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <mutex>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/time.h"

namespace spm {
namespace {

struct Sink {
  std::mutex mutex;
  int fd = STDOUT_FILENO;
};

// Never destroyed: threads may log until the process ends.
Sink& TheSink() {
  static auto* sink = new Sink;
  return *sink;
}

std::atomic<LogLevel> lowest{LogLevel::kInfo};

void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

void Log(LogLevel level, const char* name, std::string_view what,
         std::initializer_list<LogField> fields) {
  if (level < lowest.load(std::memory_order_relaxed)) return;
  std::string line = "{\"time\":\"" + FormatTime(SystemClock().NowUs()) + "\",\"level\":\"" + name +
                     "\",\"message\":" + JsonQuote(what);
  for (const LogField& field : fields)
    if (!field.second.empty()) line += "," + JsonQuote(field.first) + ":" + JsonQuote(field.second);
  line += "}\n";
  Sink& sink = TheSink();
  std::lock_guard lock(sink.mutex);
  WriteAll(sink.fd, line);
}

}  // namespace

void OpenLog(const std::string& file) {
  int fd = STDOUT_FILENO;
  if (!file.empty()) fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) {
    LogError("cannot open the log file; logging goes on as before", {{"file", file}});
    return;
  }
  Sink& sink = TheSink();
  std::lock_guard lock(sink.mutex);
  if (sink.fd != STDOUT_FILENO) ::close(sink.fd);
  sink.fd = fd;
}

void SetLogLevel(LogLevel level) { lowest = level; }

void SetLogLevel(std::string_view name) {
  if (name == "debug") lowest = LogLevel::kDebug;
  if (name == "info") lowest = LogLevel::kInfo;
  if (name == "warn") lowest = LogLevel::kWarn;
  if (name == "error") lowest = LogLevel::kError;
}

bool LogsDebug() { return lowest.load(std::memory_order_relaxed) <= LogLevel::kDebug; }

void LogDebug(std::string_view what, std::initializer_list<LogField> fields) {
  Log(LogLevel::kDebug, "debug", what, fields);
}
void LogInfo(std::string_view what, std::initializer_list<LogField> fields) {
  Log(LogLevel::kInfo, "info", what, fields);
}
void LogWarn(std::string_view what, std::initializer_list<LogField> fields) {
  Log(LogLevel::kWarn, "warn", what, fields);
}
void LogError(std::string_view what, std::initializer_list<LogField> fields) {
  Log(LogLevel::kError, "error", what, fields);
}

std::string JsonQuote(std::string_view text) {
  constexpr char kHexDigits[] = "0123456789abcdef";
  std::string json = "\"";
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    const size_t length = Utf8CharacterAt(text, i);
    if (length == 0) {
      json += "\\ufffd";
    } else if (length > 1) {
      json += text.substr(i, length);
    } else if (c == '"' || c == '\\') {
      json += {'\\', c};
    } else if (c == '\n') {
      json += "\\n";
    } else if (c == '\t') {
      json += "\\t";
    } else if (c == '\r') {
      json += "\\r";
    } else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
      json += {'\\', 'u', '0', '0', kHexDigits[c >> 4], kHexDigits[c & 15]};
    } else {
      json += c;
    }
    i += length == 0 ? 1 : length;
  }
  return json + "\"";
}

}  // namespace spm
