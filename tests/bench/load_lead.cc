// Load generator of B3: CreateLead over gRPC with a fixed number of calls in flight, each with a
// version-4 request id. Prints one JSON object: calls a second and the latency's percentiles.
// Completions come on gRPC's threads; each one starts the next call.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/rpc/channel.h"
#include "spm/leads/v1/lead.pb.h"

namespace {

using Time = std::chrono::steady_clock;

class Load {
 public:
  Load(const std::string& address, int total, int in_flight, int channels)
      : total_(total), in_flight_(in_flight), micros_(total) {
    for (int i = 0; i < channels; ++i) channels_.push_back(spm::Channel::Connect(address));
  }

  // Returns the seconds that all calls took.
  double Run() {
    const auto started = Time::now();
    for (int i = 0; i < std::min(in_flight_, total_); ++i) Start(next_++);
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [this] { return done_ == total_; });
    return std::chrono::duration<double>(Time::now() - started).count();
  }

  int failed() const { return failed_; }
  const std::string& first_error() const { return first_error_; }
  double PercentileMs(double share) {
    std::sort(micros_.begin(), micros_.end());
    return micros_[std::min<size_t>(micros_.size() - 1, share * micros_.size())] / 1000.0;
  }

 private:
  void Start(int n) {
    spm::leads::v1::CreateLeadRequest request;
    request.set_request_id(spm::RandomUuid());
    auto* lead = request.mutable_lead();
    lead->set_name("Load " + std::to_string(n));
    lead->set_source("load");
    lead->set_intent(n % 101);
    lead->set_decision_days(n % 365 + 1);
    const auto sent = Time::now();
    channels_[n % channels_.size()]->CallBytes(
        "spm.leads.v1.LeadService/CreateLead", request.SerializeAsString(),
        {.timeout = std::chrono::seconds(60)}, [this, n, sent](spm::Status status, std::string) {
          micros_[n] =
              std::chrono::duration_cast<std::chrono::microseconds>(Time::now() - sent).count();
          Finish(status);
        });
  }

  void Finish(const spm::Status& status) {
    if (!status.ok() && failed_++ == 0) first_error_ = std::string(status.message());
    if (const int n = next_++; n < total_) Start(n);
    std::lock_guard lock(mutex_);
    if (++done_ == total_) all_done_.notify_one();
  }

  const int total_, in_flight_;
  std::vector<std::unique_ptr<spm::Channel>> channels_;
  std::vector<int64_t> micros_;
  std::atomic<int> next_ = 0, failed_ = 0;
  std::string first_error_;
  std::mutex mutex_;
  std::condition_variable all_done_;
  int done_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s HOST:PORT CALLS [IN_FLIGHT] [CHANNELS]\n", argv[0]);
    return 2;
  }
  const int total = std::atoi(argv[2]);
  Load load(argv[1], total, argc > 3 ? std::atoi(argv[3]) : 256, argc > 4 ? std::atoi(argv[4]) : 1);
  const double seconds = load.Run();
  std::printf("{\"calls\": %d, \"failed\": %d, \"seconds\": %.4f, \"per_second\": %.1f, ", total,
              load.failed(), seconds, total / seconds);
  std::printf("\"p50_ms\": %.3f, \"p99_ms\": %.3f}\n", load.PercentileMs(0.50),
              load.PercentileMs(0.99));
  if (load.failed() > 0) std::fprintf(stderr, "first error: %s\n", load.first_error().c_str());
  return load.failed() == 0 ? 0 : 1;
}
