#include "services/suite/import/dates.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <exception>

#include "common/base/time.h"

namespace spm::suite {
namespace {

constexpr std::array<const char*, 12> kMonths = {"january",   "february", "march",    "april",
                                                 "may",       "june",     "july",     "august",
                                                 "september", "october",  "november", "december"};
constexpr std::array<const char*, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                  "friday", "saturday", "sunday"};
// Day number 0 of spreadsheets, which counts 1900 as a leap year.
constexpr int32_t kExcelEpochDay = -25569;

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool IsDigit(const std::string& text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// Reads between `least` and `most` digits.
bool ReadDigits(const std::string& text, size_t* at, int least, int most, int64_t* value) {
  int n = 0;
  *value = 0;
  while (n < most && IsDigit(text, *at)) {
    *value = *value * 10 + (text[(*at)++] - '0');
    ++n;
  }
  return n >= least;
}

// Reads one of the names in full or by its first three letters; its number counts from 1.
template <size_t N>
bool ReadName(const std::array<const char*, N>& names, const std::string& text, size_t* at,
              int* number) {
  size_t end = *at;
  while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end]))) ++end;
  const std::string word = Lower(text.substr(*at, end - *at));
  if (word.size() < 3) return false;
  for (size_t i = 0; i < N; ++i) {
    const std::string name = names[i];
    if (word != name && word != name.substr(0, 3) && !(word == "sept" && name == "september"))
      continue;
    *number = static_cast<int>(i) + 1;
    *at = end;
    if (*at < text.size() && text[*at] == '.') ++*at;
    return true;
  }
  return false;
}

}  // namespace

struct DateFormat::Fields {
  int year = 1970;
  int month = 1;
  int day = 1;
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t fraction_us = 0;
  bool has_time = false;
  std::optional<bool> pm;
  std::optional<int> offset_minutes;
};

// Kinds: y year, M month, n month's name, d day, w weekday, h hour, i minute, s second, f fraction,
// a AM/PM, z offset, l literal, I U X the formats iso, unix and excel.
StatusOr<DateFormat> DateFormat::Parse(const std::string& format) {
  DateFormat out;
  out.text_ = format;
  const std::string low = Lower(format);
  if (low == "iso" || low == "unix" || low == "excel") {
    out.tokens_.push_back({low == "iso" ? 'I' : low == "unix" ? 'U' : 'X', 0, ""});
    return out;
  }
  bool after_hour = false;
  for (size_t at = 0; at < low.size();) {
    const char c = low[at];
    size_t end = at;
    while (end < low.size() && low[end] == c) ++end;
    const int width = static_cast<int>(end - at);
    if (low.compare(at, 5, "am/pm") == 0) {
      out.tokens_.push_back({'a', 0, ""});
      at += 5;
      continue;
    }
    if (low.compare(at, 2, ".0") == 0 && !out.tokens_.empty() && out.tokens_.back().kind == 's') {
      out.tokens_.push_back({'f', 0, ""});
      at = low.find_first_not_of('0', at + 1);
      if (at == std::string::npos) break;
      continue;
    }
    if (c == 'y' && (width == 4 || width == 2)) {
      out.tokens_.push_back({'y', width, ""});
    } else if (c == 'm' && width <= 4) {
      const size_t next = low.find_first_not_of(":. ", end);
      const bool minutes =
          width <= 2 &&
          (after_hour || (next != std::string::npos && low[next] == 's' && next > end));
      out.tokens_.push_back({minutes ? 'i' : width <= 2 ? 'M' : 'n', width, ""});
      after_hour = false;
    } else if (c == 'd' && width <= 4) {
      out.tokens_.push_back({width <= 2 ? 'd' : 'w', width, ""});
    } else if ((c == 'h' || c == 's') && width <= 2) {
      out.tokens_.push_back({c, width, ""});
      after_hour = c == 'h';
    } else if (c == 'z' && width == 1) {
      out.tokens_.push_back({'z', 0, ""});
    } else if (!std::isalpha(static_cast<unsigned char>(c)) || c == 't') {
      out.tokens_.push_back({'l', 0, format.substr(at, end - at)});
    } else {
      return InvalidField("format", fmt::format("'{}' in '{}' is not understood; use yyyy mm dd hh "
                                                "mm ss as in a spreadsheet, or iso, unix, excel",
                                                format.substr(at, end - at), format));
    }
    at = end;
  }
  const auto has = [&](char a, char b) {
    return std::any_of(out.tokens_.begin(), out.tokens_.end(),
                       [&](const Token& t) { return t.kind == a || t.kind == b; });
  };
  if (!has('y', 'y')) return InvalidField("format", "'" + format + "' has no year (yyyy or yy)");
  if (has('d', 'd') && !has('M', 'n'))
    return InvalidField("format", "'" + format + "' has a day and no month (mm or mmm)");
  return out;
}

