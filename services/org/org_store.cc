#include "services/org/org_store.h"

namespace spm::org {

const Table<v1::Unit>& Units() {
  static const Table<v1::Unit> table(
      {.name = "unit",
       .noun = "unit",
       .owner = "",
       .also_readable = "",
       .unique = {},
       .filters = {{"kind", "t.kind = $"}},
       .orders = {{"name", {"name ASC", "id ASC"}}}},
      {{"name", [](const v1::Unit& u) { return Value(u.name()); }},
       {"kind", [](const v1::Unit& u) { return Value(static_cast<int64_t>(u.kind())); }}});
  return table;
}

const Table<v1::Person>& People() {
  static const Table<v1::Person> table(
      {.name = "person",
       .noun = "person",
       .owner = "",
       .also_readable = "",
       .unique = {},
       .filters = {{"active", "t.inactive = 0"}},
       .orders = {{"name", {"name ASC", "id ASC"}}}},
      {{"name", [](const v1::Person& p) { return Value(p.name()); }},
       {"inactive",
        [](const v1::Person& p) { return Value(static_cast<int64_t>(p.inactive())); }}});
  return table;
}

}  // namespace spm::org
