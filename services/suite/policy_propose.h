// `spm policy propose`: a candidate with the difference that it makes, before it is saved. One
// thread.
#pragma once

#include <string>

#include "services/suite/output.h"
#include "services/suite/session.h"
#include "spm/base/v1/policy.pb.h"

namespace spm::suite {

struct ProposeOptions {
  std::string service, kind, file, effective, reason;
  bool save = false;
  bool yes = false;
  bool json = false;
};

// The exit code: 0 shown, or saved; 3 where it cannot be saved as things stand, or was not wanted
// after all.
int Propose(const Globals& globals, const ProposeOptions& options);

// stages[quote].stall_days: 7 -> 5
std::string ChangeText(const base::v1::PolicyChange& change);
Json ChangeJson(const base::v1::PolicyChange& change);

}  // namespace spm::suite