bool DateFormat::ReadToken(const Token& token, bool digits_follow, const std::string& text,
                           size_t* at, Fields* fields) const {
  int64_t number = 0;
  const int least = digits_follow ? 2 : 1;
  switch (token.kind) {
    case 'l':
      if (Lower(text.substr(*at, token.literal.size())) != Lower(token.literal)) return false;
      *at += token.literal.size();
      return true;
    case 'y':
      if (!ReadDigits(text, at, token.width, token.width, &number)) return false;
      if (token.width == 2) number += number < 70 ? 2000 : 1900;
      fields->year = static_cast<int>(number);
      return true;
    case 'M':
      if (!ReadDigits(text, at, least, 2, &number)) return false;
      fields->month = static_cast<int>(number);
      return true;
    case 'd':
      if (!ReadDigits(text, at, least, 2, &number)) return false;
      fields->day = static_cast<int>(number);
      return true;
    case 'n':
      return ReadName(kMonths, text, at, &fields->month);
    case 'w': {
      int ignored;
      return ReadName(kWeekdays, text, at, &ignored);
    }
    case 'h':
      fields->has_time = true;
      return ReadDigits(text, at, least, 2, &fields->hour) && fields->hour <= 23;
    case 'i':
      return ReadDigits(text, at, least, 2, &fields->minute) && fields->minute <= 59;
    case 's':
      return ReadDigits(text, at, least, 2, &fields->second) && fields->second <= 59;
    case 'f': {
      if (*at >= text.size() || text[*at] != '.') return true;
      ++*at;
      int64_t scale = 100'000;
      if (!IsDigit(text, *at)) return false;
      for (; IsDigit(text, *at); ++*at, scale /= 10)
        fields->fraction_us += (text[*at] - '0') * scale;
      return true;
    }
    case 'a': {
      const std::string word = Lower(text.substr(*at, 2));
      if (word != "am" && word != "pm") return false;
      fields->pm = word == "pm";
      *at += 2;
      return true;
    }
    case 'z': {
      if (*at < text.size() && (text[*at] == 'Z' || text[*at] == 'z')) {
        ++*at;
        fields->offset_minutes = 0;
        return true;
      }
      if (*at >= text.size() || (text[*at] != '+' && text[*at] != '-')) return false;
      const int sign = text[(*at)++] == '-' ? -1 : 1;
      int64_t hours = 0;
      int64_t minutes = 0;
      if (!ReadDigits(text, at, 2, 2, &hours)) return false;
      if (*at < text.size() && text[*at] == ':') ++*at;
      if (IsDigit(text, *at) && !ReadDigits(text, at, 2, 2, &minutes)) return false;
      fields->offset_minutes = sign * static_cast<int>(hours * 60 + minutes);
      return hours <= 14 && minutes <= 59;
    }
    default:
      return false;
  }
}

