// A process as its operator sees it: clock, status, restart, stop, a folder in use.
#include "common/app/app.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

#include "tests/common/app/app_fixture.h"

namespace spm {
namespace {

using testing::AppTest;
using testing::Product;

TEST_F(AppTest, TheClockGoesFromTimerToTimer) {
  Start();
  const int64_t start_us = Now();
  for (const char* name : {"due 3", "due 1", "due 2", "due 30"}) ASSERT_TRUE(Make(name).ok());
  auto moved = Advance(10 * kDayUs);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->fired(), 3);
  EXPECT_GE(moved->now_us(), start_us + 10 * kDayUs);
  auto events = Journal("orders", "spm.orders.v1.ProductUpdated");
  ASSERT_EQ(events.size(), 3u);
  for (size_t i = 0; i < events.size(); ++i) {
    const int64_t due_us = events[i].occurred_us();
    EXPECT_NEAR(static_cast<double>(due_us - start_us), static_cast<double>((i + 1) * kDayUs),
                60e6);
    // Written when it was due, not at the end of the way.
    EXPECT_LT(events[i].recorded_us() - due_us, kMinuteUs);
  }
}

TEST_F(AppTest, TheClockRefusesWhatItCannotDo) {
  test_clock_ = false;
  Start();
  EXPECT_EQ(Reason(Advance(kDayUs).status()), "NO_TEST_CLOCK");
  channel_.reset();
  app_.reset();
  test_clock_ = true;
  Start();
  EXPECT_EQ(Advance(0).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Advance(-5).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Advance(4000 * kDayUs).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(AppTest, StatusAndAppliedSayWhereEachServiceIs) {
  Start();
  ASSERT_TRUE(Make("due 1").ok());
  ASSERT_TRUE(app_->WaitIdle(20'000).ok());
  auto status = Call<base::v1::GetStatusResponse>("spm.base.v1.OperationsService/GetStatus",
                                                  base::v1::GetStatusRequest());
  ASSERT_TRUE(status.ok()) << status.status();
  ASSERT_EQ(status->services_size(), 2);
  EXPECT_TRUE(status->test_clock());
  const auto& orders = status->services(1);
  EXPECT_EQ(orders.service(), "orders");
  EXPECT_EQ(orders.schema(), 1);
  EXPECT_EQ(orders.timers(), 1);
  EXPECT_EQ(orders.outbox(), 0);
  EXPECT_EQ(orders.held(), 0);
  EXPECT_EQ(orders.journal_seq(), 2) << "the shipped policy and the thing";
  base::v1::GetAppliedRequest request;
  request.set_service("orders");
  auto applied =
      Call<base::v1::GetAppliedResponse>("spm.base.v1.JournalService/GetApplied", request);
  ASSERT_TRUE(applied.ok()) << applied.status();
  ASSERT_EQ(applied->sources_size(), 1);
  EXPECT_EQ(applied->sources(0).service(), "org");
  EXPECT_EQ(applied->sources(0).last_seq(), 1);
  EXPECT_EQ(applied->sources(0).pending(), 0);
  request.set_service("nobody");
  auto unknown =
      Call<base::v1::GetAppliedResponse>("spm.base.v1.JournalService/GetApplied", request);
  EXPECT_EQ(unknown.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(unknown.status().message().find("org, orders"), std::string::npos);
}

TEST_F(AppTest, ASecondProcessOnTheFolderIsRefused) {
  Start();
  auto second = App::Start(Settings(), Specs());
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Reason(second.status()), "FOLDER_IN_USE");
  EXPECT_TRUE(Make("the first goes on").ok());
  channel_.reset();
  app_.reset();
  Start();
}

TEST_F(AppTest, ARestartKeepsRecordsRepliesAndTheClock) {
  Start();
  const std::string request_id = RandomUuid();
  auto made = Make("kept", request_id);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Advance(5 * kDayUs).ok());
  const int64_t before_us = Now();
  const auto journal = Journal("orders");
  Restart();
  EXPECT_GE(Now(), before_us);
  orders::v1::GetProductRequest get;
  get.set_product_id(made->id());
  auto read = Call<Product>("spm.orders.v1.ProductService/GetProduct", get);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), made->SerializeAsString());
  auto repeated = Make("kept", request_id);
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_EQ(repeated->id(), made->id());
  const auto after = Journal("orders");
  ASSERT_EQ(after.size(), journal.size());
  for (size_t i = 0; i < after.size(); ++i)
    EXPECT_EQ(after[i].SerializeAsString(), journal[i].SerializeAsString());
}

// G1: what was acknowledged before a stop under load is there afterwards, and everybody is
// answered.
TEST_F(AppTest, AStopUnderLoadLosesNoAcknowledgedCommand) {
  Start();
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::atomic<bool> stopped{false};
  std::vector<std::thread> clients;
  for (int t = 0; t < 4; ++t)
    clients.emplace_back([&] {
      while (true) {
        auto made = Make("load");
        if (!made.ok() && stopped) return;
        if (!made.ok()) continue;
        std::lock_guard lock(mutex);
        acknowledged.insert(made->id());
      }
    });
  const auto enough = [&] {
    std::lock_guard lock(mutex);
    return acknowledged.size() > 300;
  };
  while (!enough()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  app_->Stop();
  stopped = true;
  for (auto& c : clients) c.join();
  Restart();
  auto snapshot = app_->Find("orders")->db().OpenSnapshot();
  auto rows = (*snapshot)->Query(
      "SELECT t.id, COUNT(j.seq) FROM thing t LEFT JOIN journal j ON "
      "j.aggregate_id = t.id GROUP BY t.id");
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::set<std::string> there;
  for (const Row& row : *rows) {
    there.insert(row.Text(0));
    EXPECT_EQ(row.Int(1), 1) << row.Text(0);
  }
  for (const std::string& id : acknowledged) EXPECT_TRUE(there.contains(id)) << id;
}

// G2 lasts 7 days; older replies go in chunks.
TEST_F(AppTest, RepliesAreForgottenAfterSevenDays) {
  Start();
  const std::string old_id = RandomUuid();
  ASSERT_TRUE(Make("old", old_id).ok());
  ASSERT_TRUE(app_->Find("orders")
                  ->lane()
                  .Run("fill",
                       [](Tx& tx, const spm::Call& call) {
                         for (int i = 0; i < 2500; ++i)
                           tx.WriteOne(
                               "INSERT INTO handled (id, scope, hash, reply, at_us) VALUES "
                               "($1, 's', $2, $2, $3)",
                               {NamedId(std::to_string(i)), Bytes{""}, call.now_us});
                         return OkStatus();
                       })
                  .ok());
  auto count = [this] {
    auto snapshot = app_->Find("orders")->db().OpenSnapshot();
    return (*(*snapshot)->Query("SELECT COUNT(*) FROM handled"))[0].Int(0);
  };
  ASSERT_TRUE(Advance(6 * kDayUs).ok());
  EXPECT_EQ(count(), 2501);
  const std::string young_id = RandomUuid();
  auto young = Make("young", young_id);
  ASSERT_TRUE(Advance(kDayUs + kHourUs).ok());
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(Make("young", young_id)->id(), young->id());
  EXPECT_TRUE(Make("another under the old id", old_id).ok());
}

}  // namespace
}  // namespace spm
