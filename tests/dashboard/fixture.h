// A dashboard on a port of its own, over services that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/cache/memory_counters.h"
#include "services/dashboard/service.h"
#include "spm/performance/v1/events.pb.h"
#include "spm/performance/v1/metrics.pb.h"
#include "tests/dashboard/fake_channel.h"
#include "tests/support/raw_client.h"

namespace spm::dashboard {

constexpr char kGetVisibility[] = "spm.performance.v1.MetricService/GetVisibility";

class Running {
 public:
  explicit Running(StreamTimes times = {}) {
    auto channel = std::make_unique<FakeChannel>();
    backend = channel.get();
    SeesCompany();
    DashboardOptions options;
    options.port = 0;
    options.stream = times;
    dashboard = std::make_unique<Dashboard>(options, counters, clock);
    Status status = dashboard->Start(std::move(channel));
    EXPECT_TRUE(status.ok()) << status;
  }

  int port() const { return dashboard->port(); }

  void SeesCompany() {
    performance::v1::Visibility all;
    all.set_scope("company");
    all.set_company(true);
    backend->Reply(kGetVisibility, all);
  }
  void SeesRep(const std::string& rep) {
    performance::v1::Visibility own;
    own.set_scope("own");
    own.add_rep_ids(rep);
    backend->Reply(kGetVisibility, own);
  }
  // A message of the values topic.
  void Value(const std::string& grain, const std::string& subject, double value, int64_t version,
             int64_t recorded_us = 0) {
    performance::v1::ValueChanged message;
    message.set_metric("won");
    message.set_grain(grain);
    message.set_period("2017");
    message.set_subject(subject);
    message.set_value(value);
    message.set_version(version);
    message.set_recorded_us(recorded_us);
    dashboard->OnValue(grain + subject, message.SerializeAsString());
  }

  ManualClock clock{1'000'000'000'000};
  MemoryCounters counters;
  FakeChannel* backend = nullptr;
  std::unique_ptr<Dashboard> dashboard;
};

}  // namespace spm::dashboard
