// The client's side against a real server: a channel may go at any moment.
#include "common/rpc/channel.h"

#include <gtest/gtest.h>

#include <future>

#include "common/base/ids.h"
#include "common/rpc/server.h"
#include "spm/orders/v1/product.pb.h"

namespace spm {
namespace {

constexpr char kCreate[] = "spm.orders.v1.ProductService/CreateProduct";

// Answers names, but keeps the one called "wait" for ever.
std::unique_ptr<RpcServer> Serve(std::vector<RpcDone>* kept) {
  RpcServer::Options options;
  options.authenticate = [](const std::string&, const std::string&) -> StatusOr<Caller> {
    return Caller{"local", "local", {base::v1::ROLE_OPERATOR}, false};
  };
  options.methods.push_back(
      {.name = kCreate, .handle = [kept](const auto&, auto request, auto done) {
         auto& q = static_cast<orders::v1::CreateProductRequest&>(*request);
         if (q.product().name() == "wait") return kept->push_back(done);
         if (q.product().name() == "refuse") return done(Precondition("REFUSED", "refused"));
         done(q.product().SerializeAsString());
       }});
  auto server = std::make_unique<RpcServer>(std::move(options));
  EXPECT_TRUE(server->Start().ok());
  return server;
}

orders::v1::CreateProductRequest Request(const std::string& name) {
  orders::v1::CreateProductRequest request;
  request.set_request_id(RandomUuid());
  request.mutable_product()->set_name(name);
  return request;
}

std::string AddressOf(const RpcServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

// Channel and server go while gRPC's thread still ends the call; neither must go on that thread.
TEST(Channel, MayGoAsSoonAsItsCallHasAnswered) {
  std::vector<RpcDone> kept;
  for (int i = 0; i < 150; ++i) {
    auto server = Serve(&kept);
    auto channel = Channel::Connect(AddressOf(*server));
    orders::v1::Product reply;
    Status status = channel->Call(kCreate, Request(i % 2 == 0 ? "a" : "refuse"), &reply);
    EXPECT_EQ(status.ok(), i % 2 == 0) << status;
    channel.reset();
    server->Stop(std::chrono::milliseconds(100));
  }
}

TEST(Channel, EndsItsCallsWhenItGoes) {
  std::vector<RpcDone> kept;
  auto server = Serve(&kept);
  auto channel = Channel::Connect(AddressOf(*server));
  orders::v1::Product reply;
  ASSERT_TRUE(channel->Call(kCreate, Request("a"), &reply).ok());
  std::promise<Status> answered;
  auto answer = answered.get_future();
  channel->CallBytes(
      kCreate, Request("wait").SerializeAsString(), {},
      [&answered](Status status, std::string) { answered.set_value(std::move(status)); });
  const auto start = std::chrono::steady_clock::now();
  channel.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(answer.get().code(), StatusCode::kCancelled);
  server->Stop(std::chrono::milliseconds(100));
}

}  // namespace
}  // namespace spm
