// Table `fact`: written by the consumer of deals, read by every question. Functions for the lane's
// thread (Tx) or a query's (Snapshot).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/status.h"
#include "common/db/tx.h"
#include "services/performance/rules/fact.h"
#include "services/performance/rules/period.h"

namespace spm::performance {

// Numbers for texts, for one question; 0 is "".
class Interner {
 public:
  Interner() { Of(""); }
  uint32_t Of(const std::string& text) {
    auto [at, fresh] = numbers_.try_emplace(text, static_cast<uint32_t>(texts_.size()));
    if (fresh) texts_.push_back(&at->first);
    return at->second;
  }
  const std::string& Text(uint32_t number) const { return *texts_[number]; }

 private:
  std::unordered_map<std::string, uint32_t> numbers_;
  std::vector<const std::string*> texts_;
};

// A sum of facts that agree in what was asked for; the rest is 0.
struct RawSum {
  Measure measure = Measure::kWon;
  uint32_t rep = 0, customer = 0, product = 0, source = 0, stage = 0;
  int32_t day = 0;
  int64_t amount = 0;
  // Facts less those taken back; with `cycles` those of `amount` each.
  int64_t count = 0;
};

// First day of all that ever was.
constexpr int32_t kEver = std::numeric_limits<int32_t>::min() / 2;

struct SumsQuery {
  std::vector<Measure> measures;
  Days days;
  // What the sums are kept apart by.
  bool rep = false, customer = false, product = false, source = false, stage = false, day = false;
  // Facts of each amount apart, for a median.
  bool cycles = false;
  // As recorded by then, in microseconds; 0 is now.
  int64_t as_of_us = 0;
  // Where there are any, no others are needed ("" is none); more may come.
  std::vector<std::string> reps = {};
};

void InsertFacts(Tx& tx, std::vector<Fact> facts);
StatusOr<std::vector<RawSum>> ReadSums(Reader& reader, const SumsQuery& query, Interner* ids);
// Facts of one measure by day, then event.
Status VisitFacts(Reader& reader, Measure measure, const Days& days, int64_t as_of_us,
                  const std::function<void(Fact)>& visit);
// Wins of the customers; of all where there are none.
StatusOr<std::vector<Fact>> ReadWins(Reader& reader, const std::vector<std::string>& customers,
                                     int64_t as_of_us = 0);
// Present credits of the customers.
StatusOr<std::vector<Fact>> ReadCredits(Reader& reader, const std::vector<std::string>& customers);
void DropCredit(Tx& tx, const std::string& customer);
void DropFacts(Tx& tx);
StatusOr<bool> HasFacts(Reader& reader);

}  // namespace spm::performance
