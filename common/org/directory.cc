#include "common/org/directory.h"

#include <algorithm>
#include <limits>
#include <set>

#include "common/base/time.h"
#include "common/db/db.h"

namespace spm {
namespace {

// Beyond every date, and safe to store.
constexpr int32_t kEver = -4'000'000;
constexpr int32_t kForever = 4'000'000;
// A chain of units or managers longer than this is a circle.
constexpr int kDeepest = 64;

template <typename Dated>
int32_t FromDay(const Dated& dated) {
  if (!dated.has_from()) return kEver;
  return DayOf({dated.from().year(), dated.from().month(), dated.from().day()});
}

// The entry in force on a day: the last that begins on or before it.
template <typename List>
auto InForce(const List& list, int32_t day) -> decltype(&list[0]) {
  for (int i = list.size() - 1; i >= 0; --i)
    if (FromDay(list[i]) <= day) return &list[i];
  return nullptr;
}

template <typename List>
void AddBreaks(const List& list, std::set<int32_t>* days) {
  for (const auto& entry : list)
    if (FromDay(entry) != kEver) days->insert(FromDay(entry));
}

const Place kNowhere;

}  // namespace

Directory::Directory(std::vector<org::v1::Unit> units, std::vector<org::v1::Person> people) {
  std::set<int32_t> days;
  for (org::v1::Unit& unit : units) {
    AddBreaks(unit.placements(), &days);
    for (const auto& key : unit.external_ids())
      external_units_[key.source() + ":" + key.id()] = unit.id();
    std::string id = unit.id();
    units_[id] = std::move(unit);
  }
  for (org::v1::Person& person : people) {
    AddBreaks(person.memberships(), &days);
    AddBreaks(person.reporting(), &days);
    for (const auto& key : person.external_ids())
      external_people_[key.source() + ":" + key.id()] = person.id();
    std::string id = person.id();
    people_[id] = std::move(person);
  }
  breaks_.assign(days.begin(), days.end());
}

StatusOr<std::shared_ptr<const Directory>> Directory::Load(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT kind, body FROM org_member ORDER BY id"));
  std::vector<org::v1::Unit> units;
  std::vector<org::v1::Person> people;
  for (const Row& row : rows) {
    bool ok = row.Text(0) == "unit" ? units.emplace_back().ParseFromString(row.Text(1))
                                    : people.emplace_back().ParseFromString(row.Text(1));
    if (!ok) return Internal("org_member cannot be decoded");
  }
  return std::make_shared<const Directory>(std::move(units), std::move(people));
}

const org::v1::Person* Directory::FindPerson(const std::string& id) const {
  auto found = people_.find(id);
  return found == people_.end() ? nullptr : &found->second;
}

const org::v1::Unit* Directory::FindUnit(const std::string& id) const {
  auto found = units_.find(id);
  return found == units_.end() ? nullptr : &found->second;
}

std::string Directory::PersonId(const std::string& ref) const {
  if (people_.contains(ref)) return ref;
  auto found = external_people_.find(ref);
  return found == external_people_.end() ? "" : found->second;
}

std::string Directory::UnitId(const std::string& ref) const {
  if (units_.contains(ref)) return ref;
  auto found = external_units_.find(ref);
  return found == external_units_.end() ? "" : found->second;
}

size_t Directory::SpanOf(int32_t day) const {
  return std::upper_bound(breaks_.begin(), breaks_.end(), day) - breaks_.begin();
}

std::string Directory::ParentOf(const std::string& unit, int32_t day) const {
  const org::v1::Unit* found = FindUnit(unit);
  if (found == nullptr) return "";
  const auto* placement = InForce(found->placements(), day);
  return placement == nullptr ? "" : placement->parent_id();
}

std::vector<std::string> Directory::Above(const std::string& unit, int32_t day) const {
  std::vector<std::string> above;
  for (std::string at = unit; !at.empty() && above.size() < kDeepest; at = ParentOf(at, day))
    above.push_back(at);
  return above;
}

// Everything of one span of days, made at the first question about it.
Directory::Span& Directory::SpanAt(size_t n) const {
  auto& slot = spans_[n];
  if (slot != nullptr) return *slot;
  slot = std::make_unique<Span>();
  const int32_t day = n == 0 ? kEver : breaks_[n - 1];
  std::unordered_map<std::string, std::vector<std::string>> leaders;
  std::unordered_map<std::string, std::string> managers;
  for (const auto& [id, person] : people_) {
    Place& place = slot->places[id];
    if (const auto* reporting = InForce(person.reporting(), day)) {
      place.manager_id = reporting->manager_id();
      managers[id] = reporting->manager_id();
    }
    const auto* membership = InForce(person.memberships(), day);
    if (membership == nullptr) continue;
    place.unit_id = membership->unit_id();
    if (membership->leads()) leaders[membership->unit_id()].push_back(id);
    for (const std::string& above : Above(membership->unit_id(), day)) {
      const org::v1::Unit* unit = FindUnit(above);
      if (unit == nullptr) break;
      if (unit->kind() == org::v1::UNIT_KIND_TEAM && place.team_id.empty()) place.team_id = above;
      if (unit->kind() == org::v1::UNIT_KIND_REGION && place.region_id.empty())
        place.region_id = above;
    }
  }
  std::unordered_map<std::string, std::shared_ptr<IdSet>> visible, led;
  auto see = [](auto& map, const std::string& viewer, const std::string& seen) {
    auto& set = map[viewer];
    if (set == nullptr) set = std::make_shared<IdSet>();
    set->insert(seen);
  };
  for (const auto& [id, person] : people_) {
    see(visible, id, id);
    std::string at = id;
    for (int i = 0; i < kDeepest && managers.contains(at); ++i) {
      at = managers[at];
      if (at.empty() || at == id) break;
      see(visible, at, id);
    }
    for (const std::string& unit : Above(slot->places[id].unit_id, day))
      for (const std::string& leader : leaders[unit]) see(visible, leader, id);
  }
  for (const auto& [id, unit] : units_)
    for (const std::string& above : Above(id, day))
      for (const std::string& leader : leaders[above]) see(led, leader, id);
  for (auto& [id, set] : visible) slot->visible[id] = std::move(set);
  for (auto& [id, set] : led) slot->units[id] = std::move(set);
  return *slot;
}

const Place& Directory::PlaceOf(const std::string& person, int32_t day) const {
  std::lock_guard lock(mutex_);
  Span& span = SpanAt(SpanOf(day));
  auto found = span.places.find(person);
  return found == span.places.end() ? kNowhere : found->second;
}

std::shared_ptr<const IdSet> Directory::VisibleTo(const std::string& person, int32_t day) const {
  std::lock_guard lock(mutex_);
  Span& span = SpanAt(SpanOf(day));
  auto found = span.visible.find(person);
  if (found != span.visible.end()) return found->second;
  return std::make_shared<const IdSet>(IdSet{person});
}

std::shared_ptr<const IdSet> Directory::UnitsOf(const std::string& person, int32_t day) const {
  std::lock_guard lock(mutex_);
  Span& span = SpanAt(SpanOf(day));
  auto found = span.units.find(person);
  if (found != span.units.end()) return found->second;
  return std::make_shared<const IdSet>();
}

bool Directory::SeesAll(const Caller& caller) {
  if (!caller.person) return true;
  return caller.Has(base::v1::ROLE_EXECUTIVE) || caller.Has(base::v1::ROLE_FINANCE) ||
         caller.Has(base::v1::ROLE_OPERATOR) || caller.Has(base::v1::ROLE_SERVICE);
}

std::string Directory::ScopeName(const Caller& caller, int32_t day) const {
  if (SeesAll(caller)) return "company";
  bool team = false, region = false;
  const auto units = UnitsOf(caller.id, day);
  for (const std::string& id : *units) {
    const org::v1::Unit* unit = FindUnit(id);
    if (unit == nullptr) continue;
    if (unit->kind() == org::v1::UNIT_KIND_COMPANY) return "company";
    if (unit->kind() == org::v1::UNIT_KIND_REGION) region = true;
    if (unit->kind() == org::v1::UNIT_KIND_TEAM) team = true;
  }
  if (region) return "region";
  if (team) return "team";
  return VisibleTo(caller.id, day)->size() > 1 ? "team" : "own";
}

std::vector<Directory::Sight> Directory::Closure() const {
  std::lock_guard lock(mutex_);
  std::vector<Sight> closure;
  std::map<std::pair<std::string, std::string>, size_t> open;
  for (size_t n = 0; n <= breaks_.size(); ++n) {
    const int32_t from = n == 0 ? kEver : breaks_[n - 1];
    const int32_t to = n == breaks_.size() ? kForever : breaks_[n];
    for (const auto& [viewer, people] : SpanAt(n).visible)
      for (const std::string& person : *people) {
        auto [at, fresh] = open.try_emplace({viewer, person}, closure.size());
        if (!fresh && closure[at->second].to_day == from) {
          closure[at->second].to_day = to;
          continue;
        }
        at->second = closure.size();
        closure.push_back({viewer, person, from, to});
      }
  }
  std::sort(closure.begin(), closure.end());
  return closure;
}

}  // namespace spm
