// Services as the dashboard sees them: answers calls by a function of the test, and notes them.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/channel.h"

namespace spm::dashboard {

class FakeChannel : public Channel {
 public:
  struct Asked {
    std::string method;
    std::string bytes;
    CallOptions options;
  };
  using Answer = std::function<StatusOr<std::string>(const Asked&)>;

  ~FakeChannel() override {
    for (auto& thread : threads_) thread.join();
  }

  void On(const std::string& method, Answer answer) {
    std::lock_guard lock(mutex_);
    answers_[method] = std::move(answer);
  }
  template <typename M>
  void Reply(const std::string& method, const M& reply) {
    On(method, [bytes = reply.SerializeAsString()](const Asked&) { return bytes; });
  }
  std::vector<Asked> asked(const std::string& method) {
    std::lock_guard lock(mutex_);
    std::vector<Asked> out;
    for (const Asked& a : asked_)
      if (a.method == method) out.push_back(a);
    return out;
  }

  // Answers on another thread, as gRPC does.
  void CallBytes(const std::string& method, std::string request_bytes, const CallOptions& options,
                 Done done) override {
    std::lock_guard lock(mutex_);
    asked_.push_back({method, std::move(request_bytes), options});
    auto it = answers_.find(method);
    Answer answer = it == answers_.end() ? nullptr : it->second;
    threads_.emplace_back([asked = asked_.back(), answer, done = std::move(done)] {
      if (answer == nullptr) return done(Unavailable("nothing answers " + asked.method), "");
      StatusOr<std::string> reply = answer(asked);
      done(reply.status(), reply.ok() ? *reply : "");
    });
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::vector<Asked> asked_;
  std::vector<std::thread> threads_;
};

}  // namespace spm::dashboard
