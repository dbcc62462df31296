#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "common/http/server.h"
#include "tests/support/raw_client.h"

namespace spm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A server whose every answer is a stream; the test gets the writers.
class Streams {
 public:
  explicit Streams(HttpServerOptions options = {})
      : server_(std::move(options), [this](std::shared_ptr<const HttpRequest>, HttpDone done) {
          HttpResponse response;
          response.content_type = "text/event-stream";
          response.stream = [this](std::shared_ptr<StreamWriter> writer) {
            std::lock_guard lock(mutex_);
            writer_ = std::move(writer);
            changed_.notify_all();
          };
          done(std::move(response));
        }) {
    EXPECT_TRUE(server_.Start().ok());
  }
  int port() const { return server_.port(); }
  HttpServer& server() { return server_; }
  std::shared_ptr<StreamWriter> Next() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, seconds(10), [this] { return writer_ != nullptr; }));
    return std::exchange(writer_, nullptr);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<StreamWriter> writer_;
  HttpServer server_;
};

bool ClosesWithin(const StreamWriter& writer, milliseconds limit) {
  auto until = std::chrono::steady_clock::now() + limit;
  while (!writer.closed() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  return writer.closed();
}

RawClient Get(int port, int receive_buffer = 0, const char* version = "1.1") {
  RawClient client(port, receive_buffer);
  client.Send(std::string("GET / HTTP/") + version + "\r\nHost: h\r\n\r\n");
  return client;
}

TEST(Stream, SendsInOrderAndEndsTheChunks) {
  Streams streams;
  RawClient client = Get(streams.port());
  auto writer = streams.Next();
  EXPECT_NE(client.ReadUntil("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_TRUE(writer->Send("one"));
  EXPECT_EQ(client.ReadUntil("one\r\n"), "3\r\none\r\n");
  EXPECT_TRUE(writer->Send("two"));
  EXPECT_EQ(client.ReadUntil("two\r\n"), "3\r\ntwo\r\n");
  writer->Close();
  EXPECT_FALSE(writer->Send("late"));
  EXPECT_EQ(client.ReadAll(), "0\r\n\r\n");
}

TEST(Stream, AnOldClientGetsPlainBytesUntilTheEnd) {
  Streams streams;
  RawClient client = Get(streams.port(), 0, "1.0");
  auto writer = streams.Next();
  client.ReadUntil("\r\n\r\n");
  writer->Send("one");
  writer->Close();
  EXPECT_EQ(client.ReadAll(), "one");
}

TEST(Stream, TellsWhenTheClientHasGone) {
  Streams streams;
  RawClient client = Get(streams.port());
  auto writer = streams.Next();
  std::atomic<int> closed = 0;
  writer->OnClose([&] { ++closed; });
  client.Close();
  EXPECT_TRUE(ClosesWithin(*writer, seconds(5)));
  while (closed == 0) std::this_thread::yield();
  EXPECT_FALSE(writer->Send("x"));
  writer->OnClose([&] { ++closed; });
  EXPECT_EQ(closed, 2);
}

TEST(Stream, AClientThatLeavesTooMuchUnreadIsDropped) {
  HttpServerOptions options;
  options.stream_limit = 1 << 20;
  Streams streams(options);
  RawClient client = Get(streams.port(), 4096);
  auto writer = streams.Next();
  std::string chunk(64 << 10, 'x');
  int sent = 0;
  while (writer->Send(chunk) && sent < 1'000) ++sent;
  EXPECT_LT(sent, 1'000);
  EXPECT_GE(sent, 16);
  EXPECT_TRUE(ClosesWithin(*writer, seconds(5)));
}

TEST(Stream, AClientThatReadsNothingIsDroppedInTime) {
  HttpServerOptions options;
  options.write_timeout = milliseconds(300);
  options.stream_limit = 64 << 20;
  Streams streams(options);
  RawClient client = Get(streams.port(), 4096);
  auto writer = streams.Next();
  ASSERT_TRUE(writer->Send(std::string(16 << 20, 'x')));
  EXPECT_GT(writer->queued(), 0u);
  EXPECT_TRUE(ClosesWithin(*writer, seconds(10)));
}

TEST(Stream, AQuietOneStaysOpenBeyondEveryTimeout) {
  HttpServerOptions options;
  options.header_timeout = options.idle_timeout = options.write_timeout = milliseconds(100);
  Streams streams(options);
  RawClient client = Get(streams.port());
  auto writer = streams.Next();
  client.ReadUntil("\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("x", milliseconds(400)), "");
  EXPECT_TRUE(writer->Send("still"));
  EXPECT_EQ(client.ReadUntil("still"), "5\r\nstill");
}

TEST(Stream, StopEndsIt) {
  Streams streams;
  RawClient client = Get(streams.port());
  auto writer = streams.Next();
  streams.server().Stop(seconds(5));
  EXPECT_TRUE(writer->closed());
  EXPECT_TRUE(client.ClosedWithin(seconds(5)));
}

}  // namespace
}  // namespace spm
