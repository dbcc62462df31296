#include "services/dashboard/stream.h"

#include <fmt/format.h>

#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <thread>

#include "common/base/metrics.h"
#include "common/http/errors.h"
#include "services/dashboard/counters_sight.h"
#include "services/dashboard/gateway.h"

namespace spm::dashboard {
namespace {

using Time = std::chrono::steady_clock::time_point;

// A client with more than this unread gets nothing new until it has taken it.
constexpr size_t kBusyBytes = 512 << 10;
constexpr size_t kRowsAMessage = 2'000;
constexpr size_t kFewStreams = 100;

struct Client {
  std::shared_ptr<StreamWriter> writer;
  CallOptions caller;
  std::shared_ptr<const Sight> sight;
  // Everything up to this version has been sent; 0: a snapshot is due.
  int64_t sent = 0;
  Time last_sent;
  // When performance last said what it may see.
  Time seen;
};

struct Message {
  std::string text;
  int64_t version = 0;
  bool more = false;
};

}  // namespace

class StreamHub::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(LiveCounters& counters, Channel& performance, StreamTimes times)
      : counters_(counters),
        performance_(performance),
        times_(times),
        open_(GaugeOf("spm_dashboard_streams", "Open streams of live counters")),
        sent_(CounterOf("spm_dashboard_stream_messages_total", "Messages to streams")) {}

  void Start() {
    counters_.OnChange([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Wake(&Flags::changed);
    });
    thread_ = std::thread([this] { Loop(); });
  }

  void Stop() {
    counters_.OnChange(nullptr);
    Wake(&Flags::stopping);
    if (thread_.joinable()) thread_.join();
    std::lock_guard lock(mutex_);
    stopped_ = true;
    for (Client& client : clients_) client.writer->Close();
    clients_.clear();
    open_.Set(0);
  }

  void Handle(std::shared_ptr<const HttpRequest> request, HttpDone done) {
    StatusOr<CallOptions> caller = ReadCallOptions(*request);
    if (!caller.ok()) return done(ErrorResponse(caller.status()));
    AskSight(performance_, *caller,
             [weak = weak_from_this(), caller = *caller,
              done = std::move(done)](StatusOr<std::shared_ptr<const Sight>> sight) {
               if (!sight.ok()) return done(ErrorResponse(sight.status()));
               HttpResponse response;
               response.content_type = "text/event-stream";
               response.stream = [weak, caller,
                                  sight = *sight](std::shared_ptr<StreamWriter> writer) {
                 auto self = weak.lock();
                 if (self == nullptr || !self->Add(writer, caller, sight)) writer->Close();
               };
               done(std::move(response));
             });
  }

 private:
  bool Add(const std::shared_ptr<StreamWriter>& writer, const CallOptions& caller,
           const std::shared_ptr<const Sight>& sight) {
    Time now = std::chrono::steady_clock::now();
    {
      std::lock_guard lock(mutex_);
      if (stopped_) return false;
      clients_.push_back({writer, caller, Intern(sight), 0, now, now});
      open_.Set(static_cast<double>(clients_.size()));
    }
    writer->OnClose([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Wake(&Flags::closed);
    });
    Wake(&Flags::fresh);
    return true;
  }

  struct Flags {
    bool changed = false;
    bool fresh = false;
    bool closed = false;
    bool stopping = false;
  };

  // Has a lock of its own: who feeds the counters does not wait for messages being written.
  void Wake(bool Flags::*flag) {
    std::lock_guard lock(flags_mutex_);
    if (std::exchange(flags_.*flag, true)) return;
    if (flag == &Flags::changed) gathered_ = std::chrono::steady_clock::now() + times_.gather;
    wake_.notify_all();
  }

  // What has happened; waits for it until `until`. Changes are taken only when a delta is due.
  Flags Await(Time until, Time delta_due) {
    std::unique_lock lock(flags_mutex_);
    auto due = [&] { return std::max(delta_due, gathered_); };
    auto send = [&] { return flags_.changed && std::chrono::steady_clock::now() >= due(); };
    auto happened = [&] { return flags_.stopping || flags_.fresh || flags_.closed || send(); };
    while (!happened() && std::chrono::steady_clock::now() < until)
      wake_.wait_until(lock, flags_.changed ? std::min(until, due()) : until);
    Flags taken = flags_;
    taken.changed = send();
    flags_ = {flags_.changed && !taken.changed, false, false, flags_.stopping};
    return taken;
  }

  void Loop() {
    Time delta_due{}, next_sight = std::chrono::steady_clock::now() + times_.sight;
    for (;;) {
      Time now = std::chrono::steady_clock::now();
      Time until = std::min(next_sight, now + times_.heartbeat / 4);
      if (behind_) until = std::min(until, delta_due);
      Flags flags = Await(until, delta_due);
      if (flags.stopping) return;
      now = std::chrono::steady_clock::now();
      bool everybody = flags.changed || (behind_ && now >= delta_due);
      {
        std::lock_guard lock(mutex_);
        if (everybody) {
          delta_due = now + (clients_.size() > kFewStreams ? times_.delta * 5 / 2 : times_.delta);
          behind_ = false;
        }
        if (flags.closed) RemoveClosed();
        if (everybody || flags.fresh) SendChanges(now, everybody);
        SendHeartbeats(now);
      }
      if (now < next_sight) continue;
      next_sight = now + times_.sight;
      AskSights(now);
    }
  }

