// What commands print: JSON objects for scripts, tables for people. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spm::suite {

// A JSON object or array, built in order.
class Json {
 public:
  static Json Object() { return Json('{', '}'); }
  static Json Array() { return Json('[', ']'); }

  Json& Add(const std::string& key, const std::string& text);
  Json& Add(const std::string& key, const char* text) { return Add(key, std::string(text)); }
  Json& Add(const std::string& key, int64_t number);
  Json& Add(const std::string& key, int number) { return Add(key, static_cast<int64_t>(number)); }
  // The shortest text that reads back as the same number; null where it is not finite.
  Json& Add(const std::string& key, double number);
  Json& Add(const std::string& key, bool value);
  Json& AddNull(const std::string& key);
  // Text that is JSON already; an empty key for the items of an array.
  Json& AddRaw(const std::string& key, const std::string& json);
  Json& Add(const std::string& key, const Json& json) { return AddRaw(key, json.Text()); }
  Json& AddText(const std::string& key, const std::optional<std::string>& text);

  std::string Text() const { return text_ + close_; }
  bool empty() const { return text_.size() == 1; }

 private:
  Json(char open, char close) : text_(1, open), close_(close) {}
  std::string text_;
  char close_;
};

// An array of objects, a line each.
std::string JsonLines(const std::vector<Json>& objects);

// Text in columns.
class Table {
 public:
  // A heading that starts with > is aligned to the right.
  explicit Table(const std::vector<std::string>& headings);
  void Add(std::vector<std::string> cells);
  std::string Text() const;
  bool empty() const { return rows_.empty(); }

 private:
  std::vector<std::string> headings_;
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

// 12,345.67: thousands parted, `decimals` digits after the point.
std::string Grouped(double number, int decimals);
std::string Grouped(int64_t number);
// 94.2 MiB: in the largest unit of which there is one.
std::string Size(int64_t bytes);

void Print(const std::string& text);
// A line on standard error.
void Note(const std::string& text);

}  // namespace spm::suite
