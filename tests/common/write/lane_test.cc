#include "common/write/lane.h"

#include <gtest/gtest.h>

#include "tests/common/write/lane_bench.h"

namespace spm {
namespace {

using namespace lane_bench;  // NOLINT: made for this file.

// G2 and the lane's promise: a batch is what its commands would have been one after another, in the
// lane's order, with the same clock and ids.
TEST(Lane, ABatchEqualsItsCommandsOneByOne) {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    auto steps = RandomMix(seed, 60);
    testing::TempFolder a, b;
    Bench together(a.path()), alone(b.path());
    together.Open();
    together.Seed(kThings);
    alone.Open();
    alone.Seed(kThings);
    auto answers = together.Together(steps, All(steps.size()));
    ASSERT_EQ(answers.size(), steps.size());
    auto reference = alone.OneByOne(steps, OrderOf(answers));
    ExpectSame(answers, reference, seed);
    EXPECT_EQ(together.State(), alone.State()) << "seed " << seed;
  }
}

// A crash at any step leaves all of a batch or nothing of it; sending everything again ends where
// no crash would have ended.
TEST(Lane, ACrashAtAnyStepLosesNothingAndDoublesNothing) {
  int crashes = 0;
  for (const char* at : {"before_run", "after_run", "before_commit", "after_commit"}) {
    for (uint64_t seed = 100; seed < 106; ++seed) {
      auto steps = RandomMix(seed, 40);
      testing::TempFolder a, b;
      Bench crashed(a.path()), alone(b.path());
      crashed.Open();
      crashed.Seed(kThings);
      crashed.lane().Stop();
      alone.Open();
      alone.Seed(kThings);
      int left = static_cast<int>(seed % 5);
      bool armed = false;
      crashed.Open([&](const char* step) {
        // The gate's own batch passes.
        if (std::string(step) == "before_run") armed = true;
        return armed && std::string(step) == at && left-- == 0;
      });
      std::vector<size_t> ran;
      auto first = crashed.Together(steps, All(steps.size()), &ran);
      if (first.empty()) ++crashes;
      // What was committed before the crash, in the order in which it was decided.
      std::vector<size_t> order = crashed.Committed(steps, ran);
      crashed.Open();
      auto second = crashed.Together(steps, All(steps.size()));
      ASSERT_EQ(second.size(), steps.size());
      auto before = alone.OneByOne(steps, order);
      alone.Open();
      auto reference = alone.OneByOne(steps, OrderOf(second));
      ExpectSame(second, reference, seed);
      EXPECT_EQ(crashed.State(), alone.State()) << at << " seed " << seed;
    }
  }
  EXPECT_GT(crashes, 8);
}

Step MakeStep(Step::Kind kind, const std::string& name, const std::string& id,
              const std::string& hash) {
  Step step;
  step.kind = kind;
  step.name = name;
  step.request_id = id;
  step.hash = hash;
  return step;
}

TEST(Lane, ARepeatGetsTheStoredReplyAndAnotherRequestIsRefused) {
  testing::TempFolder folder;
  Bench bench(folder.path());
  bench.Open();
  std::vector<Step> steps = {MakeStep(Step::kCreate, "a", RandomUuid(), "h1")};
  steps.push_back(steps[0]);
  steps.push_back(steps[0]);
  steps[2].hash = "h2";
  auto answers = bench.OneByOne(steps, {0, 1, 2});
  ASSERT_TRUE(answers[0].second.ok());
  EXPECT_EQ(*answers[0].second, *answers[1].second);
  EXPECT_EQ(Reason(answers[2].second.status()), "REQUEST_ID_REUSED");
}

TEST(Lane, ARefusedCommandLeavesNoTraceAndMayBeRepeated) {
  testing::TempFolder folder;
  Bench bench(folder.path());
  bench.Open();
  bench.Seed(1);
  std::string before = bench.State();
  Step refused = MakeStep(Step::kCreate, "seed0", RandomUuid(), "h");
  auto answers = bench.OneByOne({refused}, {0});
  EXPECT_EQ(Reason(answers[0].second.status()), "NAME_TAKEN");
  EXPECT_EQ(bench.State(), before);
}

TEST(Lane, TheClockNeverGoesBackAfterARestart) {
  testing::TempFolder folder;
  Bench bench(folder.path());
  bench.Open();
  bench.Seed(1);
  bench.lane().Stop();
  auto db = Db::OpenSqlite(folder.path() + "/lane.db");
  ManualClock early(1000);
  Lane lane({.service = "test",
             .db = db->get(),
             .clock = &early,
             .make_call = [](const Caller&, int64_t) { return Call(); },
             .wake_relay = nullptr,
             .crash = nullptr});
  ASSERT_TRUE(lane.Start().ok());
  EXPECT_EQ(lane.NowUs(), kStart);
}

TEST(Lane, TooManyWaitingCommandsAreRefusedWithRetryInfo) {
  testing::TempFolder folder;
  auto db = Db::OpenSqlite(folder.path() + "/lane.db");
  ASSERT_TRUE(Migrate(**db, EmbeddedSchema("common/write")).ok());
  SystemClock clock;
  Lane lane({.service = "test",
             .db = db->get(),
             .clock = &clock,
             .make_call = [](const Caller&, int64_t) { return Call(); },
             .wake_relay = nullptr,
             .max_waiting = 0,
             .crash = nullptr});
  ASSERT_TRUE(lane.Start().ok());
  StatusOr<std::string> reply = std::string();
  lane.Submit(
      Command{.method = "m",
              .request_id = RandomUuid(),
              .hash = "",
              .caller = {},
              .trace = "",
              .wanted = {},
              .cancelled = nullptr,
              .run = [](Tx&, const Call&) -> StatusOr<std::string> { return std::string(); },
              .done = [&](StatusOr<std::string> r) { reply = std::move(r); }});
  EXPECT_EQ(reply.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Reason(reply.status()), "LANE_FULL");
}

}  // namespace
}  // namespace spm
