// The directory: who is who, who belongs where on which day, who sees whom. Built from a service's
// own copy (org_member); immutable and shared by all threads, a new one replaces it after a change.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/base/status.h"
#include "common/org/caller.h"
#include "spm/org/v1/org.pb.h"

namespace spm {

class Reader;

// Where a person belongs on a day; empty where nothing is known.
struct Place {
  // The unit of the membership, whatever its kind.
  std::string unit_id;
  // Nearest unit of that kind, the membership's own included.
  std::string team_id;
  std::string region_id;
  std::string manager_id;
};

using IdSet = std::unordered_set<std::string>;

class Directory {
 public:
  Directory(std::vector<org::v1::Unit> units, std::vector<org::v1::Person> people);
  // Reads table org_member.
  static StatusOr<std::shared_ptr<const Directory>> Load(Reader& reader);

  const org::v1::Person* FindPerson(const std::string& id) const;
  const org::v1::Unit* FindUnit(const std::string& id) const;
  // A person's or unit's id for `id` or `source:external_id`; empty where there is none.
  std::string PersonId(const std::string& ref) const;
  std::string UnitId(const std::string& ref) const;
  const std::map<std::string, org::v1::Person>& people() const { return people_; }
  const std::map<std::string, org::v1::Unit>& units() const { return units_; }

  // Place of a person on a day; cached for each span of days between changes.
  const Place& PlaceOf(const std::string& person, int32_t day) const;
  // Parent of a unit on a day; empty at the top.
  std::string ParentOf(const std::string& unit, int32_t day) const;
  // Units of the tree above, the unit itself first.
  std::vector<std::string> Above(const std::string& unit, int32_t day) const;
  // The person, those who report to it directly or through others, and the members of the units
  // that it leads and of those below them.
  std::shared_ptr<const IdSet> VisibleTo(const std::string& person, int32_t day) const;
  // Units that the person leads, and those below.
  std::shared_ptr<const IdSet> UnitsOf(const std::string& person, int32_t day) const;
  // own, team, region or company.
  std::string ScopeName(const Caller& caller, int32_t day) const;
  // True for callers who see everything: no person, or executive, finance, operator, service.
  static bool SeesAll(const Caller& caller);

  // Days on which anything changes, ascending; the first span begins before the first of them.
  const std::vector<int32_t>& breaks() const { return breaks_; }
  // Number of the span that holds a day.
  size_t SpanOf(int32_t day) const;

  // Who sees whom from when to when, for org_closure: viewer, person, first day, day after the
  // last.
  struct Sight {
    std::string viewer, person;
    int32_t from_day, to_day;
    auto operator<=>(const Sight&) const = default;
  };
  std::vector<Sight> Closure() const;

 private:
  struct Span {
    std::unordered_map<std::string, Place> places;
    std::unordered_map<std::string, std::string> parents;
    std::unordered_map<std::string, std::shared_ptr<const IdSet>> visible;
    std::unordered_map<std::string, std::shared_ptr<const IdSet>> units;
  };
  Span& SpanAt(size_t n) const;

  std::map<std::string, org::v1::Unit> units_;
  std::map<std::string, org::v1::Person> people_;
  std::unordered_map<std::string, std::string> external_people_, external_units_;
  std::vector<int32_t> breaks_;
  mutable std::mutex mutex_;
  mutable std::map<size_t, std::unique_ptr<Span>> spans_;
};

}  // namespace spm
