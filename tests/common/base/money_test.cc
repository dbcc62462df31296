#include "common/base/money.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "google/type/money.pb.h"

namespace spm {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

google::type::Money Money(const std::string& code, int64_t units, int32_t nanos) {
  google::type::Money money;
  money.set_currency_code(code);
  money.set_units(units);
  money.set_nanos(nanos);
  return money;
}

TEST(Currency, HasTheDigitsOfIso4217) {
  const std::pair<const char*, int> rows[] = {{"USD", 2}, {"EUR", 2}, {"CNY", 2}, {"GBP", 2},
                                              {"JPY", 0}, {"KRW", 0}, {"VND", 0}, {"KWD", 3},
                                              {"BHD", 3}, {"TND", 3}, {"ZWL", 2}, {"XPF", 0}};
  for (const auto& [code, digits] : rows) {
    const auto currency = FindCurrency(code);
    ASSERT_TRUE(currency.ok()) << code;
    EXPECT_EQ(currency->minor_digits, digits) << code;
    EXPECT_EQ(currency->code, code);
  }
  EXPECT_EQ(MinorPerMajor({"JPY", 0}), 1);
  EXPECT_EQ(MinorPerMajor({"USD", 2}), 100);
  EXPECT_EQ(MinorPerMajor({"KWD", 3}), 1000);
}

TEST(Currency, RefusesUnknownCodesByField) {
  for (const char* code : {"", "usd", "US", "XXX", "USDX", "SD ", "D C", "123"}) {
    const auto currency = FindCurrency(code);
    ASSERT_FALSE(currency.ok()) << code;
    EXPECT_EQ(currency.status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(currency.status().message()).find("currency: "), 0u);
  }
}

TEST(Money, IsReadInMinorUnits) {
  const Currency usd = {"USD", 2};
  EXPECT_EQ(ToMinor(Money("USD", 12, 340'000'000), usd, "amount").value(), 1234);
  EXPECT_EQ(ToMinor(Money("", 12, 0), usd, "amount").value(), 1200);
  EXPECT_EQ(ToMinor(Money("USD", -1, -10'000'000), usd, "amount").value(), -101);
  EXPECT_EQ(ToMinor(Money("USD", 0, -990'000'000), usd, "amount").value(), -99);
  EXPECT_EQ(ToMinor(Money("JPY", 500, 0), {"JPY", 0}, "amount").value(), 500);
  EXPECT_EQ(ToMinor(Money("KWD", 1, 1'000'000), {"KWD", 3}, "amount").value(), 1001);
}

TEST(Money, RefusesWhatCannotBeExact) {
  const Currency usd = {"USD", 2};
  struct Row {
    google::type::Money money;
    Currency currency;
    const char* says;
  };
  const Row rows[] = {
      {Money("EUR", 1, 0), usd, "amount: is in EUR; the company's currency is USD"},
      {Money("USD", 1, 1), usd, "finer than the minor unit"},
      {Money("USD", 1, 9'999'999), usd, "finer than the minor unit"},
      {Money("JPY", 1, 10'000'000), {"JPY", 0}, "finer than the minor unit"},
      {Money("KWD", 1, 100'000), {"KWD", 3}, "finer than the minor unit"},
      {Money("USD", 1, -10'000'000), usd, "same sign"},
      {Money("USD", -1, 10'000'000), usd, "same sign"},
      {Money("USD", 0, 1'000'000'000), usd, "nanos"},
      {Money("USD", 0, -1'000'000'000), usd, "nanos"},
      {Money("USD", kMax / 100 + 1, 0), usd, "too large"},
      {Money("USD", kMin / 100 - 1, 0), usd, "too large"},
      {Money("USD", kMax / 100, 80'000'000), usd, "too large"},
  };
  for (const Row& row : rows) {
    const auto minor = ToMinor(row.money, row.currency, "amount");
    ASSERT_FALSE(minor.ok()) << row.says;
    EXPECT_EQ(minor.status().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(minor.status().message()).find(row.says), std::string::npos)
        << minor.status().message();
  }
}

TEST(Money, GoesThereAndBack) {
  const Currency usd = {"USD", 2};
  for (int64_t minor : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{99}, int64_t{-100},
                        int64_t{123456789}, kMax, kMin})
    for (const Currency& currency : {usd, Currency{"JPY", 0}, Currency{"KWD", 3}})
      EXPECT_EQ(ToMinor(ToMoney(minor, currency), currency, "amount").value(), minor);
  EXPECT_EQ(ToMoney(-101, usd).units(), -1);
  EXPECT_EQ(ToMoney(-101, usd).nanos(), -10'000'000);
}

TEST(MulDiv, RoundsHalfAwayFromZero) {
  EXPECT_EQ(MulDiv(1, 1, 2), 1);
  EXPECT_EQ(MulDiv(-1, 1, 2), -1);
  EXPECT_EQ(MulDiv(3, 1, 2), 2);
  EXPECT_EQ(MulDiv(5, 1, 2), 3);
  EXPECT_EQ(MulDiv(-5, 1, 2), -3);
  EXPECT_EQ(MulDiv(1, 1, 3), 0);
  EXPECT_EQ(MulDiv(2, 1, 3), 1);
  EXPECT_EQ(MulDiv(-2, 1, 3), -1);
  EXPECT_EQ(MulDiv(-1, 1, 3), 0);
  EXPECT_EQ(MulDiv(1, 49, 100), 0);
  EXPECT_EQ(MulDiv(1, 50, 100), 1);
  EXPECT_EQ(MulDiv(7, 3, 1), 21);
  EXPECT_EQ(MulDiv(kMax, kMax, kMax), kMax);
  EXPECT_EQ(MulDiv(kMin, 10'000, 10'000), kMin);
}

TEST(Multiply, SaysWhereItDoesNotFit) {
  int64_t product = 0;
  EXPECT_TRUE(Multiply(kMax, 1, &product));
  EXPECT_EQ(product, kMax);
  EXPECT_FALSE(Multiply(kMax, 2, &product));
  EXPECT_FALSE(Multiply(kMin, -1, &product));
  EXPECT_TRUE(Multiply(-3, 4, &product));
  EXPECT_EQ(product, -12);
}

TEST(Split, GoesByTheLargestRemainder) {  // P2
  struct Row {
    int64_t total;
    std::vector<int64_t> weights;
    std::vector<int64_t> parts;
  };
  const Row rows[] = {
      {100, {1, 1, 1}, {34, 33, 33}},
      {101, {1, 1, 1}, {34, 34, 33}},
      {10, {3, 3, 1}, {4, 4, 2}},
      {10, {1, 3, 3}, {2, 4, 4}},
      {1, {1, 1}, {1, 0}},
      {7, {0, 5, 0}, {0, 7, 0}},
      {0, {2, 3}, {0, 0}},
      {-100, {1, 1, 1}, {-34, -33, -33}},
      {5, {7}, {5}},
      {1000, {40, 30, 20, 10}, {400, 300, 200, 100}},
      {kMax, {kMax, kMax}, {kMax / 2 + 1, kMax / 2}},
      {kMin, {1}, {kMin}},
  };
  for (const Row& row : rows) EXPECT_EQ(SplitByWeights(row.total, row.weights), row.parts);
}

TEST(Split, PartsAddUpToTheTotal) {  // P2
  uint64_t state = 7;
  const auto next = [&] {
    return state = state * 6364136223846793005u + 1442695040888963407u, state >> 33;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<int64_t> weights(1 + next() % 12);
    for (int64_t& weight : weights) weight = static_cast<int64_t>(next() % 1000);
    weights.back() += 1;
    const int64_t total = static_cast<int64_t>(next()) - 1'000'000'000;
    const auto parts = SplitByWeights(total, weights);
    const int64_t sum = std::accumulate(weights.begin(), weights.end(), int64_t{0});
    ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), int64_t{0}), total);
    for (size_t i = 0; i < parts.size(); ++i) {
      const __int128 off =
          static_cast<__int128>(parts[i]) * sum - static_cast<__int128>(total) * weights[i];
      ASSERT_LT(off < 0 ? -off : off, sum) << "a part is off by one or more";
    }
  }
}

}  // namespace
}  // namespace spm
