// Who calls: a member of the organisation, the local operator, or the machinery itself. A value.
#pragma once

#include <string>
#include <vector>

#include "spm/base/v1/options.pb.h"

namespace spm {

struct Caller {
  // Person's id; "local" without X-Spm-As; "service:<name>" for consumers, timers and jobs.
  std::string id;
  std::string name;
  std::vector<base::v1::Role> roles;
  // The caller is a person of the directory and sees what its place allows; otherwise everything.
  bool person = false;

  bool Has(base::v1::Role role) const {
    for (base::v1::Role r : roles)
      if (r == role) return true;
    return false;
  }
};

}  // namespace spm
