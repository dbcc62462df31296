#include "services/performance/copy_store.h"

namespace spm::performance {
namespace {

StatusOr<Customers> ToCustomers(StatusOr<Rows> rows) {
  if (!rows.ok()) return rows.status();
  Customers customers;
  for (const Row& row : *rows)
    customers[row.Text(0)] = {row.Text(1), row.Text(2), row.Text(3), row.Int(4) != 0};
  return customers;
}

StatusOr<Products> ToProducts(StatusOr<Rows> rows) {
  if (!rows.ok()) return rows.status();
  Products products;
  for (const Row& row : *rows) products[row.Text(0)] = {row.Text(1), row.Text(2), row.Int(3) != 0};
  return products;
}

StatusOr<std::vector<std::string>> ToTexts(StatusOr<Rows> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<std::string> texts;
  for (const Row& row : *rows) texts.push_back(row.Text(0));
  return texts;
}

StatusOr<bool> Any(StatusOr<Rows> rows) {
  if (!rows.ok()) return rows.status();
  return !rows->empty();
}

}  // namespace

void SaveCustomer(Tx& tx, const std::string& id, const CustomerCopy& customer) {
  tx.WriteOne(
      "INSERT INTO customer_copy (id, name, sector, country, deleted) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (id) DO UPDATE SET name = excluded.name, sector = excluded.sector, "
      "country = excluded.country, deleted = excluded.deleted",
      {id, customer.name, customer.sector, customer.country, int64_t{customer.deleted}});
}

void SaveProduct(Tx& tx, const std::string& id, const ProductCopy& product,
                 const std::vector<std::string>& refs) {
  tx.WriteOne(
      "INSERT INTO product_copy (id, name, line, deleted) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (id) DO UPDATE SET name = excluded.name, line = excluded.line, "
      "deleted = excluded.deleted",
      {id, product.name, product.line, int64_t{product.deleted}});
  for (const std::string& ref : refs)
    tx.WriteOne(
        "INSERT INTO product_ref (ref, product_id) VALUES ($1, $2) "
        "ON CONFLICT (ref) DO UPDATE SET product_id = excluded.product_id",
        {ref, id});
}

StatusOr<bool> SavePipeline(Tx& tx, const std::string& kind, int64_t version,
                            const std::vector<StageCopy>& stages) {
  ASSIGN_OR_RETURN(Rows rows,
                   tx.Query("SELECT version FROM pipeline_copy WHERE kind = $1", {kind}));
  if (!rows.empty() && rows[0].Int(0) >= version) return false;
  tx.Write("DELETE FROM pipeline_copy WHERE kind = $1", {kind});
  for (size_t i = 0; i < stages.size(); ++i)
    tx.WriteOne(
        "INSERT INTO pipeline_copy (kind, stage, version, place, name, closed) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        {kind, stages[i].id, version, static_cast<int64_t>(i), stages[i].name,
         int64_t{stages[i].closed}});
  return true;
}

void SaveSource(Tx& tx, const std::string& source) {
  tx.Write("INSERT INTO source_copy (source) VALUES ($1) ON CONFLICT (source) DO NOTHING",
           {source});
}

void DropCopies(Tx& tx) {
  for (const char* sql :
       {"DELETE FROM customer_copy", "DELETE FROM product_copy", "DELETE FROM product_ref",
        "DELETE FROM pipeline_copy", "DELETE FROM source_copy"})
    tx.Write(sql, {});
}

StatusOr<Customers> ReadCustomers(Reader& reader, const std::vector<std::string>& ids) {
  return ToCustomers(reader.QueryIn(
      "SELECT id, name, sector, country, deleted FROM customer_copy WHERE id {{in}}", ids));
}

StatusOr<Products> ReadProducts(Reader& reader, const std::vector<std::string>& ids) {
  return ToProducts(
      reader.QueryIn("SELECT id, name, line, deleted FROM product_copy WHERE id {{in}}", ids));
}

StatusOr<Customers> AllCustomers(Reader& reader) {
  return ToCustomers(reader.Query(
      "SELECT id, name, sector, country, deleted FROM customer_copy WHERE deleted = 0"));
}

StatusOr<Products> AllProducts(Reader& reader) {
  return ToProducts(
      reader.Query("SELECT id, name, line, deleted FROM product_copy WHERE deleted = 0"));
}

StatusOr<std::vector<StageCopy>> ReadStages(Reader& reader) {
  ASSIGN_OR_RETURN(
      Rows rows, reader.Query("SELECT stage, name, closed FROM pipeline_copy ORDER BY "
                              "CASE kind WHEN 'pipeline:default' THEN 0 ELSE 1 END, kind, place"));
  std::vector<StageCopy> stages;
  for (const Row& row : rows) stages.push_back({row.Text(0), row.Text(1), row.Int(2) != 0});
  return stages;
}

StatusOr<std::vector<std::string>> ReadSources(Reader& reader) {
  return ToTexts(reader.Query("SELECT source FROM source_copy ORDER BY source"));
}

StatusOr<std::vector<std::string>> FindCustomers(Reader& reader, const std::string& text) {
  return ToTexts(reader.Query(
      "SELECT id FROM customer_copy WHERE id = $1 OR (name = $1 AND deleted = 0) ORDER BY id",
      {text}));
}

StatusOr<std::vector<std::string>> FindProducts(Reader& reader, const std::string& text) {
  return ToTexts(
      reader.Query("SELECT id FROM product_copy WHERE id = $1 OR (name = $1 AND deleted = 0) "
                   "UNION SELECT product_id FROM product_ref WHERE ref = $1 ORDER BY 1",
                   {text}));
}

StatusOr<bool> HasSector(Reader& reader, const std::string& value) {
  return Any(reader.Query("SELECT 1 FROM customer_copy WHERE sector = $1 LIMIT 1", {value}));
}

StatusOr<bool> HasCountry(Reader& reader, const std::string& value) {
  return Any(reader.Query("SELECT 1 FROM customer_copy WHERE country = $1 LIMIT 1", {value}));
}

StatusOr<bool> HasLine(Reader& reader, const std::string& value) {
  return Any(reader.Query("SELECT 1 FROM product_copy WHERE line = $1 LIMIT 1", {value}));
}

StatusOr<bool> HasSource(Reader& reader, const std::string& value) {
  return Any(reader.Query("SELECT 1 FROM source_copy WHERE source = $1", {value}));
}

}  // namespace spm::performance
