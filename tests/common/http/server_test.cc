#include "common/http/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <random>
#include <thread>

#include "common/http/admin.h"
#include "tests/support/raw_client.h"

namespace spm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

HttpResponse Text(std::string text) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = std::move(text);
  return response;
}

void Echo(std::shared_ptr<const HttpRequest> request, HttpDone done) {
  std::string text = request->method + " " + request->path + "\n";
  for (const auto& [name, value] : request->query) text += name + "=" + value + "\n";
  done(Text(text + request->body));
}

struct Running {
  explicit Running(HttpHandler handler = Echo, HttpServerOptions options = {})
      : server(std::move(options), std::move(handler)) {
    Status status = server.Start();
    EXPECT_TRUE(status.ok()) << status;
  }
  int port() const { return server.port(); }
  HttpServer server;
};

TEST(HttpServer, AnswersWithTheDecodedQueryAndTheRawPath) {
  Running run;
  RawAnswer answer = Ask(run.port(), "GET", "/a%2Fb/c?x=1+2&y=%E4%B8%AD&x=3&flag");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "GET /a%2Fb/c\nx=1 2\ny=中\nx=3\nflag=\n");
}

TEST(HttpServer, KeepsAConnectionAndAnswersPipelinedRequestsInOrder) {
  Running run;
  RawClient client(run.port());
  std::string all;
  for (int i = 0; i < 20; ++i)
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ReadAnswer(client).body, "GET /" + std::to_string(i) + "\n");
}

TEST(HttpServer, AnAnswerMayComeLaterFromAnotherThread) {
  std::thread thread;
  {
    Running run([&](std::shared_ptr<const HttpRequest>, HttpDone done) {
      thread = std::thread([done] {
        done(Text("late"));
        done(Text("twice"));
      });
    });
    EXPECT_EQ(Ask(run.port(), "GET", "/").body, "late");
  }
  thread.join();
}

TEST(HttpServer, AnAnswerAfterStopIsDropped) {
  HttpDone kept;
  std::atomic<bool> asked = false;
  {
    Running run([&](std::shared_ptr<const HttpRequest>, HttpDone done) {
      kept = std::move(done);
      asked = true;
    });
    RawClient client(run.port());
    client.Send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (!asked) std::this_thread::yield();
    run.server.Stop(milliseconds(10));
    EXPECT_TRUE(client.ClosedWithin(seconds(5)));
  }
  kept(Text("nobody"));
}

TEST(HttpServer, AHandlerThatThrowsAnswers500WithoutItsText) {
  Running run(
      [](std::shared_ptr<const HttpRequest>, HttpDone) { throw std::runtime_error("secret"); });
  RawAnswer answer = Ask(run.port(), "GET", "/");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
}

