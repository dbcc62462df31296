#include "services/leads/rules/phone.h"

#include <gtest/gtest.h>

namespace spm::leads {
namespace {

// L11
TEST(NormalPhone, OneFormHoweverItIsWritten) {
  for (const char* text :
       {"+86 139-1234-5678", "+8613912345678", "0086 139 1234 5678", "+86 (139) 1234-5678",
        "13912345678", "139 1234 5678", "8613912345678", "139.1234.5678", "013912345678",
        "１３９１２３４５６７８", "＋８６　１３９－１２３４－５６７８", "（139）1234-5678",
        "+86 139\xc2\xa0"
        "12345678",
        "139–1234–5678"})
    EXPECT_EQ(NormalPhone(text, "86"), "+8613912345678") << text;
}

TEST(NormalPhone, NumbersWithinACountryLoseTheirZero) {
  EXPECT_EQ(NormalPhone("010-12345678", "86"), "+861012345678");
  EXPECT_EQ(NormalPhone("030 1234567", "49"), "+49301234567");
  EXPECT_EQ(NormalPhone("+49 (0)30 1234567", "86"), "+49301234567");
  EXPECT_EQ(NormalPhone("+49 30 1234567", "86"), NormalPhone("0049-30-1234567", "1"));
  EXPECT_EQ(NormalPhone("(415) 555-0100", "1"), "+14155550100");
  EXPECT_EQ(NormalPhone("1 415 555 0100", "1"), "+14155550100");
  EXPECT_EQ(NormalPhone("+14155550100", "86"), "+14155550100");
}

TEST(NormalPhone, KeepsAnExtensionApart) {
  EXPECT_EQ(NormalPhone("(415) 555-0100 ext. 12", "1"), "+14155550100x12");
  EXPECT_EQ(NormalPhone("001-415-555-0100x12", "86"), "+14155550100x12");
  EXPECT_EQ(NormalPhone("010-12345678转12", "86"), "+861012345678x12");
  EXPECT_NE(NormalPhone("4155550100", "1"), NormalPhone("4155550100x1", "1"));
  EXPECT_FALSE(NormalPhone("4155550100x", "1").has_value());
  EXPECT_FALSE(NormalPhone("4155550100x1234567", "1").has_value());
}

TEST(NormalPhone, EmptyStaysEmpty) {
  EXPECT_EQ(NormalPhone("", "86"), "");
  EXPECT_EQ(NormalPhone("  ", "86"), "");
}

TEST(NormalPhone, RefusesWhatIsNone) {
  for (const char* text : {"call me", "+", "12", "+86 1391234567890123", "++4930123456",
                           "30+1234567", "139１2345a678", "电话", "+0 123456", "1@2"})
    EXPECT_FALSE(NormalPhone(text, "86").has_value()) << text;
  EXPECT_EQ(NormalPhone("+1234", "86"), std::nullopt);
  EXPECT_EQ(NormalPhone("+12345", "86"), "+12345");
  EXPECT_EQ(NormalPhone("+123456789012345", "86"), "+123456789012345");
  EXPECT_EQ(NormalPhone("+1234567890123456", "86"), std::nullopt);
}

TEST(CountryOfZone, KnowsTheUsualOnes) {
  EXPECT_EQ(CountryOfZone("Asia/Shanghai"), "86");
  EXPECT_EQ(CountryOfZone("America/New_York"), "1");
  EXPECT_EQ(CountryOfZone("America/Sao_Paulo"), "55");
  EXPECT_EQ(CountryOfZone("Europe/Berlin"), "49");
}

}  // namespace
}  // namespace spm::leads
