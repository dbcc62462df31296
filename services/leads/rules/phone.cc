#include "services/leads/rules/phone.h"

#include <array>
#include <utility>

namespace spm::leads {
namespace {

constexpr size_t kFewestDigits = 5;
constexpr size_t kMostDigits = 15;
constexpr size_t kMostExtension = 6;
// A number that begins with its country's code and still has this many digits carries the code.
constexpr size_t kNationalDigits = 10;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Characters that are written for others, as those; separators become spaces.
constexpr std::array<std::pair<std::string_view, char>, 16> kWritten = {{
    {"\xef\xbc\x8b", '+'},  // full-width plus
    {"\xef\xbc\x88", '('},
    {"\xef\xbc\x89", ')'},
    {"\xef\xbc\x8d", ' '},  // full-width hyphen
    {"\xe3\x80\x80", ' '},  // ideographic space
    {"\xc2\xa0", ' '},
    {"\xe2\x80\x90", ' '},
    {"\xe2\x80\x91", ' '},
    {"\xe2\x80\x93", ' '},
    {"\xe2\x80\x94", ' '},
    {"\xe8\xbd\xac", 'x'},  // extension, in Chinese
    {"-", ' '},
    {".", ' '},
    {"/", ' '},
    {"\t", ' '},
    {"#", 'x'},
}};

// ASCII, or nullopt where something is in it that is of no phone.
std::optional<std::string> Plain(std::string_view text) {
  std::string plain;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.size() >= 3 && rest.substr(0, 2) == "\xef\xbc" && rest[2] >= '\x90' &&
        rest[2] <= '\x99') {  // full-width digit
      plain += static_cast<char>('0' + (rest[2] - '\x90'));
      at += 3;
      continue;
    }
    bool written = false;
    for (const auto& [from, to] : kWritten) {
      if (rest.substr(0, from.size()) != from) continue;
      plain += to;
      at += from.size();
      written = true;
      break;
    }
    if (written) continue;
    const char low = static_cast<char>(rest[0] | 0x20);
    if (rest.size() >= 3 && low == 'e' && (rest[1] | 0x20) == 'x' && (rest[2] | 0x20) == 't') {
      plain += 'x';
      at += 3;
      continue;
    }
    if (!IsDigit(rest[0]) && low != 'x' && std::string_view("+() ").find(rest[0]) > 3)
      return std::nullopt;
    plain += low == 'x' ? 'x' : rest[0];
    ++at;
  }
  return plain;
}

std::string Digits(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (IsDigit(c)) digits += c;
  return digits;
}

}  // namespace

std::optional<std::string> NormalPhone(std::string_view text, const std::string& country) {
  const std::optional<std::string> plain = Plain(text);
  if (!plain) return std::nullopt;
  std::string number = *plain, extension;
  if (const size_t x = number.find('x'); x != std::string::npos) {
    if (number.find('x', x + 1) != std::string::npos) return std::nullopt;
    extension = Digits(number.substr(x + 1));
    number.resize(x);
    if (extension.empty() || extension.size() > kMostExtension) return std::nullopt;
  }
  const size_t first = number.find_first_not_of(" (");
  if (first == std::string::npos)
    return extension.empty() ? std::optional<std::string>("") : std::nullopt;
  bool abroad = number[first] == '+';
  if (number.find('+', first + 1) != std::string::npos) return std::nullopt;
  // "+44 (0)20 ...": the 0 is dialled within the country only.
  const size_t trunk = number.find("(0)");
  if (abroad && trunk != std::string::npos) number.erase(trunk, 3);
  std::string digits = Digits(number);
  if (!abroad && digits.starts_with("00")) {
    abroad = true;
    digits.erase(0, 2);
  }
  if (!abroad && digits.starts_with("0")) {
    digits = country + digits.substr(1);
  } else if (!abroad &&
             !(digits.starts_with(country) && digits.size() >= country.size() + kNationalDigits)) {
    digits = country + digits;
  }
  if (digits.size() < kFewestDigits || digits.size() > kMostDigits || digits[0] == '0')
    return std::nullopt;
  return "+" + digits + (extension.empty() ? "" : "x" + extension);
}

std::string CountryOfZone(const std::string& zone) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kZones = {{
      {"America/Sao_Paulo", "55"},
      {"America/Mexico_City", "52"},
      {"America/Bogota", "57"},
      {"America/Argentina", "54"},
      {"America/", "1"},
      {"US/", "1"},
      {"Canada/", "1"},
      {"Asia/Hong_Kong", "852"},
      {"Asia/Taipei", "886"},
      {"Asia/Singapore", "65"},
      {"Asia/Tokyo", "81"},
      {"Asia/Seoul", "82"},
      {"Asia/Kolkata", "91"},
      {"Asia/Dubai", "971"},
      {"Australia/", "61"},
      {"Europe/London", "44"},
      {"Europe/Berlin", "49"},
      {"Europe/Paris", "33"},
      {"Europe/Madrid", "34"},
      {"Europe/Rome", "39"},
      {"Europe/Amsterdam", "31"},
  }};
  for (const auto& [prefix, code] : kZones)
    if (zone.starts_with(prefix)) return std::string(code);
  return "86";
}

}  // namespace spm::leads
