#include "services/suite/import/amounts.h"

#include <fmt/format.h>

#include <cctype>
#include <limits>
#include <vector>

namespace spm::suite {
namespace {

constexpr int kMostDigits = 18;
constexpr size_t kMostPlaces = 30;

struct Sign {
  const char* text;
  // Currencies that write it, separated by blanks; empty is any.
  const char* codes;
};

const std::vector<Sign>& Signs() {
  static const std::vector<Sign> kSigns = {{"US$", "USD"},
                                           {"HK$", "HKD"},
                                           {"A$", "AUD"},
                                           {"C$", "CAD"},
                                           {"R$", "BRL"},
                                           {"NT$", "TWD"},
                                           {"$", "USD AUD CAD NZD HKD SGD MXN TWD"},
                                           {"€", "EUR"},
                                           {"£", "GBP"},
                                           {"¥", "CNY JPY"},
                                           {"￥", "CNY JPY"},
                                           {"元", "CNY"},
                                           {"円", "JPY"},
                                           {"₹", "INR"},
                                           {"₩", "KRW"},
                                           {"₽", "RUB"},
                                           {"zł", "PLN"},
                                           {"kr", "SEK NOK DKK"}};
  return kSigns;
}

Status Bad(const std::string& text, const std::string& what) {
  return Error(StatusCode::kInvalidArgument, "BAD_NUMBER", fmt::format("'{}' {}", text, what));
}

void Trim(std::string* text) {
  static const std::vector<std::string> kBlanks = {" ", "\t", "\xC2\xA0", "\xE2\x80\xAF"};
  for (bool again = true; again;) {
    again = false;
    for (const auto& blank : kBlanks) {
      if (text->starts_with(blank)) {
        text->erase(0, blank.size());
        again = true;
      } else if (text->ends_with(blank)) {
        text->erase(text->size() - blank.size());
        again = true;
      }
    }
  }
}

// Removes a currency's sign or code from an end of the text. False where it is another currency's.
bool RemoveCurrency(std::string* text, const std::string& currency) {
  const auto remove = [&](const std::string& sign) {
    if (text->starts_with(sign)) {
      text->erase(0, sign.size());
    } else if (text->ends_with(sign)) {
      text->erase(text->size() - sign.size());
    } else {
      return false;
    }
    Trim(text);
    return true;
  };
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  for (const auto& sign : Signs())
    if (remove(sign.text)) return std::string(sign.codes).find(currency) != std::string::npos;
  const size_t n = text->size();
  if (n > 3 && letter((*text)[0]) && letter((*text)[1]) && letter((*text)[2]))
    return remove(currency);
  if (n > 3 && letter((*text)[n - 1]) && letter((*text)[n - 2]) && letter((*text)[n - 3]))
    return remove(currency);
  return true;
}

bool TakeSign(std::string* text) {
  bool negative = false;
  if (text->starts_with("(") && text->ends_with(")")) {
    *text = text->substr(1, text->size() - 2);
    negative = true;
  } else if (text->ends_with("-")) {
    text->pop_back();
    negative = true;
  } else if (text->starts_with("-") || text->starts_with("+")) {
    negative = (*text)[0] == '-';
    text->erase(0, 1);
  } else if (text->starts_with("\xE2\x88\x92")) {
    text->erase(0, 3);
    negative = true;
  }
  Trim(text);
  return negative;
}

// True where the separators stand before each group of three digits of the whole part.
bool GroupsOfThree(const std::string& whole, char thousands) {
  const size_t first = whole.find(thousands);
  if (first == std::string::npos) return true;
  if (first == 0 || first > 3) return false;
  for (size_t i = first; i < whole.size(); i += 4)
    if (whole[i] != thousands || whole.size() - i - 1 < 3 ||
        (whole.size() > i + 4 && whole[i + 4] != thousands))
      return false;
  return true;
}

// Thousands may be parted by a space of any width.
void UnifySpaces(std::string* text, char thousands) {
  if (thousands != ' ') return;
  for (const char* wide : {"\xC2\xA0", "\xE2\x80\xAF"})
    for (size_t at; (at = text->find(wide)) != std::string::npos;)
      text->replace(at, std::string(wide).size(), " ");
}

}  // namespace

StatusOr<Decimal> ReadDecimal(const std::string& text, const NumberFormat& format,
                              const std::string& currency) {
  std::string rest = text;
  Trim(&rest);
  bool negative = TakeSign(&rest);
  if (!currency.empty() && !RemoveCurrency(&rest, currency))
    return Bad(text, "is not in " + currency);
  if (!negative) negative = TakeSign(&rest);
  UnifySpaces(&rest, format.thousands);
  const size_t point = rest.find(format.decimal);
  std::string whole = rest.substr(0, point);
  const std::string part = point == std::string::npos ? "" : rest.substr(point + 1);
  if (format.thousands != 0) {
    if (!GroupsOfThree(whole, format.thousands))
      return Bad(text, fmt::format("has '{}' where no thousands end; say `thousands:` and "
                                   "`decimal:` in the mapping",
                                   format.thousands));
    std::erase(whole, format.thousands);
  }
  const std::string digits = whole + part;
  if (digits.empty()) return Bad(text, "is no number");
  if (part.size() > kMostPlaces) return Bad(text, "has too many digits");
  Decimal out;
  out.places = static_cast<int>(part.size());
  int significant = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return Bad(text, "is no number");
    if (significant > 0 || c != '0') ++significant;
    if (significant > kMostDigits) return Bad(text, "has too many digits");
    out.digits = out.digits * 10 + (c - '0');
  }
  while (out.places > 0 && out.digits % 10 == 0) {
    out.digits /= 10;
    --out.places;
  }
  if (negative) out.digits = -out.digits;
  return out;
}

