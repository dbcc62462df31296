// A real server on a free port, called by bytes.
#include "common/rpc/server.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "tests/common/rpc/generic_client.h"

namespace spm {
namespace {

using std::chrono::milliseconds;
using Health = grpc::health::v1::HealthCheckResponse;

constexpr char kService[] = "spm.orders.v1.ProductService";
constexpr char kCreate[] = "spm.orders.v1.ProductService/CreateProduct";
constexpr char kGet[] = "spm.orders.v1.ProductService/GetProduct";
constexpr char kList[] = "spm.orders.v1.ProductService/ListProducts";
constexpr char kUuid[] = "c1a2f3b4-5d6e-4f70-8a91-b2c3d4e5f601";
constexpr char kReflection[] = "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// CreateProduct answers with the product, GetProduct never answers by itself, ListProducts fails.
class Server : public ::testing::Test {
 protected:
  void SetUp() override { Start(false); }
  void TearDown() override {
    if (server_ != nullptr) server_->Stop(milliseconds(0));
  }

  void Start(bool reflection) {
    if (server_ != nullptr) server_->Stop(milliseconds(0));
    server_ = std::make_unique<RpcServer>(OptionsOf(reflection));
    const Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started.message();
  }

  RpcServer::Options OptionsOf(bool reflection) {
    RpcServer::Options options;
    options.reflection = reflection;
    options.authenticate = [](const std::string& service,
                              const std::string& as) -> StatusOr<Caller> {
      EXPECT_EQ(service, kService);
      if (as.empty()) return Caller{"local", "local", {base::v1::ROLE_OPERATOR}, false};
      if (as == "rep") return Caller{"rep", "Rep", {base::v1::ROLE_REP}, true};
      return Error(StatusCode::kUnauthenticated, "UNAUTHENTICATED", "nobody is " + as);
    };
    options.methods.push_back({.name = kCreate, .handle = [](const auto&, auto request, auto done) {
                                 done(static_cast<orders::v1::CreateProductRequest&>(*request)
                                          .product()
                                          .SerializeAsString());
                               }});
    options.methods.push_back(
        {.name = kGet, .handle = [this](const auto& context, auto, auto done) {
           std::lock_guard lock(mutex_);
           context_ = context;
           held_ = done;
           changed_.notify_all();
         }});
    options.methods.push_back({.name = kList, .handle = [](const auto&, auto, auto done) {
                                 std::thread([done] { done(Internal("SELECT secret")); }).detach();
                               }});
    return options;
  }

  GenericClient Client() { return GenericClient(server_->port()); }
  void WaitForHeld() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return !!held_; }));
  }
  std::string Get() {
    orders::v1::GetProductRequest request;
    request.set_product_id("x");
    return request.SerializeAsString();
  }
  std::string Create(const std::string& name) {
    orders::v1::CreateProductRequest request;
    request.set_request_id(kUuid);
    request.mutable_product()->set_name(name);
    return request.SerializeAsString();
  }
  Health::ServingStatus HealthOf(const std::string& service) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    Health reply;
    const auto answer = Client().Call("grpc.health.v1.Health/Check", request.SerializeAsString());
    EXPECT_TRUE(answer.status.ok()) << service << answer.status.error_message();
    EXPECT_TRUE(reply.ParseFromString(answer.bytes));
    return reply.status();
  }

  std::unique_ptr<RpcServer> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  RpcContext context_;
  RpcDone held_;
};

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status proto;
  EXPECT_TRUE(proto.ParseFromString(status.error_details()));
  return proto;
}

TEST_F(Server, AnswersWithTheHandlersBytes) {
  const auto reply = Client().Call(kCreate, Create("GTX"));
  ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
  orders::v1::Product product;
  ASSERT_TRUE(product.ParseFromString(reply.bytes));
  EXPECT_EQ(product.name(), "GTX");
}

