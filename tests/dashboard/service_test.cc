#include "services/dashboard/service.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <future>
#include <random>

#include "common/base/trace.h"
#include "spm/dashboard/v1/dashboard.pb.h"
#include "spm/leads/v1/lead.pb.h"
#include "tests/dashboard/fixture.h"

namespace spm::dashboard {
namespace {

constexpr char kGetLead[] = "spm.leads.v1.LeadService/GetLead";
constexpr char kCreateLead[] = "spm.leads.v1.LeadService/CreateLead";
const std::string kJson = "Content-Type: application/json\r\n";

TEST(Gateway, CarriesARequestAndItsReply) {
  Running run;
  leads::v1::Lead lead;
  lead.set_id("42");
  run.backend->Reply(kGetLead, lead);
  RawAnswer answer = Ask(run.port(), "GET", "/v1/leads/42");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("\"id\":\"42\""), std::string::npos) << answer.body;
  EXPECT_NE(answer.head.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(answer.head.find("Cache-Control: no-store\r\n"), std::string::npos);
  leads::v1::GetLeadRequest sent;
  ASSERT_TRUE(sent.ParseFromString(run.backend->asked(kGetLead).at(0).bytes));
  EXPECT_EQ(sent.lead_id(), "42");
}

TEST(Gateway, PassesCallerTraceAndTime) {
  Running run;
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Ask(run.port(), "GET", "/v1/leads/42",
      "x-spm-as: crm:17\r\ntraceparent: " + trace + "\r\nX-Timeout-Ms: 250\r\n");
  CallOptions options = run.backend->asked(kGetLead).at(0).options;
  EXPECT_EQ(options.as, "crm:17");
  EXPECT_EQ(TraceId(options.traceparent), TraceId(trace));
  EXPECT_EQ(options.timeout.count(), 250);
  Ask(run.port(), "GET", "/v1/leads/42", "traceparent: nonsense\r\n");
  EXPECT_EQ(TraceId(run.backend->asked(kGetLead).at(1).options.traceparent).size(), 32u)
      << "a new one";
  EXPECT_EQ(run.backend->asked(kGetLead).at(1).options.timeout.count(), 10'000);
  for (const char* bad : {"0", "x", "-1", "120001", ""})
    EXPECT_EQ(
        Ask(run.port(), "GET", "/v1/leads/42", std::string("X-Timeout-Ms: ") + bad + "\r\n").status,
        400);
}

TEST(Gateway, APathFieldMayBeRepeatedInTheBodyButNotDiffer) {
  Running run;
  leads::v1::Lead lead;
  run.backend->Reply("spm.leads.v1.LeadService/AssignLead", lead);
  EXPECT_EQ(Ask(run.port(), "POST", "/v1/leads/1:assign", kJson, R"({"leadId":"1"})").status, 200);
  EXPECT_EQ(Ask(run.port(), "POST", "/v1/leads/1:assign").status, 200)
      << "an empty body is an empty request";
  RawAnswer refused = Ask(run.port(), "POST", "/v1/leads/1:assign", kJson, R"({"leadId":"2"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("differs from the one in the path"), std::string::npos)
      << refused.body;
}

TEST(Gateway, BadInputIsNamedAndNeverReachesTheService) {
  Running run;
  const std::pair<std::string, std::string> cases[] = {
      {R"({"lead":{"name":"a","name":"b"}})", "lead.name"},
      {R"({"lead":{"nobody":1}})", "lead.nobody"},
      {R"({"lead":)", "lead"},
      {"{\"lead\":{\"name\":\"\xff\"}}", "lead.name"},
      {R"({"lead":)" + std::string(40, '[') + std::string(40, ']') + "}", "deeper than 32"},
      {R"({"requestId":5})", "requestId"},
      {"[]", "body"},
  };
  for (const auto& [body, named] : cases) {
    RawAnswer answer = Ask(run.port(), "POST", "/v1/leads", kJson, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_NE(answer.body.find(named), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find("google.rpc.BadRequest"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(Ask(run.port(), "POST", "/v1/leads?x=1", kJson, "{}").status, 400);
  EXPECT_EQ(Ask(run.port(), "GET", "/v1/leads?nobody=1").status, 400);
  EXPECT_EQ(Ask(run.port(), "GET", "/v1/leads", kJson, "{}").status, 400);
  EXPECT_TRUE(run.backend->asked(kCreateLead).empty());
}

TEST(Gateway, ErrorsKeepTheirCodeDetailsAndRetry) {
  Running run;
  const std::pair<StatusCode, int> codes[] = {
      {StatusCode::kInvalidArgument, 400}, {StatusCode::kFailedPrecondition, 400},
      {StatusCode::kNotFound, 404},        {StatusCode::kAlreadyExists, 409},
      {StatusCode::kAborted, 409},         {StatusCode::kPermissionDenied, 403},
      {StatusCode::kUnauthenticated, 401}, {StatusCode::kResourceExhausted, 429},
      {StatusCode::kUnimplemented, 501},   {StatusCode::kInternal, 500},
      {StatusCode::kDeadlineExceeded, 504}};
  for (auto [code, http] : codes) {
    run.backend->On(kGetLead, [code = code](const auto&) -> StatusOr<std::string> {
      return Error(code, "SOME_REASON", "what went wrong");
    });
    RawAnswer answer = Ask(run.port(), "GET", "/v1/leads/42");
    EXPECT_EQ(answer.status, http);
    EXPECT_NE(answer.body.find("\"code\":" + std::to_string(int(code))), std::string::npos)
        << answer.body;
    EXPECT_NE(answer.body.find("\"reason\":\"SOME_REASON\""), std::string::npos) << answer.body;
    EXPECT_EQ(answer.head.find("Retry-After"), std::string::npos);
  }
  run.backend->On(kGetLead, [](const auto&) -> StatusOr<std::string> {
    return Unavailable("database is away");
  });
  RawAnswer away = Ask(run.port(), "GET", "/v1/leads/42");
  EXPECT_EQ(away.status, 503);
  EXPECT_NE(away.head.find("Retry-After: 1\r\n"), std::string::npos) << away.head;
}

TEST(Gateway, UnknownPathsAndMethodsAnswerInTheSameForm) {
  Running run;
  RawAnswer missing = Ask(run.port(), "GET", "/v1/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_NE(missing.body.find("\"code\":5"), std::string::npos);
  RawAnswer method = Ask(run.port(), "PUT", "/v1/leads");
  EXPECT_EQ(method.status, 405);
  EXPECT_NE(method.head.find("Allow: "), std::string::npos);
  EXPECT_EQ(Ask(run.port(), "POST", "/v1/stream").status, 405);
  EXPECT_EQ(Ask(run.port(), "POST", "/").status, 405);
}

TEST(Guard, HostMustBeLoopbackWithOurPort) {
  Running run;
  std::string port = std::to_string(run.port());
  for (const std::string& host :
       {"localhost:" + port, "LOCALHOST:" + port, "127.0.0.1:" + port, "[::1]:" + port})
    EXPECT_EQ(Ask(run.port(), "GET", "/livez", "Host: " + host + "\r\n").status, 200) << host;
  for (const std::string& host :
       {std::string("evil.example"), "evil.example:" + port, std::string("localhost"),
        std::string("localhost:1"), "localhost.evil.example:" + port,
        "127.0.0.1.evil.example:" + port, "localhost:" + port + "0", std::string("[::1]"),
        "user@localhost:" + port, "0.0.0.0:" + port})
    EXPECT_EQ(Ask(run.port(), "GET", "/livez", "Host: " + host + "\r\n").status, 403) << host;
}

TEST(Guard, AnOriginThatIsPresentMustBeOurs) {
  Running run;
  std::string port = std::to_string(run.port());
  for (const std::string& origin : {"http://localhost:" + port, "http://127.0.0.1:" + port})
    EXPECT_EQ(Ask(run.port(), "GET", "/livez", "Origin: " + origin + "\r\n").status, 200) << origin;
  for (const std::string& origin :
       {std::string("null"), std::string("http://evil.example"), "https://localhost:" + port,
        std::string("http://localhost:1"), std::string("http://localhost"),
        "http://localhost:" + port + "/x"}) {
    RawAnswer answer = Ask(run.port(), "GET", "/v1/leads/1", "Origin: " + origin + "\r\n");
    EXPECT_EQ(answer.status, 403) << origin;
    EXPECT_EQ(answer.head.find("Access-Control"), std::string::npos);
  }
  EXPECT_TRUE(run.backend->asked(kGetLead).empty());
}

TEST(Guard, ABodyMustBeJson) {
  Running run;
  run.backend->Reply(kCreateLead, leads::v1::Lead());
  for (const char* type :
       {"application/json", "application/json; charset=utf-8", "Application/JSON"})
    EXPECT_EQ(
        Ask(run.port(), "POST", "/v1/leads", std::string("Content-Type: ") + type + "\r\n", "{}")
            .status,
        200);
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonp"})
    EXPECT_EQ(
        Ask(run.port(), "POST", "/v1/leads", std::string("Content-Type: ") + type + "\r\n", "{}")
            .status,
        415);
  EXPECT_EQ(Ask(run.port(), "POST", "/v1/leads", "", "{}").status, 415);
}

TEST(Guard, EveryAnswerCarriesThePolicy) {
  Running run;
  for (const char* path : {"/livez", "/v1/nothing", "/openapi.json", "/"}) {
    RawAnswer answer = Ask(run.port(), "GET", path);
    EXPECT_NE(answer.head.find("frame-ancestors 'none'"), std::string::npos) << path;
    EXPECT_NE(answer.head.find("X-Content-Type-Options: nosniff"), std::string::npos) << path;
    EXPECT_EQ(answer.head.find("Access-Control"), std::string::npos) << path;
  }
}

TEST(Dashboard, ShowsHealthAndMetrics) {
  Running run;
  EXPECT_EQ(Ask(run.port(), "GET", "/readyz").status, 200);
  EXPECT_NE(Ask(run.port(), "GET", "/metrics").body.find("spm_dashboard_streams"),
            std::string::npos);
}

TEST(OpenApi, DescribesEveryPathAndResolvesEveryReference) {
  Running run;
  RawAnswer answer = Ask(run.port(), "GET", "/openapi.json");
  ASSERT_EQ(answer.status, 200);
  google::protobuf::Struct doc;
  auto parsed = google::protobuf::util::JsonStringToMessage(answer.body, &doc);
  ASSERT_TRUE(parsed.ok()) << parsed.ToString();
  const auto& paths = doc.fields().at("paths").struct_value().fields();
  auto table = RouteTable::Build(SuiteServices());
  for (const Route& route : table->routes()) EXPECT_TRUE(paths.contains(route.path)) << route.path;
  const auto& components = doc.fields().at("components").struct_value().fields();
  const std::string mark = "\"$ref\":\"#/components/";
  int references = 0;
  for (size_t at = answer.body.find(mark); at != std::string::npos;
       at = answer.body.find(mark, at + 1)) {
    size_t begin = at + mark.size(), end = answer.body.find('"', begin);
    std::string ref = answer.body.substr(begin, end - begin);
    size_t slash = ref.find('/');
    EXPECT_TRUE(
        components.at(ref.substr(0, slash)).struct_value().fields().contains(ref.substr(slash + 1)))
        << ref;
    ++references;
  }
  EXPECT_GT(references, 200);
}

TEST(Counters, AreReadWithinWhatTheCallerMaySee) {
  Running run;
  run.Value("company", "", 5, 1);
  run.Value("rep", "a", 2, 1);
  run.Value("rep", "b", 3, 1);
  RpcMethod method = run.dashboard->Methods().at(0);
  ASSERT_NE(method.descriptor, nullptr);
  auto ask = [&](bool person, const std::string& grain) {
    RpcContext context;
    context.caller.id = "p";
    context.caller.person = person;
    auto request = std::make_unique<v1::GetCountersRequest>();
    request->set_grain(grain);
    std::promise<StatusOr<std::string>> promise;
    method.handle(context, std::move(request),
                  [&](auto reply) { promise.set_value(std::move(reply)); });
    v1::GetCountersResponse reply;
    auto bytes = promise.get_future().get();
    EXPECT_TRUE(bytes.ok() && reply.ParseFromString(*bytes));
    return reply;
  };
  EXPECT_EQ(ask(false, "").counters_size(), 3);
  EXPECT_EQ(ask(false, "rep").counters_size(), 2);
  run.SeesRep("b");
  auto own = ask(true, "");
  ASSERT_EQ(own.counters_size(), 1);
  EXPECT_EQ(own.counters(0).subject(), "b");
  EXPECT_EQ(own.counters(0).value(), 3);
  EXPECT_EQ(run.backend->asked(kGetVisibility).back().options.as, "p");
}

TEST(Dashboard, MangledRequestsLeaveItServing) {
  Running run;
  run.backend->Reply(kCreateLead, leads::v1::Lead());
  std::mt19937 random(12);
  const std::string good =
      R"({"requestId":"x","lead":{"name":"a","budget":{"currencyCode":"USD","units":"5"}}})";
  for (int i = 0; i < 300; ++i) {
    std::string body = good;
    for (int n = 0; n < 3; ++n) body[random() % body.size()] = static_cast<char>(random());
    int status = Ask(run.port(), "POST", "/v1/leads", kJson, body).status;
    EXPECT_TRUE(status == 200 || status == 400) << status << " " << body;
  }
  EXPECT_EQ(Ask(run.port(), "GET", "/livez").status, 200);
}

}  // namespace
}  // namespace spm::dashboard