StatusOr<int64_t> InUnitsOf(const Decimal& decimal, int places, const NumberFormat& format) {
  __int128 value = static_cast<__int128>(decimal.digits) * format.scale;
  for (int i = decimal.places; i < places; ++i) value *= 10;
  for (int i = places; i < decimal.places; ++i) {
    if (value % 10 != 0) {
      if (!format.round)
        return Bad(DecimalText(decimal), "is finer than allowed; `round: true` rounds it");
      // One rounding at the end: what is left is divided at once.
      __int128 divisor = 1;
      for (int j = i; j < decimal.places; ++j) divisor *= 10;
      const __int128 half = value < 0 ? -(divisor / 2) : divisor / 2;
      value = (value + half) / divisor;
      break;
    }
    value /= 10;
  }
  constexpr __int128 kMost = std::numeric_limits<int64_t>::max() / 4;
  if (value > kMost || value < -kMost) return Bad(DecimalText(decimal), "is too large");
  return static_cast<int64_t>(value);
}

StatusOr<int64_t> ReadMinor(const std::string& text, const NumberFormat& format,
                            const Currency& currency) {
  ASSIGN_OR_RETURN(const Decimal decimal, ReadDecimal(text, format, currency.code));
  auto minor = InUnitsOf(decimal, currency.minor_digits, format);
  if (!minor.ok() && std::string(minor.status().message()).find("finer") != std::string::npos)
    return Bad(text, fmt::format("is finer than {} decimals of {}; `round: true` rounds it",
                                 currency.minor_digits, currency.code));
  return minor;
}

StatusOr<int64_t> ReadInteger(const std::string& text, const NumberFormat& format) {
  ASSIGN_OR_RETURN(const Decimal decimal, ReadDecimal(text, format, ""));
  auto value = InUnitsOf(decimal, 0, format);
  if (!value.ok()) return Bad(text, "is no whole number");
  return value;
}

std::string DecimalText(const Decimal& decimal) {
  const bool negative = decimal.digits < 0;
  std::string digits = std::to_string(negative ? -decimal.digits : decimal.digits);
  if (decimal.places > 0) {
    if (static_cast<int>(digits.size()) <= decimal.places)
      digits.insert(0, decimal.places + 1 - digits.size(), '0');
    digits.insert(digits.size() - decimal.places, ".");
  }
  return (negative ? "-" : "") + digits;
}

}  // namespace spm::suite
