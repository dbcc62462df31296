// Counters: the live figures of the current month, quarter and year and of now, for the company,
// its units, its people and its stages. Kept in memory from roll-ups; tells what changed. One
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/org/directory.h"
#include "services/performance/copy_store.h"
#include "services/performance/rollups.h"
#include "services/performance/rules/formula.h"
#include "services/performance/rules/period.h"
#include "services/performance/target_book.h"
#include "spm/performance/v1/events.pb.h"

namespace spm::performance {

class Counters {
 public:
  // Starts over for a day; what was told before stays known, so that it is told to be 0 or gone.
  void Begin(int32_t today, std::shared_ptr<const Directory> directory,
             const std::vector<StageCopy>& stages);
  // First day of the earliest current period.
  int32_t first_day() const { return periods_[2].from; }
  void Add(const RollupRow& row);
  // Targets may have changed for everybody.
  void UseTargets(std::shared_ptr<const TargetBook> book);
  // Values that differ from those told last, without version and time.
  std::vector<v1::ValueChanged> Take(int64_t per_major);

 private:
  // month, quarter, year, now.
  static constexpr size_t kPeriods = 3;
  struct Period {
    std::string name;
    int32_t from = 0, end = 0;
  };
  struct Subject {
    Cell cells[kPeriods + 1];
    bool dirty = true;
  };
  using SubjectKey = std::pair<std::string, std::string>;

  Subject& Touch(const char* grain, const std::string& id);
  void Put(const Place& place, const std::string& rep, size_t period, const RollupRow& row);
  void AddTargets(const SubjectKey& key, size_t period, Cell* cell) const;
  void Tell(const MetricDef& metric, const SubjectKey& key, const std::string& period,
            const Cell& cell, int64_t per_major, std::vector<v1::ValueChanged>* changed);
  std::string NameOf(const SubjectKey& key) const;
  void TellGone(std::vector<v1::ValueChanged>* changed);

  int32_t today_ = 0;
  Period periods_[kPeriods];
  std::shared_ptr<const Directory> directory_;
  std::shared_ptr<const TargetBook> book_;
  std::map<std::string, std::string> stage_names_;
  std::map<SubjectKey, Subject> subjects_;
  // The value told last, by key.
  std::map<std::string, v1::ValueChanged> told_;
};

// "metric|grain|period|subject": the key of a value on its topic.
std::string ValueKey(const v1::ValueChanged& value);

}  // namespace spm::performance
