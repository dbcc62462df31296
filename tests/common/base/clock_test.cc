#include "common/base/clock.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/base/ids.h"
#include "common/base/time.h"

namespace spm {
namespace {

class TestClockFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::string folder_ = ::testing::TempDir() + "spm-clock-" + RandomUuid();
  const std::string file_ = folder_ + "/clock";
};

TEST(ManualClock, StandsStillUntilItIsMoved) {
  ManualClock clock(5);
  EXPECT_EQ(clock.NowUs(), 5);
  clock.Advance(7);
  EXPECT_EQ(clock.NowUs(), 12);
  clock.Set(3);
  EXPECT_EQ(clock.NowUs(), 3);
}

TEST_F(TestClockFile, GoesOnWhereItWasAfterARestart) {
  const int64_t target = SystemClock().NowUs() + 7 * kDayUs;
  {
    auto clock = TestClock::Open(file_);
    ASSERT_TRUE(clock.ok());
    EXPECT_LT((*clock)->NowUs(), target);
    ASSERT_TRUE((*clock)->MoveTo(target).ok());
    EXPECT_GE((*clock)->NowUs(), target);
  }
  auto again = TestClock::Open(file_);
  ASSERT_TRUE(again.ok());
  EXPECT_GE((*again)->NowUs(), target);
  EXPECT_LT((*again)->NowUs(), target + kHourUs);
}

TEST_F(TestClockFile, NeverGoesBack) {
  auto clock = TestClock::Open(file_);
  ASSERT_TRUE(clock.ok());
  const int64_t later = SystemClock().NowUs() + kDayUs;
  ASSERT_TRUE((*clock)->MoveTo(later).ok());
  ASSERT_TRUE((*clock)->MoveTo(later - kHourUs).ok());
  EXPECT_GE((*clock)->NowUs(), later);
}

TEST_F(TestClockFile, RefusesAFileThatHoldsNoOffset) {
  std::ofstream(file_) << "tomorrow\n";
  const auto clock = TestClock::Open(file_);
  ASSERT_FALSE(clock.ok());
  EXPECT_NE(std::string(clock.status().message()).find(file_), std::string::npos);
}

TEST_F(TestClockFile, SaysWhereItCannotWrite) {
  auto clock = TestClock::Open(folder_ + "/missing/clock");
  ASSERT_TRUE(clock.ok());
  const Status status = (*clock)->MoveTo(SystemClock().NowUs() + kDayUs);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(std::string(status.message()).find("/missing/clock"), std::string::npos);
}

}  // namespace
}  // namespace spm
