// A whole process with two small services of the test's own, called over gRPC. One thread.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "common/app/app.h"
#include "common/base/ids.h"
#include "common/rpc/channel.h"
#include "spm/base/v1/journal.pb.h"
#include "spm/base/v1/operations.pb.h"
#include "spm/base/v1/policy.pb.h"
#include "spm/orders/v1/events.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "spm/org/v1/policy.pb.h"
#include "spm/performance/v1/policy.pb.h"
#include "tests/support/temp_folder.h"

namespace spm::testing {

using orders::v1::Product;

inline const Table<Product>& AppThings() {
  static const Table<Product> table({.name = "thing",
                                     .noun = "thing",
                                     .owner = "",
                                     .also_readable = "",
                                     .unique = {},
                                     .filters = {},
                                     .orders = {{"id", {"id ASC"}}}},
                                    {});
  return table;
}

// Days after its making a thing is due; set by the name "due N".
inline StatusOr<Product> MakeThing(Tx& tx, const orders::v1::CreateProductRequest& request,
                                   const Call& call) {
  Product p = request.product();
  p.set_id(call.NewId());
  // The decision goes by a policy, so that the journal notes it.
  p.set_line(call.Policy<performance::v1::LeaderboardPolicy>("board").beyond_scope() ? "open"
                                                                                     : "closed");
  if (p.name().starts_with("due "))
    SetTimer(tx, "due", p.id(), call.now_us + std::stoi(p.name().substr(4)) * kDayUs);
  orders::v1::ProductCreated created;
  created.mutable_product()->set_name(p.name());
  AppThings().Save(tx, &p, created);
  return p;
}

inline StatusOr<Product> ReadThing(Snapshot& snapshot, const orders::v1::GetProductRequest& request,
                                   const Call& call) {
  return AppThings().Get(snapshot, request.product_id(), call.scope);
}

inline Status OnThingDue(Tx& tx, const TimerFired& timer, const Call&) {
  ASSIGN_OR_RETURN(Product p, AppThings().Get(tx, timer.key, Scope::Service()));
  tx.set_occurred_us(timer.due_us);
  AppThings().Save(tx, &p, orders::v1::ProductUpdated());
  return OkStatus();
}

class AppTest : public ::testing::Test {
 protected:
  static std::vector<ServiceSpec> Specs() {
    ServiceSpec org;
    org.name = "org";
    org::v1::CompanyPolicy company;
    company.set_currency("USD");
    company.set_zone("UTC");
    company.set_language("en");
    org.Policy("company", company);
    ServiceSpec things;
    things.name = "orders";
    things.schema = {{1, "thing",
                      "CREATE TABLE thing (id TEXT PRIMARY KEY, version BIGINT NOT NULL, "
                      "occurred_us BIGINT NOT NULL, body {{bytes}} NOT NULL);"
                      "CREATE TABLE seen (aggregate_id TEXT NOT NULL, version BIGINT NOT NULL)"}};
    things.Command("ProductService/CreateProduct", MakeThing);
    things.Query("ProductService/GetProduct", ReadThing);
    things.Timer("due", OnThingDue);
    performance::v1::LeaderboardPolicy board;
    board.set_beyond_scope(true);
    things.Policy("board", board);
    things.has_money = [](Snapshot& s) -> StatusOr<bool> {
      ASSIGN_OR_RETURN(Rows rows, s.Query("SELECT 1 FROM thing LIMIT 1"));
      return !rows.empty();
    };
    std::vector<ServiceSpec> specs;
    specs.push_back(std::move(org));
    specs.push_back(std::move(things));
    return specs;
  }
  Config Settings() {
    Config config;
    config.data = folder_.path() + "/data";
    config.port = 0;
    config.grpc_port = 0;
    config.test_clock = test_clock_;
    return config;
  }
  void Start(std::vector<ServiceSpec> specs = Specs()) {
    auto app = App::Start(Settings(), std::move(specs));
    ASSERT_TRUE(app.ok()) << app.status();
    app_ = std::move(*app);
    channel_ = Channel::Connect("127.0.0.1:" + std::to_string(app_->grpc_port()));
  }
  void Restart() {
    channel_.reset();
    app_.reset();
    Start();
  }

  template <typename R, typename Q>
  StatusOr<R> Call(const std::string& method, Q request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(RandomUuid());
    }
    R reply;
    Status status =
        channel_->Call(method, request, &reply,
                       {.as = "", .timeout = std::chrono::seconds(60), .traceparent = ""});
    if (!status.ok()) return status;
    return reply;
  }
  StatusOr<Product> Make(const std::string& name, const std::string& request_id = "") {
    orders::v1::CreateProductRequest request;
    request.set_request_id(request_id);
    request.mutable_product()->set_name(name);
    return Call<Product>("spm.orders.v1.ProductService/CreateProduct", request);
  }
  StatusOr<base::v1::Policy> Publish(bool beyond, int64_t effective_us = 0,
                                     const std::string& reason = "") {
    performance::v1::LeaderboardPolicy body;
    body.set_beyond_scope(beyond);
    base::v1::CreatePolicyRequest request;
    request.set_service("orders");
    request.set_kind("board");
    request.mutable_body()->PackFrom(body);
    request.set_effective_us(effective_us);
    request.set_reason(reason);
    return Call<base::v1::Policy>("spm.base.v1.PolicyService/CreatePolicy", request);
  }
  std::vector<base::v1::Event> Journal(const std::string& service, const std::string& type = "") {
    base::v1::ReadJournalRequest request;
    request.set_service(service);
    if (!type.empty()) request.add_types(type);
    auto reply =
        Call<base::v1::ReadJournalResponse>("spm.base.v1.JournalService/ReadJournal", request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    if (!reply.ok()) return {};
    return {reply->events().begin(), reply->events().end()};
  }
  StatusOr<base::v1::AdvanceClockResponse> Advance(int64_t by_us) {
    base::v1::AdvanceClockRequest request;
    request.set_by_us(by_us);
    return Call<base::v1::AdvanceClockResponse>("spm.base.v1.OperationsService/AdvanceClock",
                                                request);
  }
  int64_t Now() { return app_->Find("orders")->lane().NowUs(); }

  TempFolder folder_;
  bool test_clock_ = true;
  std::unique_ptr<App> app_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace spm::testing
