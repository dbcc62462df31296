// A rebuild that is broken off goes on at the next start.
#include <gtest/gtest.h>

#include "common/base/embed.h"
#include "spm/orders/v1/events.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "tests/support/service_fixture.h"

namespace spm {
namespace {

using testing::Services;

StatusOr<orders::v1::Product> Publish(Tx& tx, const orders::v1::CreateProductRequest& request,
                                      const Call& call) {
  orders::v1::Product p = request.product();
  p.set_id(call.NewId());
  tx.AddEvent(p.id(), 1, orders::v1::ProductCreated());
  return p;
}

std::atomic<bool> fail{false};

Status Count(Tx& tx, const Received<orders::v1::ProductCreated>& r, const Call&) {
  if (fail) return Unavailable("broken off");
  tx.WriteOne("INSERT INTO seen (id) VALUES ($1)", {r.meta.aggregate_id()});
  return OkStatus();
}

std::vector<ServiceSpec> Both() {
  ServiceSpec source;
  source.name = "orders";
  source.follows_org = false;
  source.Command("ProductService/CreateProduct", Publish);
  ServiceSpec sink;
  sink.name = "performance";
  sink.follows_org = false;
  sink.schema = {{1, "seen", "CREATE TABLE seen (id TEXT PRIMARY KEY)"}};
  sink.On<orders::v1::ProductCreated>("orders", Count);
  sink.drop_projections = [](Tx& tx) { tx.Write("DELETE FROM seen", {}); };
  std::vector<ServiceSpec> specs;
  specs.push_back(std::move(source));
  specs.push_back(std::move(sink));
  return specs;
}

int64_t Number(Services& s, const std::string& sql) {
  auto snapshot = s.Find("performance")->db().OpenSnapshot();
  return (*(*snapshot)->Query(sql))[0].Int(0);
}

TEST(Rebuild, ThatIsBrokenOffGoesOnAtTheNextStart) {
  testing::TempFolder folder;
  fail = false;
  {
    Services s(Both(), {}, folder.path());
    for (int i = 0; i < 30; ++i)
      ASSERT_TRUE(s.Call<orders::v1::Product>("spm.orders.v1.ProductService/CreateProduct",
                                              orders::v1::CreateProductRequest())
                      .ok());
    s.WaitIdle();
    ASSERT_EQ(Number(s, "SELECT COUNT(*) FROM seen"), 30);
    fail = true;
    EXPECT_EQ(s.Find("performance")->Rebuild().status().code(), StatusCode::kUnavailable);
    EXPECT_EQ(Number(s, "SELECT COUNT(*) FROM seen"), 0);
    fail = false;
  }
  Services s(Both(), {}, folder.path());
  EXPECT_EQ(Number(s, "SELECT COUNT(*) FROM seen"), 30);
  // Nothing of it is left; the next start has nothing to do.
  EXPECT_EQ(Number(s, "SELECT COUNT(*) FROM consumed WHERE version = 0"), 0);
  EXPECT_EQ(Number(s, "SELECT COUNT(*) FROM consumed"), 30);
}

// What waits has waited since it was recorded, not since the last event that was applied.
TEST(Freshness, TheLagIsThatOfTheOldestEventThatWaits) {
  fail = false;
  Services s(Both());
  auto create = [&s] {
    ASSERT_TRUE(s.Call<orders::v1::Product>("spm.orders.v1.ProductService/CreateProduct",
                                            orders::v1::CreateProductRequest())
                    .ok());
  };
  create();
  s.WaitIdle();
  EXPECT_EQ(s.Find("performance")->Freshness().lag_ms(), 0);
  s.Advance(kHourUs);
  fail = true;
  create();
  s.clock().Advance(3 * kSecondUs);
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (s.Find("performance")->Freshness().lag_ms() == 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(s.Find("performance")->Freshness().lag_ms(), 3000);
  EXPECT_EQ(s.Find("performance")->Freshness().pending(), 1);
  fail = false;
  s.WaitIdle();
  EXPECT_EQ(s.Find("performance")->Freshness().lag_ms(), 0);
}

}  // namespace
}  // namespace spm