TEST_F(Server, KnowsTheCallerByMetadata) {
  auto client = Client();
  EXPECT_EQ(client.Call(kCreate, Create("x"), {{"x-spm-as", "rep"}}).status.error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(client.Call(kCreate, Create("x"), {{"x-spm-as", "nobody"}}).status.error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(client.Call(kCreate, "\xff", {{"x-spm-as", "rep"}}).status.error_code(),
            grpc::StatusCode::PERMISSION_DENIED)
      << "authorization comes before validation";
  EXPECT_EQ(client.Call("spm.orders.v1.ProductService/NoSuch", "").status.error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(Server, ErrorsCarryTheirDetails) {
  const auto reply = Client().Call(kCreate, Create(""));
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reply.status.error_message(), "product.name: is required");
  google::rpc::Status proto = DetailsOf(reply.status);
  ASSERT_EQ(proto.details_size(), 3);
  google::rpc::RequestInfo info;
  ASSERT_TRUE(proto.details(2).UnpackTo(&info)) << "by which its log lines are found";
  EXPECT_EQ(info.request_id().size(), 32u);
  proto.mutable_details()->RemoveLast();
  EXPECT_EQ(FromProto(proto), InvalidField("product.name", "is required"));
}

TEST_F(Server, LargeErrorsFitIntoTheTrailers) {
  std::vector<Violation> violations;
  for (int i = 0; i < 20; ++i)
    violations.push_back({"rows[" + std::to_string(i) + "].name", std::string(900, 'x')});
  auto options = OptionsOf(false);
  options.methods[0].handle = [&](const auto&, auto, auto done) {
    done(InvalidFields(violations));
  };
  server_ = std::make_unique<RpcServer>(options);
  ASSERT_TRUE(server_->Start().ok());
  const auto reply = Client().Call(kCreate, Create("x"));
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT)
      << reply.status.error_message();
  EXPECT_LE(reply.status.error_details().size(), 4000u);
  const auto proto = DetailsOf(reply.status);
  google::rpc::BadRequest bad;
  ASSERT_EQ(proto.details_size(), 3);
  ASSERT_TRUE(proto.details(1).UnpackTo(&bad));
  EXPECT_GE(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "rows[0].name");
}

TEST_F(Server, TextsOfManyBytesFitIntoTheTrailersToo) {
  std::string text;
  while (text.size() < 9000) text += "销售";
  auto options = OptionsOf(false);
  options.methods[0].handle = [&](const auto&, auto, auto done) {
    done(Precondition("CLOSED", text));
  };
  server_ = std::make_unique<RpcServer>(options);
  ASSERT_TRUE(server_->Start().ok());
  const auto reply = Client().Call(kCreate, Create("x"));
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION)
      << reply.status.error_message();
  EXPECT_EQ(reply.status.error_message(), text.substr(0, 600));
}

TEST_F(Server, HidesWhatFailedInside) {
  const auto reply = Client().Call(kList, "");
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(reply.status.error_message().find("secret"), std::string::npos);
  EXPECT_EQ(reply.status.error_details().find("secret"), std::string::npos);
}

TEST_F(Server, PassesOnWhatIsLeftOfTheDeadline) {
  auto client = Client();
  const auto reply = client.Call(kGet, Get(), {}, milliseconds(400));
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  WaitForHeld();
  // The server's clock of it started a moment later than ours.
  EXPECT_LT(context_.deadline_us - SteadyUs(), 1'000'000);
  EXPECT_GT(context_.deadline_us - SteadyUs(), -5'000'000);
  for (int i = 0; i < 1000 && !context_.cancelled(); ++i)
    std::this_thread::sleep_for(milliseconds(5));
  EXPECT_TRUE(context_.cancelled());
  held_(std::string("too late"));
  EXPECT_TRUE(client.Call(kCreate, Create("still there")).status.ok());
}

TEST_F(Server, AMissingDeadlineIsTenSeconds) {
  const auto start = std::chrono::steady_clock::now();
  const auto reply = Client().Call(kGet, Get(), {}, milliseconds(0));
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(reply.status.error_message(), "the deadline is over");
  EXPECT_GE(took, milliseconds(9900));
  EXPECT_LT(took, milliseconds(15'000));
  EXPECT_TRUE(context_.cancelled());
}

TEST_F(Server, StopEndsCallsThatDoNotEnd) {
  auto client = Client();
  GenericReply reply;
  std::thread caller([&] { reply = client.Call(kGet, Get()); });
  WaitForHeld();
  const auto start = std::chrono::steady_clock::now();
  server_->Stop(milliseconds(100));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  caller.join();
  EXPECT_FALSE(reply.status.ok());
  held_(std::string("after the end"));
}

TEST_F(Server, StopLetsCallsEndThatDo) {
  auto client = Client();
  GenericReply reply;
  std::thread caller([&] { reply = client.Call(kGet, Get()); });
  WaitForHeld();
  std::thread stopper([&] { server_->Stop(std::chrono::seconds(10)); });
  held_(std::string("ended"));
  caller.join();
  stopper.join();
  EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
  EXPECT_EQ(reply.bytes, "ended");
}

TEST_F(Server, RefusesMoreThanEightKibOfMetadata) {
  auto client = Client();
  EXPECT_TRUE(client.Call(kCreate, Create("x"), {{"x-other", std::string(4000, 'x')}}).status.ok());
  EXPECT_FALSE(
      client.Call(kCreate, Create("x"), {{"x-other", std::string(20'000, 'x')}}).status.ok());
}

TEST_F(Server, RefusesLargeRequests) {
  auto client = Client();
  EXPECT_EQ(client.Call(kCreate, std::string(5 << 20, '\n')).status.error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(client.Call(kCreate, std::string(17 << 20, '\n')).status.error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(Server, HealthTellsStartupReadinessAndLivenessApart) {
  EXPECT_EQ(HealthOf("liveness"), Health::SERVING);
  for (const char* service : {"startup", "readiness", ""})
    EXPECT_EQ(HealthOf(service), Health::NOT_SERVING) << service;
  server_->SetServing(true, false);
  EXPECT_EQ(HealthOf("startup"), Health::SERVING);
  EXPECT_EQ(HealthOf("readiness"), Health::NOT_SERVING);
  server_->SetServing(true, true);
  for (const char* service : {"startup", "readiness", "liveness", ""})
    EXPECT_EQ(HealthOf(service), Health::SERVING) << service;
  grpc::health::v1::HealthCheckRequest unknown;
  unknown.set_service("unknown");
  EXPECT_EQ(
      Client().Call("grpc.health.v1.Health/Check", unknown.SerializeAsString()).status.error_code(),
      grpc::StatusCode::NOT_FOUND);
}

TEST_F(Server, HealthCanBeWatched) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("readiness");
  auto client = Client();
  GenericClient::Stream stream(&client, "grpc.health.v1.Health/Watch", request.SerializeAsString());
  Health reply;
  ASSERT_TRUE(reply.ParseFromString(stream.Next().value()));
  EXPECT_EQ(reply.status(), Health::NOT_SERVING);
  server_->SetServing(true, true);
  ASSERT_TRUE(reply.ParseFromString(stream.Next().value()));
  EXPECT_EQ(reply.status(), Health::SERVING);
  stream.End();
}

std::unique_ptr<google::protobuf::Message> ReflectionMessage(const std::string& name) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      "grpc.reflection.v1alpha." + name);
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string ReflectionRequest(const std::string& field, const std::string& value) {
  const auto request = ReflectionMessage("ServerReflectionRequest");
  request->GetReflection()->SetString(request.get(),
                                      request->GetDescriptor()->FindFieldByName(field), value);
  return request->SerializeAsString();
}

TEST_F(Server, ReflectionListsAndDescribesWhatIsBound) {
  Start(true);
  auto client = Client();
  const auto ask = [&](const std::string& field, const std::string& value) {
    GenericClient::Stream stream(&client, kReflection, ReflectionRequest(field, value));
    const auto reply = ReflectionMessage("ServerReflectionResponse");
    EXPECT_TRUE(reply->ParseFromString(stream.Next().value_or("")));
    stream.End();
    return reply->DebugString();
  };
  const std::string list = ask("list_services", "");
  EXPECT_NE(list.find("\"spm.orders.v1.ProductService\""), std::string::npos) << list;
  EXPECT_NE(list.find("\"grpc.health.v1.Health\""), std::string::npos) << list;
  EXPECT_NE(ask("file_containing_symbol", kService).find("file_descriptor_proto"),
            std::string::npos);
  EXPECT_NE(ask("file_containing_symbol", "grpc.health.v1.Health").find("file_descriptor_proto"),
            std::string::npos);
}

TEST_F(Server, ThereIsNoReflectionWithoutTheFlag) {
  auto client = Client();
  GenericClient::Stream stream(&client, kReflection, ReflectionRequest("list_services", ""));
  EXPECT_FALSE(stream.Next().has_value());
  EXPECT_EQ(stream.Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(Server, NamesThePortThatIsInUse) {
  auto options = OptionsOf(false);
  options.port = server_->port();
  RpcServer second(options);
  const Status status = second.Start();
  EXPECT_EQ(status.message(),
            "cannot serve gRPC on 127.0.0.1:" + std::to_string(options.port) +
                ": the port is in use; stop what listens there, or choose another "
                "one with grpc_port (else it is the one after --port)");
  EXPECT_EQ(second.port(), 0);
}

TEST_F(Server, DoesNotStartWithAMethodItCannotProtect) {
  auto options = OptionsOf(false);
  options.methods.push_back({.name = "grpc.health.v1.Health/Check"});
  EXPECT_EQ(RpcServer(options).Start().message(),
            "method grpc.health.v1.Health.Check has no access annotation");
  options.methods.back().name = "spm.orders.v1.ProductService/Nothing";
  EXPECT_EQ(RpcServer(options).Start().message(),
            "method spm.orders.v1.ProductService/Nothing is in no proto");
  options.methods.back().name = kCreate;
  EXPECT_EQ(RpcServer(options).Start().message(),
            "method spm.orders.v1.ProductService/CreateProduct is bound twice");
}

TEST_F(Server, ServesManyCallsAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      auto client = Client();
      for (int i = 0; i < 200; ++i) good += client.Call(kCreate, Create("x")).status.ok();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 800);
}

}  // namespace
}  // namespace spm