TEST(HttpServer, HeadHasNoBodyButItsLength) {
  Running run;
  RawClient client(run.port());
  client.Send(
      "HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\nGET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(ReadAnswer(client, true).head.find("Content-Length: 8"), std::string::npos);
  EXPECT_EQ(ReadAnswer(client).body, "GET /y\n");
}

TEST(HttpServer, SendsContinueToWhoWaitsForIt) {
  Running run;
  RawClient client(run.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hi");
  EXPECT_EQ(ReadAnswer(client).body, "POST /\nhi");
}

TEST(HttpServer, TakesABodyAtTheLimitAndRefusesOneByteMore) {
  HttpServerOptions options;
  options.body_limit = 100'000;
  Running run(Echo, options);
  EXPECT_EQ(Ask(run.port(), "POST", "/", "", std::string(100'000, 'x')).status, 200);
  RawAnswer refused = Ask(run.port(), "POST", "/", "", std::string(100'001, 'x'));
  EXPECT_EQ(refused.status, 413);
  EXPECT_NE(refused.body.find("shorter than 100000 bytes"), std::string::npos);
  RawClient chunked(run.port());
  chunked.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::string chunk = "c350\r\n" + std::string(50'000, 'x') + "\r\n";
  for (int i = 0; i < 3; ++i) chunked.Send(chunk);
  EXPECT_EQ(ReadAnswer(chunked).status, 413);
}

TEST(HttpServer, RefusesHeadersBeyondTheLimit) {
  Running run;
  EXPECT_EQ(Ask(run.port(), "GET", "/", "X: " + std::string(7'000, 'x') + "\r\n").status, 200);
  EXPECT_EQ(Ask(run.port(), "GET", "/", "X: " + std::string(9'000, 'x') + "\r\n").status, 431);
}

TEST(HttpServer, RefusesWhatMakesNoSense) {
  Running run;
  for (const char* bytes :
       {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "GET /?a=%G1 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/9.1\r\nHost: h\r\n\r\n", "nonsense\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    RawClient client(run.port());
    client.Send(bytes);
    RawAnswer answer = ReadAnswer(client);
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_TRUE(client.ClosedWithin(seconds(5))) << bytes;
  }
}

TEST(HttpServer, ManglesOfEveryKindLeaveItServing) {
  Running run;
  std::mt19937 random(14);
  const std::string good =
      "POST /v1/leads?x=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n{}\n\n";
  for (int i = 0; i < 2'000; ++i) {
    RawClient client(run.port());
    std::string bytes = good;
    for (uint32_t n = random() % 8 + 1; n > 0; --n) {
      if (i % 3 == 0) bytes.resize(random() % (bytes.size() + 1));
      if (i % 3 == 1 && !bytes.empty()) bytes[random() % bytes.size()] = char(random());
      if (i % 3 == 2) bytes.insert(random() % (bytes.size() + 1), 1, char(random()));
    }
    client.Send(bytes);
    if (i % 10 == 0) client.ReadAll(milliseconds(1));
  }
  EXPECT_EQ(Ask(run.port(), "GET", "/alive").body, "GET /alive\n");
}

TEST(HttpServer, DropsWhoIsSlowWithHeadersOrBodyOrIdle) {
  HttpServerOptions options;
  options.header_timeout = options.body_timeout = options.idle_timeout = milliseconds(200);
  Running run(Echo, options);
  RawClient silent(run.port()), header(run.port()), body(run.port()), idle(run.port());
  header.Send("GET / HTTP/1.1\r\nHo");
  body.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab");
  idle.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(ReadAnswer(idle).status, 200);
  for (RawClient* client : {&silent, &header, &body, &idle})
    EXPECT_TRUE(client->ClosedWithin(seconds(5)));
}

TEST(HttpServer, TurnsAwayWhoComesBeyondTheLimitOfConnections) {
  HttpServerOptions options;
  options.max_connections = 2;
  Running run(Echo, options);
  RawClient first(run.port()), second(run.port());
  for (RawClient* client : {&first, &second}) {
    client->Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(ReadAnswer(*client).status, 200);
  }
  RawClient third(run.port());
  EXPECT_EQ(ReadAnswer(third).status, 503);
  first.Close();
  for (int tries = 0; tries < 200; ++tries)
    if (Ask(run.port(), "GET", "/").status == 200) return;
  FAIL() << "never served again";
}

TEST(HttpServer, AcceptsAgainAfterRunningOutOfDescriptors) {
  Running run;
  // Each is answered, and so accepted, before descriptors are counted; all stay open.
  std::vector<RawClient> clients;
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back(run.port());
    clients.back().Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_EQ(ReadAnswer(clients.back()).status, 200);
  }
  int next = dup(0);
  rlimit old{};
  getrlimit(RLIMIT_NOFILE, &old);
  rlimit tight{static_cast<rlim_t>(next + 1), old.rlim_max};
  close(next);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  // The first takes the last descriptor, and the server has none left to accept it with.
  auto waiting = std::make_unique<RawClient>(run.port());
  ASSERT_TRUE(waiting->connected());
  waiting->Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(waiting->ReadUntil("\r\n", milliseconds(300)), "");
  setrlimit(RLIMIT_NOFILE, &old);
  EXPECT_EQ(ReadAnswer(*waiting).status, 200);
}

TEST(HttpServer, APortInUseIsNamedWithTheRemedy) {
  Running run;
  HttpServerOptions options;
  options.port = run.port();
  HttpServer second(options, Echo);
  Status status = second.Start();
  EXPECT_EQ(Reason(status), "PORT_IN_USE");
  EXPECT_NE(std::string(status.message()).find(std::to_string(run.port())), std::string::npos);
  EXPECT_NE(std::string(status.message()).find("--port"), std::string::npos);
}

TEST(HttpServer, StopLetsTheRequestInWorkFinish) {
  HttpDone kept;
  std::atomic<bool> asked = false;
  Running run([&](std::shared_ptr<const HttpRequest>, HttpDone done) {
    kept = std::move(done);
    asked = true;
  });
  RawClient client(run.port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!asked) std::this_thread::yield();
  std::thread stopping([&] { run.server.Stop(seconds(10)); });
  RawClient late(run.port());
  while (late.connected() && !late.ClosedWithin(milliseconds(20))) late = RawClient(run.port());
  kept(Text("done"));
  kept = nullptr;
  RawAnswer answer = ReadAnswer(client);
  EXPECT_EQ(answer.body, "done");
  EXPECT_NE(answer.head.find("Connection: close"), std::string::npos);
  client.Close();
  stopping.join();
}

TEST(Admin, ShowsHealthAndMetrics) {
  HttpRequest request;
  HealthChecks checks;
  checks.ready = [] { return Unavailable("filling"); };
  request.path = "/readyz";
  EXPECT_EQ(AdminResponse(request, checks)->status, 503);
  EXPECT_EQ(AdminResponse(request, checks)->body, "filling\n");
  for (const char* path : {"/livez", "/startupz"}) {
    request.path = path;
    EXPECT_EQ(AdminResponse(request, checks)->status, 200);
  }
  request.path = "/metrics";
  Running run;
  EXPECT_NE(AdminResponse(request, checks)->body.find("spm_http_request_seconds"),
            std::string::npos);
  request.path = "/other";
  EXPECT_FALSE(AdminResponse(request, checks).has_value());
}

}  // namespace
}  // namespace spm
