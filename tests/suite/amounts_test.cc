#include "services/suite/import/amounts.h"

#include <gtest/gtest.h>

namespace spm::suite {
namespace {

NumberFormat Format(char decimal, char thousands, int64_t scale = 1, bool round = false) {
  return {decimal, thousands, scale, round};
}

// The amount in minor units as text, or "refused".
std::string Minor(const std::string& text, const NumberFormat& format = {},
                  const std::string& currency = "USD") {
  const auto minor = ReadMinor(text, format, FindCurrency(currency).value());
  return minor.ok() ? std::to_string(*minor) : "refused";
}

TEST(Amounts, ReadsTheFormsThatFilesHave) {
  EXPECT_EQ(Minor("1054"), "105400");
  EXPECT_EQ(Minor("1,054.5"), "105450");
  EXPECT_EQ(Minor("$1,054.50"), "105450");
  EXPECT_EQ(Minor("USD 1054"), "105400");
  EXPECT_EQ(Minor("1054 USD"), "105400");
  EXPECT_EQ(Minor("  12.30 "), "1230");
  EXPECT_EQ(Minor("(1,000.00)"), "-100000");
  EXPECT_EQ(Minor("-5"), "-500");
  EXPECT_EQ(Minor("$-5"), "-500");
  EXPECT_EQ(Minor("5-"), "-500");
  EXPECT_EQ(Minor(".5"), "50");
  EXPECT_EQ(Minor("0"), "0");
  EXPECT_EQ(Minor("1.000"), "100");
  EXPECT_EQ(Minor("1.234,56", Format(',', '.')), "123456");
  EXPECT_EQ(Minor("1 234,56 €", Format(',', ' '), "EUR"), "123456");
  EXPECT_EQ(Minor("1\xC2\xA0"
                  "234,56",
                  Format(',', ' '), "EUR"),
            "123456");
  EXPECT_EQ(Minor("1'234.50", Format('.', '\''), "CHF"), "123450");
  EXPECT_EQ(Minor("¥1,234", {}, "CNY"), "123400");
  EXPECT_EQ(Minor("1,234円", {}, "JPY"), "1234");
  EXPECT_EQ(Minor("2.5", Format('.', ',', 1000)), "250000");
}

TEST(Amounts, RefusesWhatIsNoAmount) {
  for (const char* text : {"", "abc", "1.2.3", "1,00", "12,34.5", ",500", "1,2345", "--5", "$",
                           "12a", "€5", "EUR 5", "1234567890123456789", "1e5"})
    EXPECT_EQ(Minor(text), "refused") << text;
  EXPECT_EQ(Minor("1234.5", {}, "JPY"), "refused");
  EXPECT_EQ(Minor("1.234,56"), "refused");
}

TEST(Amounts, FinerThanTheMinorUnitIsRefusedUnlessRounded) {
  EXPECT_EQ(Minor("1.005"), "refused");
  const NumberFormat round = Format('.', ',', 1, true);
  EXPECT_EQ(Minor("1.004", round), "100");
  EXPECT_EQ(Minor("1.005", round), "101");
  EXPECT_EQ(Minor("1.0049999", round), "100");
  EXPECT_EQ(Minor("-1.005", round), "-101");
  EXPECT_EQ(Minor("-1.004", round), "-100");
}

TEST(Amounts, IntegersMayHaveZerosBehindThePoint) {
  EXPECT_EQ(ReadInteger("3", {}).value(), 3);
  EXPECT_EQ(ReadInteger("3.0", {}).value(), 3);
  EXPECT_EQ(ReadInteger("1,000", {}).value(), 1000);
  EXPECT_FALSE(ReadInteger("3.5", {}).ok());
  EXPECT_FALSE(ReadInteger("three", {}).ok());
}

TEST(Amounts, DecimalsPrintPlainly) {
  EXPECT_EQ(DecimalText({125, 1}), "12.5");
  EXPECT_EQ(DecimalText({-5, 2}), "-0.05");
  EXPECT_EQ(DecimalText({7, 0}), "7");
}

}  // namespace
}  // namespace spm::suite
