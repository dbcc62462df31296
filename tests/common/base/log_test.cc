#include "common/base/log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "common/base/ids.h"
#include "common/base/metrics.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace spm {
namespace {

std::vector<std::string> LinesOf(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class LogFile : public ::testing::Test {
 protected:
  void SetUp() override { OpenLog(file_); }
  void TearDown() override {
    OpenLog("");
    SetLogLevel(LogLevel::kInfo);
    std::filesystem::remove(file_);
  }

  const std::string file_ = ::testing::TempDir() + "spm-log-" + RandomUuid();
};

TEST_F(LogFile, HasOneJsonObjectALine) {
  LogInfo("started", {{"port", "8080"}, {"note", "line\nbreak \"quoted\" \\ \x01"}});
  LogError("broken \xff bytes");
  const auto lines = LinesOf(file_);
  ASSERT_EQ(lines.size(), 2u);
  google::protobuf::Struct first, second;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(lines[0], &first).ok()) << lines[0];
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(lines[1], &second).ok()) << lines[1];
  EXPECT_EQ(first.fields().at("level").string_value(), "info");
  EXPECT_EQ(first.fields().at("message").string_value(), "started");
  EXPECT_EQ(first.fields().at("port").string_value(), "8080");
  EXPECT_EQ(first.fields().at("note").string_value(), "line\nbreak \"quoted\" \\ \x01");
  EXPECT_EQ(first.fields().at("time").string_value().size(), 27u);
  EXPECT_EQ(second.fields().at("message").string_value(), "broken \xEF\xBF\xBD bytes");
}

TEST_F(LogFile, DropsWhatIsBelowTheLevel) {
  LogDebug("no");
  SetLogLevel(LogLevel::kWarn);
  LogInfo("no");
  LogWarn("yes");
  EXPECT_EQ(LinesOf(file_).size(), 1u);
  SetLogLevel("debug");
  SetLogLevel("unknown");
  LogDebug("yes");
  EXPECT_EQ(LinesOf(file_).size(), 2u);
  SetLogLevel("error");
  LogWarn("no");
  EXPECT_EQ(LinesOf(file_).size(), 2u);
}

TEST_F(LogFile, KeepsLinesOfManyThreadsWhole) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) LogInfo("line", {{"text", std::string(300, 'x')}});
    });
  for (auto& thread : threads) thread.join();
  const auto lines = LinesOf(file_);
  ASSERT_EQ(lines.size(), 800u);
  for (const auto& line : lines) EXPECT_EQ(line.size(), lines.front().size());
}

TEST(JsonQuote, KeepsWellFormedTextAndMendsTheRest) {
  EXPECT_EQ(JsonQuote("销售 é 😀"), "\"销售 é 😀\"");
  EXPECT_EQ(JsonQuote("a\tb\r\n"), "\"a\\tb\\r\\n\"");
  EXPECT_EQ(JsonQuote("\xc0\x80"), "\"\\ufffd\\ufffd\"");             // overlong
  EXPECT_EQ(JsonQuote("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");  // a surrogate
  EXPECT_EQ(JsonQuote("\xe9\x94"), "\"\\ufffd\\ufffd\"");             // cut off
  EXPECT_EQ(JsonQuote("\x7f"), "\"\\u007f\"");
}

TEST(Metrics, AreTheSameForTheSameNameAndLabels) {
  CounterMetric& counter = CounterOf("spm_test_calls_total", "Calls.", {{"method", "a"}});
  counter.Add();
  CounterOf("spm_test_calls_total", "Calls.", {{"method", "a"}}).Add(2);
  CounterOf("spm_test_calls_total", "Calls.", {{"method", "b"}}).Add(5);
  EXPECT_EQ(counter.Value(), 3);
  EXPECT_EQ(&counter, &CounterOf("spm_test_calls_total", "Calls.", {{"method", "a"}}));
  GaugeOf("spm_test_depth", "Depth.").Set(7);
  HistogramOf("spm_test_seconds", "Time.").Observe(0.003);
  const std::string text = MetricsText();
  for (const char* line :
       {"# TYPE spm_test_calls_total counter", "spm_test_calls_total{method=\"a\"} 3",
        "spm_test_calls_total{method=\"b\"} 5", "spm_test_depth 7",
        "spm_test_seconds_bucket{le=\"0.0025\"} 0", "spm_test_seconds_bucket{le=\"0.005\"} 1"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

}  // namespace
}  // namespace spm
