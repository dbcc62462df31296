// Dates and times as files write them, by formats that a spreadsheet user knows: yyyy-mm-dd,
// dd/mm/yyyy, d-mmm-yy, yyyy-mm-dd hh:mm:ss. Values; free of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace date {
class time_zone;
}

namespace spm::suite {

// A day without a zone, with or without a time of day.
struct LocalTime {
  int32_t day = 0;
  // Microseconds into the day; absent for a format without hours.
  std::optional<int64_t> time_us;
  // Set where the text names its own offset from UTC (format `z`), in minutes.
  std::optional<int> offset_minutes;
};

// One compiled format. Letters repeat as in a spreadsheet: yyyy yy, mm m mmm (Jan) mmmm (January),
// dd d ddd (Mon), hh h, mm after hh or before ss is minutes, ss, fractions as .000, AM/PM, z (Z,
// +08:00). `iso` is ISO 8601, `unix` are seconds since 1970, `excel` is a spreadsheet's day number.
class DateFormat {
 public:
  // INVALID_ARGUMENT says what in the format is not understood.
  static StatusOr<DateFormat> Parse(const std::string& format);

  const std::string& text() const { return text_; }
  // nullopt where the text has another form or is no day (30 February).
  std::optional<LocalTime> Read(const std::string& text) const;

 private:
  struct Token {
    char kind;
    int width;
    std::string literal;
  };
  struct Fields;

  bool ReadToken(const Token& token, bool digits_follow, const std::string& text, size_t* at,
                 Fields* fields) const;
  static std::optional<LocalTime> Assemble(const Fields& fields);
  std::optional<LocalTime> ReadNumber(const std::string& text) const;

  std::string text_;
  std::vector<Token> tokens_;
};

// Tries the formats in order.
std::optional<LocalTime> ReadDate(const std::string& text, const std::vector<DateFormat>& formats);

// A zone of the IANA database that turns local times into moments.
class FileZone {
 public:
  static StatusOr<FileZone> Find(const std::string& name);
  // Microseconds since 1970. Of a time that occurs twice the first; one that is skipped counts as
  // the moment of the change.
  int64_t ToUs(const LocalTime& time) const;
  // Day of a moment in this zone, days since 1970.
  int32_t DayAt(int64_t us) const;

 private:
  const date::time_zone* zone_ = nullptr;
};

}  // namespace spm::suite
