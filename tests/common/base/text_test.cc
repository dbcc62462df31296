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

}  // namespace
}  // namespace spm
