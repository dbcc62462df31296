// The chain without a transport: access, trace, order of the steps.
#include "common/rpc/chain.h"

#include <gtest/gtest.h>

#include "common/base/trace.h"
#include "common/rpc/access.h"
#include "google/rpc/status.pb.h"
#include "spm/orders/v1/product.pb.h"

namespace spm {
namespace {

constexpr char kCreate[] = "spm.orders.v1.ProductService/CreateProduct";
constexpr char kGet[] = "spm.orders.v1.ProductService/GetProduct";
constexpr char kImport[] = "spm.orders.v1.ProductService/BatchImportProducts";
constexpr char kUuid[] = "c1a2f3b4-5d6e-4f70-8a91-b2c3d4e5f601";
constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const google::protobuf::MethodDescriptor* Method(const std::string& name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
}

StatusOr<Caller> Authenticated(const std::string&, const std::string& as) {
  if (as.empty()) return Caller{"local", "local", {base::v1::ROLE_OPERATOR}, false};
  if (as == "rep") return Caller{"rep", "Rep", {base::v1::ROLE_REP}, true};
  return Error(StatusCode::kUnauthenticated, "UNAUTHENTICATED", "x-spm-as: nobody is " + as);
}

IncomingCall From(const google::protobuf::Message& request, const std::string& as = "") {
  return {.peer = "ipv4:127.0.0.1:5",
          .as = as,
          .traceparent = kTrace,
          .bytes = request.SerializeAsString()};
}

orders::v1::CreateProductRequest Good() {
  orders::v1::CreateProductRequest request;
  request.set_request_id(kUuid);
  request.mutable_product()->set_name("GTX");
  return request;
}

using Handle = decltype(RpcMethod::handle);

// Runs a call to its answer; `handle` answers with "reply" where it is not given.
StatusOr<std::string> AnswerOf(const std::string& method, const IncomingCall& incoming,
                               Handle handle = nullptr) {
  if (handle == nullptr)
    handle = [](const auto&, auto, RpcDone done) { done(std::string("reply")); };
  auto bound = BoundMethod::Bind({.name = method, .handle = handle}, Authenticated);
  if (!bound.ok()) return bound.status();
  StatusOr<std::string> answer = Internal("no answer");
  const auto call = std::make_shared<RpcCall>(
      *bound, [&](StatusOr<std::string> reply) { answer = std::move(reply); });
  call->Run(incoming);
  return answer;
}

TEST(Access, GoesByRoleOrMembership) {
  const auto* create = Method("spm.orders.v1.ProductService.CreateProduct");
  const auto* get = Method("spm.orders.v1.ProductService.GetProduct");
  const Caller rep{"a", "A", {base::v1::ROLE_REP}, true};
  const Caller finance{"b", "B", {base::v1::ROLE_FINANCE}, true};
  const Caller bare{"c", "C", {}, true};
  const Caller stranger{"d", "D", {}, false};
  EXPECT_TRUE(CheckAccess(create, finance).ok());
  EXPECT_TRUE(CheckAccess(get, rep).ok());
  EXPECT_TRUE(CheckAccess(get, bare).ok());
  EXPECT_EQ(CheckAccess(get, stranger).code(), StatusCode::kPermissionDenied);
  const Status refused = CheckAccess(create, rep);
  EXPECT_EQ(refused.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(refused.message(),
            "CreateProduct needs one of the roles operator, finance, service; the caller's roles: "
            "rep");
}

TEST(Access, EveryMethodOfOursHasIt) {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  const auto* file = orders::v1::Product::descriptor()->file();
  for (int i = 0; i < file->service(0)->method_count(); ++i)
    methods.push_back(file->service(0)->method(i));
  EXPECT_TRUE(EveryMethodHasAccess(methods).ok());
  methods.push_back(Method("grpc.health.v1.Health.Check"));
  ASSERT_NE(methods.back(), nullptr);
  const Status status = EveryMethodHasAccess(methods);
  EXPECT_EQ(status.message(), "method grpc.health.v1.Health.Check has no access annotation");
}

TEST(Chain, BindsKnownMethodsOnly) {
  EXPECT_EQ(AnswerOf("spm.orders.v1.ProductService/Nothing", {}).status().message(),
            "method spm.orders.v1.ProductService/Nothing is in no proto");
  EXPECT_FALSE(AnswerOf("nothing", {}).ok());
  EXPECT_EQ(AnswerOf("grpc.health.v1.Health/Check", {}).status().message(),
            "method grpc.health.v1.Health.Check has no access annotation");
}

TEST(Chain, AuthenticatesBeforeItAuthorizesBeforeItReads) {
  IncomingCall bad = From(Good());
  bad.bytes = "\xff";
  bad.as = "nobody";
  EXPECT_EQ(AnswerOf(kCreate, bad).status().code(), StatusCode::kUnauthenticated);
  bad.as = "rep";
  EXPECT_EQ(AnswerOf(kCreate, bad).status().code(), StatusCode::kPermissionDenied);
  bad.as = "";
  EXPECT_EQ(AnswerOf(kCreate, bad).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(AnswerOf(kCreate, From(Good())).value(), "reply");
}

TEST(Chain, ServesThisMachineOnly) {
  IncomingCall call = From(Good());
  for (const char* peer : {"ipv4:127.0.0.1:5", "ipv4:127.1.2.3:5", "ipv6:[::1]:5",
                           "ipv6:%5B::1%5D:5", "ipv6:%5B::ffff:127.0.0.1%5D:5", "unix:/x"}) {
    call.peer = peer;
    EXPECT_TRUE(AnswerOf(kCreate, call).ok()) << peer;
  }
  for (const char* peer : {"ipv4:10.0.0.1:5", "ipv6:[::2]:5", "ipv4:1.127.0.0:5", "unknown", ""}) {
    call.peer = peer;
    EXPECT_EQ(AnswerOf(kCreate, call).status().code(), StatusCode::kUnauthenticated) << peer;
  }
}

TEST(Chain, TheHandlerSeesACleanRequestAndWhoCalls) {
  auto request = Good();
  request.mutable_product()->set_id("mine");
  const auto answer =
      AnswerOf(kCreate, From(request), [](const auto& context, auto message, auto done) {
        const auto& seen = static_cast<const orders::v1::CreateProductRequest&>(*message);
        EXPECT_EQ(seen.product().id(), "");
        EXPECT_EQ(seen.product().name(), "GTX");
        EXPECT_EQ(context.caller.id, "local");
        EXPECT_FALSE(context.cancelled());
        EXPECT_EQ(TraceId(context.trace), "0af7651916cd43dd8448eb211c80319c");
        EXPECT_NE(context.trace, kTrace) << "a span of its own";
        done(std::string("done"));
      });
  EXPECT_EQ(answer.value(), "done");
}

TEST(Chain, AMissingDeadlineIsTenSeconds) {
  const auto left_us = [](int64_t deadline_us) {
    int64_t left = 0;
    IncomingCall call = From(Good());
    call.deadline_us = deadline_us;
    const auto answer = AnswerOf(kCreate, call, [&](const auto& context, auto, auto done) {
      left = context.deadline_us - SteadyUs();
      done(std::string());
    });
    return answer.ok() ? left : -1;
  };
  EXPECT_GT(left_us(0), 9'000'000);
  EXPECT_LE(left_us(0), 10'000'000);
  EXPECT_GT(left_us(SteadyUs() + 60'000'000), 50'000'000);
  IncomingCall late = From(Good());
  late.deadline_us = SteadyUs() - 1;
  EXPECT_EQ(AnswerOf(kCreate, late).status().code(), StatusCode::kDeadlineExceeded);
}

TEST(Chain, HidesWhatFailedInside) {
  for (const Status& bug : {Internal("secret"), Status(StatusCode::kUnknown, "secret"),
                            Status(StatusCode::kDataLoss, "secret")}) {
    const auto answer =
        AnswerOf(kCreate, From(Good()), [&](const auto&, auto, auto done) { done(bug); });
    EXPECT_EQ(answer.status().code(), StatusCode::kInternal);
    EXPECT_EQ(std::string(answer.status().message()).find("secret"), std::string::npos);
    EXPECT_NE(std::string(answer.status().message()).find("0af7651916cd43dd8448eb211c80319c"),
              std::string::npos);
  }
  const auto thrown = AnswerOf(kCreate, From(Good()),
                               [](const auto&, auto, auto) { throw std::runtime_error("secret"); });
  EXPECT_EQ(thrown.status().code(), StatusCode::kInternal);
  EXPECT_EQ(std::string(thrown.status().message()).find("secret"), std::string::npos);
}

TEST(Chain, GivesEveryErrorAReason) {
  const auto answer = AnswerOf(kCreate, From(Good()), [](const auto&, auto, auto done) {
    done(Status(StatusCode::kFailedPrecondition, "plain"));
  });
  EXPECT_EQ(Reason(answer.status()), "FAILED_PRECONDITION");
  const auto kept = AnswerOf(kCreate, From(Good()), [](const auto&, auto, auto done) {
    done(Precondition("CLOSED", "closed"));
  });
  EXPECT_EQ(Reason(kept.status()), "CLOSED");
}

TEST(Chain, AnswersOnce) {
  const auto answer = AnswerOf(kCreate, From(Good()), [](const auto&, auto, auto done) {
    done(std::string("first"));
    done(std::string("second"));
  });
  EXPECT_EQ(answer.value(), "first");
}

TEST(Chain, AnAbandonedCallIsAnsweredAndItsHandlerKnows) {
  RpcDone late;
  std::function<bool()> cancelled;
  auto bound = BoundMethod::Bind({.name = kCreate,
                                  .handle =
                                      [&](const auto& context, auto, auto done) {
                                        cancelled = context.cancelled;
                                        late = done;
                                      }},
                                 Authenticated);
  int answers = 0;
  Status status;
  auto call = std::make_shared<RpcCall>(*bound, [&](StatusOr<std::string> reply) {
    ++answers;
    status = reply.status();
  });
  call->Run(From(Good()));
  EXPECT_FALSE(call->answered());
  EXPECT_FALSE(cancelled());
  call->Abandon(StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(cancelled());
  late(std::string("too late"));
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
}

TEST(Chain, RequestsHaveASizeAndBatchesALargerOne) {
  IncomingCall call = From(Good());
  call.bytes = std::string((4 << 20) + 1, '\n');
  EXPECT_EQ(AnswerOf(kCreate, call).status().code(), StatusCode::kResourceExhausted);
  orders::v1::BatchImportProductsRequest batch;
  batch.set_request_id(kUuid);
  batch.set_source("crm");
  for (int i = 0; i < 500; ++i) batch.add_rows()->set_name(std::string(9000, 'x'));
  EXPECT_TRUE(AnswerOf(kImport, From(batch)).ok()) << "rows are looked into one by one, later";
  for (int i = 0; i < 500; ++i) batch.add_rows()->set_name(std::string(30'000, 'x'));
  EXPECT_EQ(AnswerOf(kImport, From(batch)).status().code(), StatusCode::kResourceExhausted);
}

TEST(Chain, CountsEachCallByMethodAndCode) {
  CounterMetric& ok =
      CounterOf("spm_rpc_requests_total", "Calls answered.", {{"method", kGet}, {"code", "OK"}});
  CounterMetric& bad = CounterOf("spm_rpc_requests_total", "Calls answered.",
                                 {{"method", kGet}, {"code", "INVALID_ARGUMENT"}});
  const double ok_before = ok.Value(), bad_before = bad.Value();
  orders::v1::GetProductRequest request;
  EXPECT_FALSE(AnswerOf(kGet, From(request)).ok());
  request.set_product_id("x");
  EXPECT_TRUE(AnswerOf(kGet, From(request, "rep")).ok());
  EXPECT_EQ(ok.Value(), ok_before + 1);
  EXPECT_EQ(bad.Value(), bad_before + 1);
  EXPECT_NE(MetricsText().find("spm_rpc_seconds_count{method=\"" + std::string(kGet) + "\"}"),
            std::string::npos);
}

TEST(Trace, GoesOnOrBegins) {
  const std::string child = ChildTrace(kTrace);
  EXPECT_EQ(child.size(), 55u);
  EXPECT_EQ(child.substr(0, 36), std::string(kTrace).substr(0, 36));
  EXPECT_NE(child.substr(36, 16), std::string(kTrace).substr(36, 16));
  EXPECT_EQ(child.substr(52), "-01");
  for (const char* bad : {"", "x", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                          "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"}) {
    const std::string fresh = ChildTrace(bad);
    EXPECT_EQ(fresh.size(), 55u) << bad;
    EXPECT_NE(TraceId(fresh), "0af7651916cd43dd8448eb211c80319c") << bad;
    EXPECT_NE(ChildTrace(bad), fresh);
  }
  EXPECT_EQ(TraceId(ChildTrace("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more")),
            "0af7651916cd43dd8448eb211c80319c")
      << "a later version";
}

}  // namespace
}  // namespace spm