  void RemoveClosed() {
    clients_.remove_if([](const Client& client) { return client.writer->closed(); });
    open_.Set(static_cast<double>(clients_.size()));
  }

  // One object for all equal ones, so that comparing them is comparing pointers.
  std::shared_ptr<const Sight> Intern(const std::shared_ptr<const Sight>& sight) {
    std::weak_ptr<const Sight>& slot = sights_[sight->Key()];
    if (auto known = slot.lock()) return known;
    slot = sight;
    return sight;
  }

  // New clients get their snapshot at once; the others wait for the next delta.
  void SendChanges(Time now, bool everybody) {
    // Many clients see the same and were sent the same: written once.
    std::map<std::pair<int64_t, const Sight*>, Message> written;
    for (Client& client : clients_)
      if (everybody || client.sent == 0) Send(client, now, &written);
  }

  void Send(Client& client, Time now,
            std::map<std::pair<int64_t, const Sight*>, Message>* written) {
    for (bool more = true; more;) {
      if (client.writer->queued() > kBusyBytes) {
        behind_ = true;
        return;
      }
      auto [it, added] = written->try_emplace({client.sent, client.sight.get()});
      if (added) it->second = Write(client.sent, *client.sight);
      const Message& message = it->second;
      client.sent = message.version;
      more = message.more;
      if (message.text.empty()) continue;
      client.writer->Send(message.text);
      client.last_sent = now;
      sent_.Add();
    }
  }

  Message Write(int64_t since, const Sight& sight) const {
    auto changes = counters_.Since(since, kRowsAMessage,
                                   [&](const CounterKey& key) { return sight.Sees(key); });
    Message message{"", changes.version, changes.more};
    if (since > 0 && changes.rows.empty()) return message;
    message.text = fmt::format("event: {}\nid: {}\ndata: {{\"version\":\"{}\",\"counters\":[",
                               since == 0 ? "snapshot" : "delta", changes.version, changes.version);
    for (size_t i = 0; i < changes.rows.size(); ++i) {
      if (i > 0) message.text += ',';
      AppendCounterJson(changes.rows[i], &message.text);
    }
    message.text += fmt::format("],\"lagMs\":{}}}\n\n", counters_.lag_ms());
    return message;
  }

  void SendHeartbeats(Time now) {
    for (Client& client : clients_) {
      if (now - client.last_sent < times_.heartbeat) continue;
      client.last_sent = now;
      client.writer->Send(": heartbeat\n\n");
    }
  }

  // One question for each caller, however many streams it has.
  void AskSights(Time now) {
    std::map<std::string, CallOptions> callers;
    {
      std::lock_guard lock(mutex_);
      std::erase_if(sights_, [](const auto& slot) { return slot.second.expired(); });
      for (Client& client : clients_) {
        if (now - client.seen > times_.sight_limit) client.writer->Close();
        callers.emplace(client.caller.as, client.caller);
      }
    }
    for (const auto& [as, options] : callers) {
      AskSight(performance_, options,
               [weak = weak_from_this(), as = as](StatusOr<std::shared_ptr<const Sight>> sight) {
                 if (auto self = weak.lock()) self->OnSight(as, sight);
               });
    }
  }

  // Who sees something else than before begins anew, so that what is not theirs any more goes away.
  void OnSight(const std::string& as, const StatusOr<std::shared_ptr<const Sight>>& sight) {
    bool fresh = false;
    {
      std::lock_guard lock(mutex_);
      auto seen = sight.ok() ? Intern(*sight) : nullptr;
      for (Client& client : clients_) {
        if (client.caller.as != as) continue;
        if (seen == nullptr) {
          if (!IsInfrastructure(sight.status())) client.writer->Close();
          continue;
        }
        client.seen = std::chrono::steady_clock::now();
        if (seen == client.sight) continue;
        client.sight = seen;
        client.sent = 0;
        fresh = true;
      }
    }
    if (fresh) Wake(&Flags::fresh);
  }

  LiveCounters& counters_;
  Channel& performance_;
  const StreamTimes times_;
  std::thread thread_;

  std::mutex flags_mutex_;
  std::condition_variable wake_;
  Flags flags_;
  Time gathered_{};

  std::mutex mutex_;
  std::list<Client> clients_;
  std::map<std::string, std::weak_ptr<const Sight>> sights_;
  bool stopped_ = false;
  // A client was left out for want of room. The loop's own.
  bool behind_ = false;

  GaugeMetric& open_;
  CounterMetric& sent_;
};

StreamHub::StreamHub(LiveCounters& counters, Channel& performance, StreamTimes times)
    : impl_(std::make_shared<Impl>(counters, performance, times)) {
  impl_->Start();
}
StreamHub::~StreamHub() { Stop(); }
void StreamHub::Handle(std::shared_ptr<const HttpRequest> request, HttpDone done) {
  impl_->Handle(std::move(request), std::move(done));
}
void StreamHub::Stop() { impl_->Stop(); }

}  // namespace spm::dashboard
