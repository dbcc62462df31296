// Entries that hold from a day on, until the day before the next: placements, memberships,
// reporting lines. A first one without a day holds from ever. Pure functions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "common/base/time.h"
#include "google/type/date.pb.h"

namespace spm::org {

constexpr int32_t kEver = std::numeric_limits<int32_t>::min();

// First day of an entry.
template <typename Entry>
int32_t FromDay(const Entry& entry) {
  if (!entry.has_from()) return kEver;
  return DayOf({entry.from().year(), entry.from().month(), entry.from().day()});
}

// The entry in force on a day; null before the first.
template <typename List>
auto InForce(const List& list, int32_t day) -> decltype(&list[0]) {
  for (int i = list.size() - 1; i >= 0; --i)
    if (FromDay(list[i]) <= day) return &list[i];
  return nullptr;
}

// Puts an entry in its place by day. One of the same day is replaced; earlier and later ones stand,
// so that what was true before the day stays true.
template <typename List, typename Entry>
void Place(const Entry& entry, List* list) {
  for (auto& e : *list)
    if (FromDay(e) == FromDay(entry)) {
      e = entry;
      return;
    }
  *list->Add() = entry;
  std::stable_sort(list->begin(), list->end(),
                   [](const Entry& a, const Entry& b) { return FromDay(a) < FromDay(b); });
}

// Entries as a caller gave them, brought into order; of several of one day the last stands.
template <typename List>
void Arrange(List* list) {
  List given;
  given.Swap(list);
  for (const auto& entry : given) Place(entry, list);
}

inline void SetDay(int32_t day, google::type::Date* date) {
  Ymd ymd = YmdOf(day);
  date->set_year(ymd.year);
  date->set_month(ymd.month);
  date->set_day(ymd.day);
}

}  // namespace spm::org
