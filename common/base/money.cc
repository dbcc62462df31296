#include "common/base/money.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string_view>

#include "google/type/money.pb.h"

namespace spm {
namespace {

constexpr int64_t kNanosPerMajor = 1'000'000'000;

// ISO 4217, by digits of the minor unit; 2 where a code is in neither of the others.
constexpr std::string_view kNoDigits =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
constexpr std::string_view kThreeDigits = "BHD IQD JOD KWD LYD OMR TND ";
constexpr std::string_view kTwoDigits =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
    "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW "
    "ZWL ";

bool In(std::string_view codes, const std::string& code) {
  return codes.find(code + " ") != std::string_view::npos;
}

bool Fits(__int128 value) {
  return value >= std::numeric_limits<int64_t>::min() &&
         value <= std::numeric_limits<int64_t>::max();
}

}  // namespace

StatusOr<Currency> FindCurrency(const std::string& code) {
  const bool letters = code.size() == 3 && std::all_of(code.begin(), code.end(),
                                                       [](char c) { return c >= 'A' && c <= 'Z'; });
  if (letters && In(kTwoDigits, code)) return Currency{code, 2};
  if (letters && In(kNoDigits, code)) return Currency{code, 0};
  if (letters && In(kThreeDigits, code)) return Currency{code, 3};
  return InvalidField("currency", "\"" + code +
                                      "\" is no currency of ISO 4217; write a code like USD, EUR "
                                      "or CNY");
}

int64_t MinorPerMajor(const Currency& currency) {
  int64_t result = 1;
  for (int i = 0; i < currency.minor_digits; ++i) result *= 10;
  return result;
}

StatusOr<int64_t> ToMinor(const google::type::Money& money, const Currency& currency,
                          const std::string& field) {
  if (!money.currency_code().empty() && money.currency_code() != currency.code)
    return InvalidField(
        field, "is in " + money.currency_code() + "; the company's currency is " + currency.code);
  if (money.nanos() <= -kNanosPerMajor || money.nanos() >= kNanosPerMajor)
    return InvalidField(field, "nanos must be between -999999999 and 999999999");
  if ((money.units() > 0 && money.nanos() < 0) || (money.units() < 0 && money.nanos() > 0))
    return InvalidField(field, "units and nanos must have the same sign");
  const int64_t per_major = MinorPerMajor(currency);
  const int64_t nanos_per_minor = kNanosPerMajor / per_major;
  if (money.nanos() % nanos_per_minor != 0)
    return InvalidField(field, "is finer than the minor unit of " + currency.code +
                                   "; round it to " + std::to_string(currency.minor_digits) +
                                   " digits after the point");
  const __int128 minor =
      static_cast<__int128>(money.units()) * per_major + money.nanos() / nanos_per_minor;
  if (!Fits(minor)) return InvalidField(field, "is too large");
  return static_cast<int64_t>(minor);
}

google::type::Money ToMoney(int64_t minor, const Currency& currency) {
  const int64_t per_major = MinorPerMajor(currency);
  google::type::Money money;
  money.set_currency_code(currency.code);
  money.set_units(minor / per_major);
  money.set_nanos(static_cast<int32_t>(minor % per_major * (kNanosPerMajor / per_major)));
  return money;
}

int64_t MulDiv(int64_t a, int64_t b, int64_t c) {
  const __int128 product = static_cast<__int128>(a) * b;
  const __int128 size = product < 0 ? -product : product;
  const __int128 rounded = (size + c / 2) / c;
  return static_cast<int64_t>(product < 0 ? -rounded : rounded);
}

bool Multiply(int64_t a, int64_t b, int64_t* product) {
  return !__builtin_mul_overflow(a, b, product);
}

std::vector<int64_t> SplitByWeights(int64_t total, const std::vector<int64_t>& weights) {
  __int128 sum = 0;
  for (int64_t weight : weights) sum += weight;
  std::vector<int64_t> parts(weights.size());
  if (sum <= 0) return parts;
  const __int128 sign = total < 0 ? -1 : 1;
  const __int128 size = sign * total;
  std::vector<__int128> remainders(weights.size());
  __int128 left = size;
  for (size_t i = 0; i < weights.size(); ++i) {
    const __int128 product = size * weights[i];
    parts[i] = static_cast<int64_t>(sign * (product / sum));
    remainders[i] = product % sum;
    left -= product / sum;
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (size_t i = 0; left > 0; ++i, --left) parts[order[i]] += static_cast<int64_t>(sign);
  return parts;
}

}  // namespace spm
