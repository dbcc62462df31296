#include "services/orders/product_store.h"

namespace spm::orders {

const Table<v1::Product>& Products() {
  static const Table<v1::Product> table(
      {.name = "product",
       .noun = "product",
       .owner = "",
       .also_readable = "",
       .unique = {},
       .filters = {{"line", "t.line = $"}, {"current", "t.deleted = 0"}},
       .orders = {{"name", {"name ASC", "id ASC"}}}},
      {{"name", [](const v1::Product& p) { return Value(p.name()); }},
       {"line", [](const v1::Product& p) { return Value(p.line()); }},
       // The currency may change until there is a price.
       {"has_price",
        [](const v1::Product& p) {
          return Value(static_cast<int64_t>(p.list_price().units() != 0 || p.list_price().nanos() != 0));
        }},
       {"deleted", [](const v1::Product& p) { return Value(static_cast<int64_t>(p.deleted())); }}});
  return table;
}

StatusOr<bool> AnyMoney(Snapshot& snapshot) {
  ASSIGN_OR_RETURN(Rows rows,
                   snapshot.Query("SELECT 1 FROM product WHERE has_price = 1 LIMIT 1"));
  return !rows.empty();
}

}  // namespace spm::orders
