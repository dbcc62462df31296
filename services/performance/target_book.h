// TargetBook answers what the target of a subject is in a month, of all revisions, from memory. A
// book is immutable; TargetCache reads a new one when a plan was saved. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/db/db.h"
#include "services/performance/target_store.h"

namespace spm::performance {

using Months = std::array<int64_t, 12>;

// One revision of a year, by subject. A subject with several nodes has their sum.
struct TargetTree {
  int64_t version = 0;
  int32_t effective_day = 0;
  int64_t saved_us = 0;
  std::map<v1::TargetSubject, std::map<std::string, Months>> subjects;

  const std::map<std::string, Months>& Of(v1::TargetSubject kind) const;
};

class TargetBook {
 public:
  explicit TargetBook(std::vector<TargetRevision> revisions);
  // The revision that answers for the month that begins on `month`, of those saved by `as_of_us` (0
  // is now); null where there is none.
  const TargetTree* At(int32_t month, int64_t as_of_us = 0) const;

 private:
  std::map<int32_t, std::vector<TargetTree>> years_;
};

class TargetCache {
 public:
  StatusOr<std::shared_ptr<const TargetBook>> Get(Reader& reader);

 private:
  std::mutex mutex_;
  std::string state_;
  std::shared_ptr<const TargetBook> book_;
};

}  // namespace spm::performance
