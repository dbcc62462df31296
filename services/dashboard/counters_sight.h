// Whose counters a caller may see, as performance says it: the same rule for the RPC and the
// streams. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "common/cache/counters.h"
#include "common/rpc/channel.h"

namespace spm::dashboard {

struct Sight {
  bool company = false;
  std::set<std::string> reps;
  std::set<std::string> teams;
  std::set<std::string> regions;

  // Counters of the company and of stages are for who sees the whole company.
  bool Sees(const CounterKey& key) const;
  // The same for equal ones.
  std::string Key() const;
};

using SightDone = std::function<void(StatusOr<std::shared_ptr<const Sight>>)>;

// Asks performance; `as` is the X-Spm-As of the caller, empty without one. `done` is called once,
// on another thread.
void AskSight(Channel& performance, const CallOptions& options, SightDone done);

}  // namespace spm::dashboard
