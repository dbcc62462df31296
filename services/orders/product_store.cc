#include "services/orders/product_store.h"

namespace spm::orders {

const Table<v1::Product>& Products() {
  static const Table<v1::Product> table(
      {.name = "product",
       .noun = "product",
       .owner = "",
       .also_readable = "",
       .unique = {},
       .filters = {{"live", "t.deleted = 0"}, {"line", "t.line = $"}},
       .orders = {{"new", {"id DESC"}}}},
      {{"line", [](const v1::Product& p) { return Value(p.line()); }},
       {"has_money", [](const v1::Product& p) { return Value(int64_t{p.has_list_price()}); }},
       {"deleted", [](const v1::Product& p) { return Value(int64_t{p.deleted()}); }}});
  return table;
}

StatusOr<bool> AnyMoney(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT 1 FROM product WHERE has_money = 1 LIMIT 1"));
  return !rows.empty();
}

}  // namespace spm::orders
