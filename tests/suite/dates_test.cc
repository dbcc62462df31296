#include "services/suite/import/dates.h"

#include <gtest/gtest.h>

#include "common/base/time.h"

namespace spm::suite {
namespace {

// Day and time as text; "none" where the format does not take the text.
std::string Read(const std::string& format, const std::string& text) {
  auto parsed = DateFormat::Parse(format);
  if (!parsed.ok()) return "bad format: " + std::string(parsed.status().message());
  const auto time = parsed->Read(text);
  if (!time) return "none";
  std::string out = FormatDay(time->day);
  if (time->time_us) out += " " + std::to_string(*time->time_us / kSecondUs);
  if (time->offset_minutes) out += " z" + std::to_string(*time->offset_minutes);
  return out;
}

TEST(Dates, ReadsTheFormsThatFilesHave) {
  const struct {
    const char* format;
    const char* text;
    const char* want;
  } kCases[] = {
      {"yyyy-mm-dd", "2017-06-01", "2017-06-01"},
      {"yyyy-mm-dd", "2017-6-1", "2017-06-01"},
      {"dd/mm/yyyy", "31/12/2017", "2017-12-31"},
      {"dd/mm/yyyy", "1/2/2017", "2017-02-01"},
      {"mm/dd/yyyy", "1/2/2017", "2017-01-02"},
      {"d.m.yy", "5.7.17", "2017-07-05"},
      {"d.m.yy", "5.7.69", "2069-07-05"},
      {"d.m.yy", "5.7.70", "1970-07-05"},
      {"yyyymmdd", "20170601", "2017-06-01"},
      {"dd-mmm-yyyy", "05-Jul-2017", "2017-07-05"},
      {"d mmmm yyyy", "5 September 2017", "2017-09-05"},
      {"d mmm yyyy", "5 sept 2017", "2017-09-05"},
      {"ddd, d mmm yyyy", "Wed, 5 Jul 2017", "2017-07-05"},
      {"yyyy年m月d日", "2017年6月1日", "2017-06-01"},
      {"mm/yyyy", "06/2017", "2017-06-01"},
      {"yyyy-mm-dd hh:mm", "2017-06-01 23:59", "2017-06-01 86340"},
      {"yyyy-mm-dd hh:mm:ss", "2017-06-01 00:00:01", "2017-06-01 1"},
      {"m/d/yyyy h:mm am/pm", "6/1/2017 12:05 AM", "2017-06-01 300"},
      {"m/d/yyyy h:mm am/pm", "6/1/2017 1:05 pm", "2017-06-01 47100"},
      {"iso", "2017-06-01", "2017-06-01"},
      {"iso", "2017-06-01T10:00:00Z", "2017-06-01 36000 z0"},
      {"iso", "2017-06-01T10:00:00.250+08:00", "2017-06-01 36000 z480"},
      {"iso", "2017-06-01 10:00", "2017-06-01 36000"},
      {"unix", "1496275200", "2017-06-01 0 z0"},
      {"excel", "42887", "2017-06-01"},
      {"excel", "42887.5", "2017-06-01 43200"},
  };
  for (const auto& one : kCases)
    EXPECT_EQ(Read(one.format, one.text), one.want) << one.format << " " << one.text;
}

TEST(Dates, RefusesWhatIsNoDay) {
  const struct {
    const char* format;
    const char* text;
  } kCases[] = {{"yyyy-mm-dd", "2017-02-29"},
                {"yyyy-mm-dd", "2017-13-01"},
                {"yyyy-mm-dd", "2017-06-01x"},
                {"yyyy-mm-dd", ""},
                {"yyyy-mm-dd", "01/06/2017"},
                {"dd/mm/yyyy", "12/31/2017"},
                {"dd/mm/yyyy", "1/2/17"},
                {"yyyy-mm-dd hh:mm", "2017-06-01 24:00"},
                {"yyyy-mm-dd hh:mm", "2017-06-01 23:60"},
                {"h:mm am/pm yyyy", "13:00 pm 2017"},
                {"dd-mmm-yyyy", "05-Foo-2017"},
                {"excel", "60"},
                {"iso", "2017-06-01T10:00:00+15:00"}};
  for (const auto& one : kCases) EXPECT_EQ(Read(one.format, one.text), "none") << one.text;
}

TEST(Dates, AFormatThatIsNotUnderstoodSaysWhy) {
  EXPECT_NE(Read("dd/mm", "").find("no year"), std::string::npos);
  EXPECT_NE(Read("yyyy-qq", "").find("qq"), std::string::npos);
  EXPECT_NE(Read("yyyy dd", "").find("month"), std::string::npos);
}

TEST(Dates, TheFirstFormatThatFitsCounts) {
  const std::vector<DateFormat> both = {DateFormat::Parse("dd/mm/yyyy").value(),
                                        DateFormat::Parse("mm/dd/yyyy").value()};
  EXPECT_EQ(FormatDay(ReadDate("03/04/2017", both)->day), "2017-04-03");
  EXPECT_EQ(FormatDay(ReadDate("03/14/2017", both)->day), "2017-03-14");
}

TEST(Dates, LocalTimesAreMomentsOfTheirZone) {
  const FileZone shanghai = FileZone::Find("Asia/Shanghai").value();
  LocalTime noon{DayOf({2017, 6, 1}), 12 * kHourUs, std::nullopt};
  EXPECT_EQ(FormatTime(shanghai.ToUs(noon)), "2017-06-01T04:00:00.000000Z");
  noon.offset_minutes = 0;
  EXPECT_EQ(FormatTime(shanghai.ToUs(noon)), "2017-06-01T12:00:00.000000Z");
  // A time that occurs twice is the first, one that is skipped is the change.
  const FileZone berlin = FileZone::Find("Europe/Berlin").value();
  EXPECT_EQ(FormatTime(berlin.ToUs({DayOf({2017, 10, 29}), 150 * kMinuteUs, std::nullopt})),
            "2017-10-29T00:30:00.000000Z");
  EXPECT_EQ(FormatTime(berlin.ToUs({DayOf({2017, 3, 26}), 150 * kMinuteUs, std::nullopt})),
            "2017-03-26T01:00:00.000000Z");
  EXPECT_FALSE(FileZone::Find("Mars/Base").ok());
}

}  // namespace
}  // namespace spm::suite
