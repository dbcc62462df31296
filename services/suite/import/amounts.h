// Numbers as files write them: decimal commas, thousands separators, currency signs, parentheses
// for negative ones. Exact: digits and a scale, never a double. Values; free of threads.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/money.h"
#include "common/base/status.h"

namespace spm::suite {

struct NumberFormat {
  char decimal = '.';
  // Removed between digits; 0 removes none.
  char thousands = ',';
  // The file counts in this many (1000: thousands).
  int64_t scale = 1;
  // Rounds what is finer than asked half away from zero; otherwise it is refused.
  bool round = false;
};

// digits x 10^-places
struct Decimal {
  int64_t digits = 0;
  int places = 0;
};

// INVALID_ARGUMENT (without field) where the text is no number, or another currency's.
StatusOr<Decimal> ReadDecimal(const std::string& text, const NumberFormat& format,
                              const std::string& currency);
// The number in units of 10^-places.
StatusOr<int64_t> InUnitsOf(const Decimal& decimal, int places, const NumberFormat& format);
// An amount in minor units of the currency.
StatusOr<int64_t> ReadMinor(const std::string& text, const NumberFormat& format,
                            const Currency& currency);
// A whole number; 3.0 is one.
StatusOr<int64_t> ReadInteger(const std::string& text, const NumberFormat& format);
// Plain text of a number: -12.5
std::string DecimalText(const Decimal& decimal);

}  // namespace spm::suite
