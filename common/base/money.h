// Money in minor units, and the arithmetic that pay depends on: wide products, one rounding at the
// end, splits without loss. Values; free of threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace google::type {
class Money;
}

namespace spm {

// One currency a deployment.
struct Currency {
  std::string code = "USD";
  int minor_digits = 2;
};

// INVALID_ARGUMENT names `currency` where the ISO 4217 code is unknown.
StatusOr<Currency> FindCurrency(const std::string& code);
// 10^minor_digits.
int64_t MinorPerMajor(const Currency& currency);

// The amount in minor units. INVALID_ARGUMENT with the field's name where it is of another currency
// (an empty code is the company's), finer than the minor unit, of mixed signs, or beyond int64.
StatusOr<int64_t> ToMinor(const google::type::Money& money, const Currency& currency,
                          const std::string& field);
google::type::Money ToMoney(int64_t minor, const Currency& currency);

// a * b / c, the product in 128 bits, rounded half away from zero. c > 0.
int64_t MulDiv(int64_t a, int64_t b, int64_t c);
// a * b where it fits; nullopt-like false where it does not.
bool Multiply(int64_t a, int64_t b, int64_t* product);

// Splits `total` in proportion to `weights` (not negative, not all 0) by the largest remainder;
// ties go to the smaller index. The parts add up to `total`.
std::vector<int64_t> SplitByWeights(int64_t total, const std::vector<int64_t>& weights);

}  // namespace spm
