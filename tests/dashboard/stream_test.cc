#include "services/dashboard/stream.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/dashboard/fixture.h"

namespace spm::dashboard {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;

// One open stream, read event by event.
class Listener {
 public:
  explicit Listener(int port, const std::string& headers = "", int receive_buffer = 0)
      : client_(port, receive_buffer) {
    client_.Send("GET /v1/stream HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\n" +
                 headers + "\r\n");
    head = client_.ReadUntil("\r\n\r\n");
  }
  // The next event without its framing; "" when none comes in time.
  std::string Next(milliseconds limit = seconds(10)) {
    std::string chunk = client_.ReadUntil("\n\n\r\n", limit);
    size_t begin = chunk.find("\r\n");
    return begin == std::string::npos ? "" : chunk.substr(begin + 2);
  }
  RawClient& client() { return client_; }

  std::string head;

 private:
  RawClient client_;
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

int64_t IdOf(const std::string& event) {
  size_t at = event.find("\nid: ");
  return at == std::string::npos ? 0 : std::atoll(event.c_str() + at + 5);
}

TEST(Stream, BeginsWithASnapshotAndGoesOnWithDeltas) {
  Running run;
  run.Value("company", "", 5, 1);
  Listener listener(run.port());
  EXPECT_TRUE(Has(listener.head, "Content-Type: text/event-stream"));
  std::string snapshot = listener.Next();
  EXPECT_TRUE(snapshot.starts_with("event: snapshot\nid: ")) << snapshot;
  EXPECT_TRUE(Has(
      snapshot,
      R"("metric":"won","grain":"company","period":"2017","subject":"","name":"","value":5,"version":"1")"))
      << snapshot;
  run.Value("company", "", 6, 2);
  std::string delta = listener.Next();
  EXPECT_TRUE(delta.starts_with("event: delta\nid: ")) << delta;
  EXPECT_TRUE(Has(delta, "\"value\":6,\"version\":\"2\""));
  EXPECT_GT(IdOf(delta), IdOf(snapshot));
}

TEST(Stream, AnEmptySnapshotIsSentToo) {
  Running run;
  EXPECT_TRUE(Has(Listener(run.port()).Next(), "\"counters\":[]"));
}

TEST(Stream, TheFirstChangeAfterARestGoesOutAtOnceAndLaterOnesTogether) {
  StreamTimes times;
  times.delta = milliseconds(600);
  Running run(times);
  Listener listener(run.port());
  listener.Next();
  auto begin = SteadyClock::now();
  run.Value("company", "", 1, 1);
  EXPECT_TRUE(Has(listener.Next(), "\"value\":1"));
  EXPECT_LT(SteadyClock::now() - begin, milliseconds(400));
  for (int i = 2; i <= 50; ++i) run.Value("company", "", i, i);
  std::string delta = listener.Next();
  EXPECT_GE(SteadyClock::now() - begin, milliseconds(550));
  EXPECT_TRUE(Has(delta, "\"value\":50")) << delta;
  EXPECT_FALSE(Has(delta, "\"value\":49"));
}

TEST(Stream, OlderAndEqualVersionsSendNothing) {
  StreamTimes times;
  times.delta = milliseconds(20);
  Running run(times);
  run.Value("company", "", 5, 5);
  Listener listener(run.port());
  listener.Next();
  run.Value("company", "", 4, 4);
  run.Value("company", "", 9, 5);
  run.Value("rep", "a", 1, 1);
  std::string delta = listener.Next();
  EXPECT_TRUE(Has(delta, "\"subject\":\"a\"")) << delta;
  EXPECT_FALSE(Has(delta, "\"grain\":\"company\"")) << delta;
}

TEST(Stream, ShowsOnlyWhatTheCallerMaySee) {
  StreamTimes times;
  times.delta = milliseconds(20);
  Running run(times);
  for (const char* grain : {"company", "stage"}) run.Value(grain, "x", 1, 1);
  for (const char* subject : {"me", "peer"})
    for (const char* grain : {"rep", "team", "region"}) run.Value(grain, subject, 2, 1);
  run.SeesRep("me");
  Listener listener(run.port(), "X-Spm-As: me\r\n");
  std::string snapshot = listener.Next();
  EXPECT_TRUE(Has(snapshot, R"("grain":"rep","period":"2017","subject":"me")")) << snapshot;
  EXPECT_EQ(snapshot.find("\"metric\""), snapshot.rfind("\"metric\"")) << snapshot;
  EXPECT_EQ(run.backend->asked(kGetVisibility).at(0).options.as, "me");
  run.Value("rep", "peer", 3, 2);
  run.Value("rep", "me", 4, 2);
  std::string delta = listener.Next();
  EXPECT_TRUE(Has(delta, "\"value\":4")) << delta;
  EXPECT_FALSE(Has(delta, "peer")) << delta;
}

TEST(Stream, AChangedSightBringsANewSnapshot) {
  StreamTimes times;
  times.sight = milliseconds(30);
  Running run(times);
  run.Value("rep", "a", 1, 1);
  run.Value("rep", "b", 2, 1);
  run.SeesRep("a");
  Listener listener(run.port(), "X-Spm-As: me\r\n");
  EXPECT_TRUE(Has(listener.Next(), "\"subject\":\"a\""));
  run.SeesRep("b");
  std::string second = listener.Next();
  EXPECT_TRUE(second.starts_with("event: snapshot")) << second;
  EXPECT_TRUE(Has(second, "\"subject\":\"b\""));
  EXPECT_FALSE(Has(second, "\"subject\":\"a\""));
}

TEST(Stream, AnUnknownCallerIsRefusedAndOneThatLeavesIsCutOff) {
  StreamTimes times;
  times.sight = milliseconds(30);
  Running run(times);
  auto unknown = [](const auto&) -> StatusOr<std::string> {
    return Error(StatusCode::kUnauthenticated, "UNKNOWN_CALLER", "nobody is called so");
  };
  Listener listener(run.port(), "X-Spm-As: me\r\n");
  listener.Next();
  run.backend->On(kGetVisibility, unknown);
  EXPECT_TRUE(listener.client().ClosedWithin(seconds(10)));
  EXPECT_EQ(Ask(run.port(), "GET", "/v1/stream", "X-Spm-As: nobody\r\n").status, 401);
}

TEST(Stream, GoesOnWhilePerformanceIsAwayAndEndsAfterTheLimit) {
  StreamTimes times;
  times.delta = times.sight = milliseconds(30);
  times.sight_limit = milliseconds(500);
  Running run(times);
  Listener listener(run.port());
  listener.Next();
  run.backend->On(kGetVisibility, nullptr);
  run.Value("company", "", 1, 1);
  EXPECT_TRUE(Has(listener.Next(), "\"value\":1"));
  EXPECT_TRUE(listener.client().ClosedWithin(seconds(10)));
}

TEST(Stream, AQuietOneBeats) {
  StreamTimes times;
  times.heartbeat = milliseconds(50);
  Running run(times);
  Listener listener(run.port());
  listener.Next();
  EXPECT_EQ(listener.Next(), ": heartbeat\n\n\r\n");
  EXPECT_EQ(listener.Next(), ": heartbeat\n\n\r\n");
}

TEST(Stream, ComingBackBringsASnapshotWhateverTheLastId) {
  Running run;
  run.Value("company", "", 5, 1);
  int64_t id = IdOf(Listener(run.port()).Next());
  run.Value("company", "", 6, 2);
  for (int64_t last : {id, id + 100, int64_t{0}}) {
    std::string event =
        Listener(run.port(), "Last-Event-ID: " + std::to_string(last) + "\r\n").Next();
    EXPECT_TRUE(event.starts_with("event: snapshot")) << event;
    EXPECT_TRUE(Has(event, "\"value\":6")) << event;
  }
}

TEST(Stream, ManyCountersComeInPartsAndAllOfThem) {
  StreamTimes times;
  times.delta = milliseconds(20);
  Running run(times);
  for (int i = 0; i < 5'000; ++i) run.Value("rep", "rep-" + std::to_string(i), i, 1);
  Listener listener(run.port());
  std::string event = listener.Next();
  EXPECT_TRUE(event.starts_with("event: snapshot"));
  std::set<std::string> subjects;
  const std::string mark = "\"subject\":\"";
  for (;;) {
    for (size_t at = event.find(mark); at != std::string::npos; at = event.find(mark, at + 1))
      subjects.insert(
          event.substr(at + mark.size(), event.find('"', at + mark.size()) - at - mark.size()));
    if (subjects.size() == 5'000) break;
    event = listener.Next();
    ASSERT_TRUE(event.starts_with("event: delta")) << event.substr(0, 100);
  }
}

// A client that reads nothing for a while gets the newest figures when it reads again, each once,
// and what waits for it in the meantime is bounded.
TEST(Stream, ASlowClientMissesVersionsButNoCounter) {
  StreamTimes times;
  times.delta = milliseconds(1);
  Running run(times);
  Listener slow(run.port(), "", 4096);
  slow.Next();
  const int kRounds = 200, kReps = 500;
  for (int round = 1; round <= kRounds; ++round)
    for (int rep = 0; rep < kReps; ++rep) run.Value("rep", std::to_string(rep), round, round);
  run.Value("company", "", 1, 1);
  size_t bytes = 0;
  std::map<std::string, std::string> newest;
  for (bool done = false; !done;) {
    std::string event = slow.Next();
    ASSERT_TRUE(event.starts_with("event: delta")) << event.substr(0, 100);
    bytes += event.size();
    done = Has(event, "\"grain\":\"company\"");
    for (size_t at = event.find("\"subject\":\""); at != std::string::npos;
         at = event.find("\"subject\":\"", at + 1)) {
      size_t begin = at + 11, end = event.find('"', begin),
             value = event.find("\"value\":", end) + 8;
      newest[event.substr(begin, end - begin)] =
          event.substr(value, event.find(',', value) - value);
    }
  }
  for (int rep = 0; rep < kReps; ++rep)
    EXPECT_EQ(newest[std::to_string(rep)], std::to_string(kRounds));
  EXPECT_LT(bytes, size_t{kRounds} * kReps * 100) << "every version was sent";
}

TEST(Stream, StopEndsIt) {
  Running run;
  Listener listener(run.port());
  listener.Next();
  run.dashboard->Stop();
  EXPECT_TRUE(listener.client().ClosedWithin(seconds(5)));
}

TEST(LiveCounters, TellTheLagOfWhatIsNewOnly) {
  Running run;
  int64_t start = run.clock.NowUs();
  MemoryCounters store;
  LiveCounters live(store, run.clock);
  performance::v1::ValueChanged message;
  message.set_metric("won");
  message.set_version(1);
  message.set_recorded_us(start - 5'000'000);
  live.OnValue("k", message.SerializeAsString());
  EXPECT_EQ(live.lag_ms(), 0) << "from before the start";
  run.clock.Advance(700'000);
  message.set_version(2);
  message.set_recorded_us(start + 100'000);
  live.OnValue("k", message.SerializeAsString());
  EXPECT_EQ(live.lag_ms(), 600);
}

TEST(LiveCounters, FillALostStoreWithAllTheyKnow) {
  ManualClock clock(1'000'000);
  MemoryCounters store;
  LiveCounters live(store, clock);
  auto value = [&](const std::string& subject, int64_t version) {
    performance::v1::ValueChanged message;
    message.set_metric("won");
    message.set_subject(subject);
    message.set_version(version);
    live.OnValue(subject, message.SerializeAsString());
  };
  value("a", 1);
  value("b", 1);
  EXPECT_EQ(store.Snapshot()->size(), 2u);
  store.Lose();
  value("b", 2);
  ASSERT_EQ(store.Snapshot()->size(), 2u);
  EXPECT_EQ(store.Snapshot()->at(1).second.version, 2);
  live.OnValue("c", "\xff not a message");
  LiveCounters second(store, clock);
  EXPECT_EQ(second.Since(0, 10, [](const CounterKey&) { return true; }).rows.size(), 2u);
}

}  // namespace
}  // namespace spm::dashboard
