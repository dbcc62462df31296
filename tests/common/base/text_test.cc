#include "common/base/text.h"

#include <gtest/gtest.h>

namespace spm {
namespace {

TEST(Utf8, TakesCharactersOfEveryLength) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain"));
  EXPECT_TRUE(IsUtf8("é 销售 😀"));
  EXPECT_TRUE(IsUtf8("\xf4\x8f\xbf\xbf"));  // the last character
  EXPECT_TRUE(IsUtf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesWhatIsIllFormed) {
  for (const char* text : {"\xff", "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
                           "\xf0\x80\x80\x80", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80", "\xe9\x94", "a\xe9", "\xe9\x41\x41"})
    EXPECT_FALSE(IsUtf8(text));
}

TEST(Utf8, IsCutBetweenCharacters) {
  EXPECT_EQ(Utf8Prefix("abc", 3), "abc");
  EXPECT_EQ(Utf8Prefix("abcd", 3), "abc");
  EXPECT_EQ(Utf8Prefix("销售", 6), "销售");
  EXPECT_EQ(Utf8Prefix("销售", 5), "销");
  EXPECT_EQ(Utf8Prefix("销售", 3), "销");
  EXPECT_EQ(Utf8Prefix("销售", 2), "");
  EXPECT_EQ(Utf8Prefix("销售", 0), "");
}

TEST(Text, IsTrimmedOfWhiteSpaceAndMarksThatShowNothing) {
  EXPECT_EQ(Trimmed("Acme"), "Acme");
  EXPECT_EQ(Trimmed(" \t\r\nAcme Pumps \n"), "Acme Pumps");
  EXPECT_EQ(Trimmed("\u00a0\u3000销售\u2003\u200b"), "销售");
  EXPECT_EQ(Trimmed("\ufeffAcme"), "Acme");
  EXPECT_EQ(Trimmed("é"), "é");
  EXPECT_EQ(Trimmed("😀"), "😀");
  // What scripts and emoji need stays.
  EXPECT_EQ(Trimmed("\u200dx\u200f"), "\u200dx\u200f");
  EXPECT_EQ(Trimmed("\u202ex"), "\u202ex");
  for (const char* empty : {"", " ", "\u3000", "\u00a0\u200b\ufeff"})
    EXPECT_EQ(Trimmed(empty), "") << empty;
  // Ill-formed bytes are none of them.
  EXPECT_EQ(Trimmed("\x80 "), "\x80");
  EXPECT_EQ(Trimmed(" \xe3\x80"), "\xe3\x80");
}

TEST(Text, KnowsWhatTurnsAndWhatHides) {
  for (char32_t c : {0x202a, 0x202e, 0x2066, 0x2069}) EXPECT_TRUE(IsDirectionControl(c));
  for (char32_t c : {0x2029, 0x202f, 0x2065, 0x206a, 0x200e, 0x200f})
    EXPECT_FALSE(IsDirectionControl(c));
  for (char32_t c : {0x200b, 0x2060, 0xfeff}) EXPECT_TRUE(IsInvisible(c));
  for (char32_t c : {0x200c, 0x200d, 0x2061, 0x20}) EXPECT_FALSE(IsInvisible(c));
  EXPECT_EQ(Utf8CodePoint("A"), U'A');
  EXPECT_EQ(Utf8CodePoint("é"), U'é');
  EXPECT_EQ(Utf8CodePoint("销"), U'销');
  EXPECT_EQ(Utf8CodePoint("😀"), U'😀');
}

}  // namespace
}  // namespace spm
