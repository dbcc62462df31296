#include "services/suite/import/csv.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace spm::suite {
namespace {

class Csv : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "/csv_test_" +
            testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv";
  }
  void TearDown() override { std::filesystem::remove(path_); }

  // Every record as line:field|field, with !error behind.
  std::vector<std::string> Read(const std::string& text, char delimiter = ',') {
    std::ofstream(path_, std::ios::binary) << text;
    auto reader = CsvReader::Open(path_, delimiter);
    if (!reader.ok()) {
      status_ = reader.status();
      return {};
    }
    std::vector<std::string> out;
    CsvRecord record;
    while ((*reader)->Next(&record)) {
      std::string line = std::to_string(record.line) + ":";
      for (size_t i = 0; i < record.fields.size(); ++i)
        line += (i > 0 ? "|" : "") + record.fields[i];
      if (!record.error.empty()) line += "!" + record.error;
      out.push_back(line);
    }
    status_ = (*reader)->status();
    return out;
  }

  std::string path_;
  Status status_;
};

using Lines = std::vector<std::string>;

TEST_F(Csv, ReadsPlainRecordsWithAndWithoutALastLineBreak) {
  EXPECT_EQ(Read("a,b\n1,2\n"), (Lines{"1:a|b", "2:1|2"}));
  EXPECT_EQ(Read("a,b\n1,2"), (Lines{"1:a|b", "2:1|2"}));
  EXPECT_EQ(Read(""), Lines{});
  EXPECT_TRUE(status_.ok());
}

TEST_F(Csv, KeepsEmptyFields) { EXPECT_EQ(Read("a,,\n,b,\n"), (Lines{"1:a||", "2:|b|"})); }

TEST_F(Csv, TakesAnyLineEndAndPassesOverEmptyLines) {
  EXPECT_EQ(Read("a,b\r\n1,2\r\n"), (Lines{"1:a|b", "2:1|2"}));
  EXPECT_EQ(Read("a,b\r1,2\r"), (Lines{"1:a|b", "2:1|2"}));
  EXPECT_EQ(Read("a\n\n\nb\n"), (Lines{"1:a", "4:b"}));
}

TEST_F(Csv, RemovesAByteOrderMark) {
  EXPECT_EQ(Read("\xEF\xBB\xBF"
                 "a,b\n"),
            Lines{"1:a|b"});
}

TEST_F(Csv, UnquotesAndKeepsLineBreaksInQuotes) {
  EXPECT_EQ(Read("\"a,b\",\"say \"\"hi\"\"\"\n\"two\nlines\",x\nnext,y\n"),
            (Lines{"1:a,b|say \"hi\"", "2:two\nlines|x", "4:next|y"}));
  EXPECT_EQ(Read("5\" pipe,x\n"), Lines{"1:5\" pipe|x"});
  EXPECT_EQ(Read("\"\",x\n"), Lines{"1:|x"});
}

TEST_F(Csv, TakesOtherDelimiters) {
  EXPECT_EQ(Read("a;b,c\n", ';'), Lines{"1:a|b,c"});
  EXPECT_EQ(Read("a\tb\n", '\t'), Lines{"1:a|b"});
}

TEST_F(Csv, FaultsOfOneRecordLeaveTheOthersReadable) {
  const auto lines = Read("a\n\"x\"y\n\xFF\nb\n");
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_NE(lines[1].find("closing quote"), std::string::npos);
  EXPECT_NE(lines[2].find("UTF-8"), std::string::npos);
  EXPECT_EQ(lines[3], "4:b");
  EXPECT_TRUE(status_.ok());
}

TEST_F(Csv, AQuoteThatIsNeverClosedNamesItsLine) {
  EXPECT_EQ(Read("a,b\n1,\"open\n2,3\n"), Lines{"1:a|b"});
  EXPECT_NE(std::string(status_.message()).find("line 2"), std::string::npos);
  EXPECT_NE(std::string(status_.message()).find("never closed"), std::string::npos);
}

TEST_F(Csv, ANulByteNamesItsLine) {
  EXPECT_EQ(Read(std::string("a\nb\0c\n", 6)), Lines{"1:a"});
  EXPECT_NE(std::string(status_.message()).find("line 2: a NUL byte"), std::string::npos);
}

TEST_F(Csv, Utf16SaysWhatToDo) {
  Read(
      std::string("\xFF\xFE"
                  "a\0,\0",
                  6));
  EXPECT_NE(std::string(status_.message()).find("UTF-16"), std::string::npos);
}

TEST_F(Csv, AMissingFileIsNotFound) {
  const auto reader = CsvReader::Open(path_ + ".none", ',');
  EXPECT_EQ(reader.status().code(), StatusCode::kNotFound);
}

TEST(Utf8, KnowsBothSidesOfEachBoundary) {
  for (const char* good : {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "线索"})
    EXPECT_TRUE(IsUtf8(good)) << good;
  for (const char* bad : {"\x80", "\xC1\x80", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE7\xBA"})
    EXPECT_FALSE(IsUtf8(bad)) << bad;
}

}  // namespace
}  // namespace spm::suite
