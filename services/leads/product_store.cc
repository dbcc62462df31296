#include "services/leads/product_store.h"

namespace spm::leads {

StatusOr<std::map<std::string, ProductCopy>> FindProducts(Reader& reader,
                                                          const std::vector<std::string>& ids) {
  ASSIGN_OR_RETURN(Rows rows, reader.QueryIn("SELECT id, name, line, list_price_minor, deleted "
                                             "FROM product_copy WHERE id {{in}}",
                                             ids));
  std::map<std::string, ProductCopy> products;
  for (const Row& row : rows)
    products[row.Text(0)] = {row.Text(0), row.Text(1), row.Text(2), row.Int(3), row.Int(4) != 0};
  return products;
}

void SaveProduct(Tx& tx, const ProductCopy& product) {
  tx.WriteOne(
      "INSERT INTO product_copy (id, name, line, list_price_minor, deleted) "
      "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
      "line = excluded.line, list_price_minor = excluded.list_price_minor, "
      "deleted = excluded.deleted",
      {product.id, product.name, product.line, product.list_price_minor, int64_t{product.deleted}});
}

StatusOr<bool> AnyProductMoney(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.Query("SELECT 1 FROM product_copy WHERE list_price_minor <> 0 LIMIT 1"));
  return !rows.empty();
}

}  // namespace spm::leads
