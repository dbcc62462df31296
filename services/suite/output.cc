#include "services/suite/output.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <iterator>

#include "common/base/log.h"

namespace spm::suite {
namespace {

// Columns of a terminal that the text takes: wide letters take two, combining marks none.
size_t Width(const std::string& text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    const bool wide = c >= 0xE3 && !(c == 0xEF && i + 1 < text.size() &&
                                     static_cast<unsigned char>(text[i + 1]) >= 0xBE);
    width += wide ? 2 : 1;
    i += n;
  }
  return width;
}

}  // namespace

Json& Json::AddRaw(const std::string& key, const std::string& json) {
  if (text_.size() > 1) text_ += ",";
  if (close_ == '}') text_ += JsonQuote(key) + ":";
  text_ += json;
  return *this;
}

Json& Json::Add(const std::string& key, const std::string& text) {
  return AddRaw(key, JsonQuote(text));
}

Json& Json::Add(const std::string& key, int64_t number) {
  return AddRaw(key, std::to_string(number));
}

Json& Json::Add(const std::string& key, double number) {
  if (!std::isfinite(number)) return AddNull(key);
  return AddRaw(key, fmt::format("{}", number));
}

Json& Json::Add(const std::string& key, bool value) {
  return AddRaw(key, value ? "true" : "false");
}

Json& Json::AddNull(const std::string& key) { return AddRaw(key, "null"); }

Json& Json::AddText(const std::string& key, const std::optional<std::string>& text) {
  return text ? Add(key, *text) : AddNull(key);
}

std::string JsonLines(const std::vector<Json>& objects) {
  std::string text = "[";
  for (size_t i = 0; i < objects.size(); ++i) text += (i == 0 ? "\n " : ",\n ") + objects[i].Text();
  return text + (objects.empty() ? "]\n" : "\n]\n");
}

Table::Table(const std::vector<std::string>& headings) {
  for (const auto& heading : headings) {
    const bool right = heading.starts_with(">");
    headings_.push_back(right ? heading.substr(1) : heading);
    right_.push_back(right);
  }
}

void Table::Add(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::Text() const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < headings_.size(); ++i) {
    size_t width = Width(headings_[i]);
    for (const auto& row : rows_) width = std::max(width, Width(row[i]));
    widths.push_back(width);
  }
  std::string text;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string pad(widths[i] - Width(cells[i]), ' ');
      out += (i > 0 ? "  " : "") + (right_[i] ? pad + cells[i] : cells[i] + pad);
    }
    while (out.ends_with(' ')) out.pop_back();
    text += out + "\n";
  };
  line(headings_);
  for (const auto& row : rows_) line(row);
  return text;
}

std::string Grouped(double number, int decimals) {
  std::string digits = fmt::format("{:.{}f}", std::fabs(number), decimals);
  const size_t point = digits.find('.');
  size_t at = point == std::string::npos ? digits.size() : point;
  while (at > 3) digits.insert(at -= 3, ",");
  return (number < 0 ? "-" : "") + digits;
}

std::string Grouped(int64_t number) { return Grouped(static_cast<double>(number), 0); }

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void Note(const std::string& text) {
  std::fputs((text + "\n").c_str(), stderr);
  std::fflush(stderr);
}

std::string Size(int64_t bytes) {
  const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1024 && unit + 1 < std::size(units); ++unit) size /= 1024;
  return fmt::format("{:.{}f} {}", size, unit == 0 ? 0 : 1, units[unit]);
}

}  // namespace spm::suite
