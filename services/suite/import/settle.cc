#include "services/suite/import/settle.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "spm/base/v1/journal.pb.h"

namespace spm::suite {
namespace {

using std::chrono::steady_clock;

constexpr auto kFirstPause = std::chrono::milliseconds(10);
constexpr auto kLongestPause = std::chrono::milliseconds(40);

struct Waiting {
  int64_t pending = 0;
  int64_t held = 0;
  std::string where;
};

StatusOr<Waiting> Ask(Session* session, const std::vector<std::string>& services, bool values) {
  Waiting all;
  for (const auto& service : services) {
    base::v1::GetAppliedRequest request;
    request.set_service(service);
    base::v1::GetAppliedResponse reply;
    RETURN_IF_ERROR(session->Call("spm.base.v1.JournalService/GetApplied", request, &reply));
    for (const auto& source : reply.sources()) {
      all.pending += source.pending();
      all.held += source.held();
      if (source.pending() > 0)
        all.where = fmt::format("{} has not applied {} events of {}", service, source.pending(),
                                source.service());
    }
    if (!values || reply.changed() == 0) continue;
    all.pending += reply.changed();
    all.where = fmt::format("{} has not published {} values", service, reply.changed());
  }
  return all;
}

}  // namespace

StatusOr<int64_t> Settle(Session* session, const SettleOptions& options) {
  base::v1::GetStatusResponse status;
  RETURN_IF_ERROR(session->Call("spm.base.v1.OperationsService/GetStatus",
                                base::v1::GetStatusRequest(), &status));
  std::vector<std::string> services;
  for (const auto& service : status.services())
    if (service.service() != "dashboard") services.push_back(service.service());
  auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(kFirstPause);
  auto moved = steady_clock::now();
  int64_t least = -1;
  while (true) {
    ASSIGN_OR_RETURN(const Waiting now, Ask(session, services, options.values));
    if (now.pending == 0) return now.held;
    if (options.waiting) options.waiting(now.pending);
    if (least < 0 || now.pending < least) {
      least = now.pending;
      moved = steady_clock::now();
    } else if (steady_clock::now() - moved > options.patience) {
      return Error(StatusCode::kDeadlineExceeded, "NOT_APPLIED",
                   fmt::format("{} for {} s; see: spm status, spm dlq list", now.where,
                               options.patience.count()));
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(kLongestPause));
  }
}

}  // namespace spm::suite
