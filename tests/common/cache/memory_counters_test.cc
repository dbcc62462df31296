#include "common/cache/memory_counters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace spm {
namespace {

const CounterKey kWon{"won", "company", "2017", ""};

CounterValue Value(double value, int64_t version) { return {value, version, version * 10, ""}; }

std::vector<CounterRow> Rows(MemoryCounters& counters) {
  auto rows = counters.Snapshot();
  EXPECT_TRUE(rows.ok());
  return rows.ok() ? *rows : std::vector<CounterRow>{};
}

TEST(Counters, OnlyANewerVersionSets) {
  MemoryCounters counters;
  EXPECT_EQ(*counters.SetIfNewer(kWon, Value(5, 3)), SetResult::kSet);
  EXPECT_EQ(*counters.SetIfNewer(kWon, Value(4, 2)), SetResult::kOld);
  EXPECT_EQ(*counters.SetIfNewer(kWon, Value(9, 3)), SetResult::kOld);
  EXPECT_EQ(Rows(counters).at(0).second.value, 5);
  EXPECT_EQ(*counters.SetIfNewer(kWon, Value(6, 4)), SetResult::kSet);
  EXPECT_EQ(Rows(counters).at(0).second, Value(6, 4));
}

TEST(Counters, EveryOrderEndsAlike) {
  std::vector<CounterRow> writes;
  for (int64_t version = 1; version <= 50; ++version)
    for (const char* rep : {"a", "b", "c"})
      writes.push_back({{"won", "rep", "2017", rep}, Value(double(version), version)});
  std::mt19937 random(7);
  std::vector<CounterRow> first;
  for (int round = 0; round < 20; ++round) {
    std::shuffle(writes.begin(), writes.end(), random);
    MemoryCounters counters;
    for (const auto& [key, value] : writes) ASSERT_TRUE(counters.SetIfNewer(key, value).ok());
    if (round == 0) first = Rows(counters);
    EXPECT_EQ(Rows(counters), first);
  }
  EXPECT_EQ(first.size(), 3u);
}

TEST(Counters, ALossIsToldUntilItIsFilled) {
  MemoryCounters counters;
  ASSERT_TRUE(counters.SetIfNewer(kWon, Value(5, 3)).ok());
  counters.Lose();
  EXPECT_TRUE(Rows(counters).empty());
  EXPECT_EQ(*counters.SetIfNewer(kWon, Value(6, 4)), SetResult::kEmpty);
  EXPECT_TRUE(Rows(counters).empty());
  ASSERT_TRUE(counters.Fill({{kWon, Value(6, 4)}}).ok());
  EXPECT_EQ(*counters.SetIfNewer(kWon, Value(5, 3)), SetResult::kOld);
  EXPECT_EQ(Rows(counters).at(0).second, Value(6, 4));
}

TEST(Counters, ARaisedEpochForgetsNewerVersionsToo) {
  MemoryCounters counters;
  ASSERT_TRUE(counters.SetIfNewer(kWon, Value(5, 300)).ok());
  ASSERT_TRUE(counters.RaiseEpoch(2).ok());
  EXPECT_EQ(counters.epoch(), 2);
  EXPECT_EQ(*counters.SetIfNewer(kWon, Value(4, 1)), SetResult::kEmpty);
  ASSERT_TRUE(counters.Fill({{kWon, Value(4, 1)}}).ok());
  EXPECT_EQ(Rows(counters).at(0).second, Value(4, 1));
  ASSERT_TRUE(counters.RaiseEpoch(1).ok());
  EXPECT_EQ(Rows(counters).size(), 1u);
}

TEST(Counters, WritersOnManyThreadsLoseNothing) {
  MemoryCounters counters;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&counters, t] {
      for (int64_t v = 1; v <= 2000; ++v)
        ASSERT_TRUE(counters.SetIfNewer(kWon, Value(double(v), v * 4 + t)).ok());
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Rows(counters).at(0).second, Value(2000, 2000 * 4 + 3));
}

}  // namespace
}  // namespace spm
