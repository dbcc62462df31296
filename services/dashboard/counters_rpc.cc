#include "services/dashboard/counters_rpc.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "services/dashboard/counters_sight.h"
#include "spm/dashboard/v1/dashboard.pb.h"

namespace spm::dashboard {
namespace {

std::string Answer(const LiveCounters& counters, const v1::GetCountersRequest& request,
                   const Sight& sight) {
  auto wanted = [&](const CounterKey& key) {
    return (request.metric().empty() || request.metric() == key.metric) &&
           (request.grain().empty() || request.grain() == key.grain) &&
           (request.period().empty() || request.period() == key.period) && sight.Sees(key);
  };
  auto changes = counters.Since(0, std::numeric_limits<size_t>::max(), wanted);
  v1::GetCountersResponse reply;
  reply.set_version(changes.version);
  reply.set_lag_ms(counters.lag_ms());
  for (const auto& [key, value] : changes.rows) {
    v1::Counter* counter = reply.add_counters();
    counter->set_metric(key.metric);
    counter->set_grain(key.grain);
    counter->set_period(key.period);
    counter->set_subject(key.subject);
    counter->set_name(value.name);
    if (value.value) counter->set_value(*value.value);
    counter->set_version(value.version);
    counter->set_recorded_us(value.recorded_us);
  }
  return reply.SerializeAsString();
}

Sight WholeCompany() {
  Sight sight;
  sight.company = true;
  return sight;
}

std::chrono::milliseconds LeftOf(const RpcContext& context) {
  using std::chrono::microseconds;
  if (context.deadline_us == 0) return CallOptions().timeout;
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  auto left = microseconds(context.deadline_us) - now;
  return std::max(std::chrono::milliseconds(1),
                  std::chrono::duration_cast<std::chrono::milliseconds>(left));
}

}  // namespace

RpcMethod GetCountersMethod(const LiveCounters& counters, std::function<Channel*()> find) {
  RpcMethod method;
  method.name = "spm.dashboard.v1.DashboardService/GetCounters";
  method.descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      "spm.dashboard.v1.DashboardService.GetCounters");
  method.handle = [&counters, find = std::move(find)](
                      const RpcContext& context, std::unique_ptr<google::protobuf::Message> message,
                      RpcDone done) {
    auto request = std::make_shared<v1::GetCountersRequest>(
        static_cast<const v1::GetCountersRequest&>(*message));
    if (!context.caller.person) return done(Answer(counters, *request, WholeCompany()));
    Channel* performance = find();
    if (performance == nullptr) return done(Unavailable("the dashboard is starting"));
    CallOptions options{
        .as = context.caller.id, .timeout = LeftOf(context), .traceparent = context.trace};
    AskSight(
        *performance, options,
        [&counters, request, done = std::move(done)](StatusOr<std::shared_ptr<const Sight>> sight) {
          if (!sight.ok()) return done(sight.status());
          done(Answer(counters, *request, **sight));
        });
  };
  return method;
}

}  // namespace spm::dashboard
