// Load generator of B7: CreateOpportunity over gRPC at a steady rate, each for the next of several
// owners. Prints one JSON object with a line for each call: owner, when it was due and when it was
// answered, in microseconds of the machine's monotonic clock. A call is never late because another
// one is: the next is sent when it is due.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/ids.h"
#include "common/rpc/channel.h"
#include "spm/leads/v1/opportunity.pb.h"

namespace {

using Time = std::chrono::steady_clock;

int64_t MicrosOf(Time::time_point at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

struct Call {
  int owner = 0;
  int64_t due_us = 0;
  int64_t answered_us = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "usage: %s HOST:PORT CALLS CALLS_A_SECOND PRODUCT_ID OWNER_ID...\n",
                 argv[0]);
    return 2;
  }
  const int total = std::atoi(argv[2]);
  const std::chrono::duration<double> gap(1 / std::atof(argv[3]));
  const std::vector<std::string> owners(argv + 5, argv + argc);
  std::vector<Call> calls(total);
  std::atomic<int> failed = 0;
  std::mutex mutex;
  std::condition_variable all_done;
  int done = 0;
  auto channel = spm::Channel::Connect(argv[1]);
  const auto started = Time::now();
  for (int n = 0; n < total; ++n) {
    const auto due = started + std::chrono::duration_cast<Time::duration>(gap * n);
    std::this_thread::sleep_until(due);
    calls[n] = {n % static_cast<int>(owners.size()), MicrosOf(due)};
    spm::leads::v1::CreateOpportunityRequest request;
    request.set_request_id(spm::RandomUuid());
    request.mutable_opportunity()->set_name("Load " + std::to_string(n));
    request.mutable_opportunity()->set_product_id(argv[4]);
    request.mutable_opportunity()->set_owner_id(owners[calls[n].owner]);
    channel->CallBytes("spm.leads.v1.OpportunityService/CreateOpportunity",
                       request.SerializeAsString(), {.timeout = std::chrono::seconds(60)},
                       [&, n](const spm::Status& status, const std::string&) {
                         calls[n].answered_us = MicrosOf(Time::now());
                         if (!status.ok() && failed++ == 0)
                           std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
                         std::lock_guard lock(mutex);
                         if (++done == total) all_done.notify_one();
                       });
  }
  std::unique_lock lock(mutex);
  all_done.wait(lock, [&] { return done == total; });
  std::printf("{\"failed\": %d, \"calls\": [", failed.load());
  for (int n = 0; n < total; ++n)
    std::printf("%s\n[%d, %lld, %lld]", n == 0 ? "" : ",", calls[n].owner,
                static_cast<long long>(calls[n].due_us),
                static_cast<long long>(calls[n].answered_us));
  std::printf("]}\n");
  return failed == 0 ? 0 : 1;
}
