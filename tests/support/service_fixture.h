// Runs services in the test's process: temporary SQLite files, a clock that stands still until it
// is moved, RPCs called by name without a transport. One thread.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/app/runtime.h"
#include "common/base/ids.h"
#include "common/events/memory_bus.h"
#include "tests/support/temp_folder.h"

namespace spm::testing {

class Services {
 public:
  // 2026-03-02 is a Monday.
  static constexpr int64_t kStart = 1'772'409'600'000'000;

  explicit Services(std::vector<ServiceSpec> specs, MemoryBus::Disorder disorder = {},
                    std::string folder = "")
      : bus_(disorder), pool_(2) {
    settings_ = std::make_shared<CompanySettings>();
    for (ServiceSpec& spec : specs)
      all_.push_back(std::make_unique<ServiceRuntime>(
          std::move(spec),
          ServiceRuntime::Env{.data = folder.empty() ? temp_.path() : folder,
                              .clock = &clock_,
                              .bus = &bus_,
                              .pool = &pool_,
                              .company = [this] { return settings_; },
                              .peer = [this](const std::string& name) { return Find(name); },
                              .crash = nullptr,
                              .poison = disorder.poison}));
    for (auto& s : all_) Must(s->Open());
    for (auto& s : all_) Must(s->Follow());
    for (auto& s : all_) s->Start();
    for (auto& s : all_)
      for (RpcMethod& m : s->Methods()) methods_[m.name] = std::move(m);
  }
  ~Services() {
    for (auto& s : all_) s->Drain();
    pool_.Stop();
    for (auto& s : all_) s->Stop();
  }

  ServiceRuntime* Find(const std::string& name) {
    for (auto& s : all_)
      if (s->spec().name == name) return s.get();
    return nullptr;
  }
  ManualClock& clock() { return clock_; }
  MemoryBus& bus() { return bus_; }
  const std::string& folder() const { return temp_.path(); }

  // `method` is "spm.leads.v1.LeadService/CreateLead"; `as` a person's id or key, empty the local
  // operator. Validation is the transport's and not done here; an empty request_id is filled.
  template <typename R, typename Q>
  StatusOr<R> Call(const std::string& method, Q request, const std::string& as = "") {
    auto found = methods_.find(method);
    if (found == methods_.end()) return Internal("no method " + method);
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(RandomUuid());
    }
    RpcContext context;
    ServiceRuntime* service = Find(method.substr(4, method.find('.', 4) - 4));
    if (service == nullptr) return Internal("no service for " + method);
    auto caller = service->Authenticate(as);
    if (!caller.ok()) return caller.status();
    context.caller = *caller;
    std::promise<StatusOr<std::string>> promise;
    auto future = promise.get_future();
    found->second.handle(
        context, std::make_unique<Q>(request),
        [&promise](StatusOr<std::string> reply) { promise.set_value(std::move(reply)); });
    StatusOr<std::string> bytes = future.get();
    if (!bytes.ok()) return bytes.status();
    R reply;
    if (!reply.ParseFromString(*bytes)) return Internal("the reply cannot be decoded");
    return reply;
  }

  // Until every event is applied, every due timer has fired and no job has more to do.
  void WaitIdle() {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (int at_rest = 0; at_rest < 3;) {
      bool idle = true;
      for (auto& s : all_) idle = s->Idle() && idle;
      at_rest = idle ? at_rest + 1 : 0;
      if (std::chrono::steady_clock::now() > end) {
        ADD_FAILURE() << "the services do not come to rest";
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  // Moves the clock and waits for what that leads to.
  void Advance(int64_t by_us) {
    clock_.Advance(by_us);
    for (auto& s : all_) s->scheduler().ClockMoved(by_us);
    WaitIdle();
  }
  // Events of a service's journal, in order; of one type where it is named.
  std::vector<base::v1::Event> Journal(const std::string& service, const std::string& type = "") {
    auto snapshot = Find(service)->db().OpenSnapshot();
    if (!snapshot.ok()) return {};
    std::vector<std::string> types;
    if (!type.empty()) types.push_back(type);
    auto events = ReadJournal(**snapshot, 0, 1'000'000, types);
    return events.ok() ? *events : std::vector<base::v1::Event>();
  }

 private:
  static void Must(const Status& status) { ASSERT_TRUE(status.ok()) << status.message(); }

  TempFolder temp_;
  ManualClock clock_{kStart};
  MemoryBus bus_;
  Pool pool_;
  std::shared_ptr<CompanySettings> settings_;
  std::vector<std::unique_ptr<ServiceRuntime>> all_;
  std::map<std::string, RpcMethod> methods_;
};

}  // namespace spm::testing