std::optional<LocalTime> DateFormat::Assemble(const Fields& fields) {
  const Ymd ymd{fields.year, fields.month, fields.day};
  if (!IsValid(ymd)) return std::nullopt;
  LocalTime out;
  out.day = DayOf(ymd);
  out.offset_minutes = fields.offset_minutes;
  if (!fields.has_time) return out;
  int64_t hour = fields.hour;
  if (fields.pm) {
    if (hour < 1 || hour > 12) return std::nullopt;
    hour = hour % 12 + (*fields.pm ? 12 : 0);
  }
  out.time_us =
      hour * kHourUs + fields.minute * kMinuteUs + fields.second * kSecondUs + fields.fraction_us;
  return out;
}

std::optional<LocalTime> DateFormat::ReadNumber(const std::string& text) const {
  size_t at = 0;
  int64_t whole = 0;
  if (!ReadDigits(text, &at, 1, 11, &whole)) return std::nullopt;
  double part = 0;
  if (at < text.size()) {
    if (text[at++] != '.') return std::nullopt;
    double scale = 0.1;
    for (; IsDigit(text, at); ++at, scale /= 10) part += (text[at] - '0') * scale;
    if (at != text.size()) return std::nullopt;
  }
  LocalTime out;
  if (tokens_[0].kind == 'U') {
    out.day = static_cast<int32_t>(whole / 86400);
    out.time_us = whole % 86400 * kSecondUs + std::llround(part * kSecondUs);
    out.offset_minutes = 0;
  } else {
    if (whole < 61 || whole > 2958465) return std::nullopt;
    out.day = static_cast<int32_t>(whole) + kExcelEpochDay;
    if (part > 0) out.time_us = std::llround(part * 86400) * kSecondUs;
  }
  return out;
}

std::optional<LocalTime> DateFormat::Read(const std::string& text) const {
  if (tokens_.empty()) return std::nullopt;
  if (tokens_[0].kind == 'U' || tokens_[0].kind == 'X') return ReadNumber(text);
  if (tokens_[0].kind == 'I') {
    static const std::vector<DateFormat> kIso = [] {
      std::vector<DateFormat> all;
      for (const char* f :
           {"yyyy-mm-dd", "yyyy-mm-ddThh:mm:ss.000z", "yyyy-mm-ddThh:mm:ss.000",
            "yyyy-mm-dd hh:mm:ss.000z", "yyyy-mm-dd hh:mm:ss.000", "yyyy-mm-ddThh:mmz",
            "yyyy-mm-ddThh:mm", "yyyy-mm-dd hh:mm", "yyyymmdd"})
        all.push_back(Parse(f).value());
      return all;
    }();
    return ReadDate(text, kIso);
  }
  Fields fields;
  size_t at = 0;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const char next = i + 1 < tokens_.size() ? tokens_[i + 1].kind : 'l';
    const bool digits_follow =
        next == 'y' || next == 'M' || next == 'd' || next == 'h' || next == 'i' || next == 's';
    if (!ReadToken(tokens_[i], digits_follow, text, &at, &fields)) return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  return Assemble(fields);
}

std::optional<LocalTime> ReadDate(const std::string& text, const std::vector<DateFormat>& formats) {
  for (const auto& format : formats)
    if (auto time = format.Read(text)) return time;
  return std::nullopt;
}

StatusOr<FileZone> FileZone::Find(const std::string& name) {
  FileZone out;
  try {
    out.zone_ = date::locate_zone(name);
  } catch (const std::exception&) {
    return InvalidField("zone",
                        "'" + name + "' is no zone of the IANA database, such as Asia/Shanghai");
  }
  return out;
}

int64_t FileZone::ToUs(const LocalTime& time) const {
  const int64_t local = time.day * kDayUs + time.time_us.value_or(0);
  if (time.offset_minutes) return local - *time.offset_minutes * kMinuteUs;
  const date::local_time<std::chrono::microseconds> moment{std::chrono::microseconds(local)};
  return zone_->to_sys(moment, date::choose::earliest).time_since_epoch().count();
}

int32_t FileZone::DayAt(int64_t us) const {
  const date::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds(us)};
  const auto local = zone_->to_local(moment).time_since_epoch();
  return static_cast<int32_t>(std::chrono::floor<date::days>(local).count());
}

}  // namespace spm::suite
