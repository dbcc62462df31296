// Events as consumers get them. Values.
#pragma once

#include <string>

#include "common/base/status.h"
#include "spm/base/v1/common.pb.h"

namespace spm {

// An event and the service whose journal it is from.
struct Envelope {
  std::string source;
  base::v1::Event event;
};

// A decoded event: what a consumer's function gets.
template <typename E>
struct Received {
  const base::v1::Event& meta;
  const E& event;
};

}  // namespace spm
