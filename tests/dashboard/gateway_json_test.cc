#include "services/dashboard/gateway_json.h"

#include <gtest/gtest.h>

#include <random>

namespace spm::dashboard {
namespace {

std::string Wrong(const std::string& text) {
  auto value = ParseJson(text);
  return value.ok() ? "" : std::string(value.status().message());
}

std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Json, TakesWhatTheStandardTakes) {
  for (const char* text :
       {"null", " {} ", "[]", "-0", "0.5", "1e5", "1E-5", "10", "\"\"", "\"\\u00e9\\n\\\"\"",
        "true", "{\"a\":[1,{\"b\":null}]}", "\"\\ud83d\\ude00\"", "\"中文\"", "\t[\r\n1 , 2]"})
    EXPECT_EQ(Wrong(text), "") << text;
  EXPECT_EQ(ParseJson("\"\\ud83d\\ude00 \\u4e2d\\/\"")->text, "😀 中/");
}

TEST(Json, RefusesWhatOnlyLenientParsersTake) {
  for (const char* text :
       {"",        " ",         "nul", "01",       "+1",         ".5",     "1.",
        "1e",      "-",         "'a'", "[1,]",     "{\"a\":1,}", "{a:1}",  "{,}",
        "[1 2]",   "{\"a\" 1}", "1 2", "{} x",     "[",          "{",      "\"",
        "\"\\x\"", "\"\\u12\"", "NaN", "Infinity", "// c\n1",    "\"\t\"", "\xEF\xBB\xBF{}",
        "{\"a\":}"})
    EXPECT_NE(Wrong(text), "") << text;
}

TEST(Json, ANameGivenTwiceIsNamed) {
  EXPECT_EQ(Wrong(R"({"a":{"b":1,"c":2,"b":3}})").substr(0, 14), "a.b: is given ");
  EXPECT_EQ(Wrong(R"({"rows":[{},{"x":1,"\u0078":1}]})").substr(0, 12), "rows[1].x: i");
  EXPECT_EQ(Wrong(R"([{"a":1},{"a":1}])"), "");
}

TEST(Json, NestsTo32AndNotDeeper) {
  EXPECT_EQ(Wrong(Nested(32)), "");
  EXPECT_NE(Wrong(Nested(33)).find("deeper than 32"), std::string::npos);
  EXPECT_NE(Wrong(std::string(1'000'000, '[')).find("deeper than 32"), std::string::npos);
}

TEST(Json, IsBoundedInValues) {
  std::string many = "[";
  for (int i = 0; i < kMaxJsonValues - 2; ++i) many += "0,";
  EXPECT_EQ(Wrong(many + "0]"), "");
  EXPECT_NE(Wrong(many + "0,0]").find("more than"), std::string::npos);
}

TEST(Json, TextThatIsNotUtf8IsNamed) {
  for (const char* bytes :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8", "\x80"}) {
    EXPECT_EQ(Wrong("{\"lead\":{\"name\":\"" + std::string(bytes) + "\"}}").substr(0, 27),
              "lead.name: must be UTF-8 (a");
  }
  EXPECT_NE(Wrong(R"({"a":"\ud800"})").find("a: must be UTF-8"), std::string::npos);
  EXPECT_NE(Wrong(R"({"a":"\udc00"})").find("a: must be UTF-8"), std::string::npos);
  EXPECT_NE(Wrong(R"({"a":"\ud800\u0041"})").find("a: must be UTF-8"), std::string::npos);
}

TEST(Json, RandomBytesNeverCrash) {
  std::mt19937 random(3);
  const std::string good = R"({"a":[1,-2.5e3,"x\u00e9",{"b":null}],"c":true})";
  int taken = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text = good;
    for (uint32_t n = random() % 5 + 1; n > 0; --n) {
      size_t at = random() % text.size();
      if (random() % 2 == 0) {
        text[at] = static_cast<char>(random());
      } else {
        text.erase(at, random() % 4);
        if (text.empty()) text = "[";
      }
    }
    taken += ParseJson(text).ok();
  }
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, 50'000);
}

}  // namespace
}  // namespace spm::dashboard
