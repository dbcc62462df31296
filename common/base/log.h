// JSON logs, one line each, on standard output or in a file. Never personal data. Thread-safe.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace spm {

using LogField = std::pair<std::string_view, std::string>;

// Lines go to `file` (appended), or to standard output where it is empty.
void OpenLog(const std::string& file);

// Lines below the level are dropped; info at the start.
enum class LogLevel { kDebug, kInfo, kWarn, kError };
void SetLogLevel(LogLevel level);
// By name: debug, info, warn or error; another one changes nothing.
void SetLogLevel(std::string_view name);
// Whether lines of that level are written, for what is costly to say.
bool LogsDebug();

void LogDebug(std::string_view what, std::initializer_list<LogField> fields = {});
void LogInfo(std::string_view what, std::initializer_list<LogField> fields = {});
void LogWarn(std::string_view what, std::initializer_list<LogField> fields = {});
void LogError(std::string_view what, std::initializer_list<LogField> fields = {});

// Text as a JSON string, quotes included.
std::string JsonQuote(std::string_view text);

}  // namespace spm
