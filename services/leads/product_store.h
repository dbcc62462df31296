// This service's copy of the products of orders. For the lane and for queries.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/db/db.h"
#include "common/db/tx.h"

namespace spm::leads {

struct ProductCopy {
  std::string id, name, line;
  int64_t list_price_minor = 0;
  bool deleted = false;
};

StatusOr<std::map<std::string, ProductCopy>> FindProducts(Reader& reader,
                                                          const std::vector<std::string>& ids);
void SaveProduct(Tx& tx, const ProductCopy& product);
// True where a product has a price.
StatusOr<bool> AnyProductMoney(Reader& reader);

}  // namespace spm::leads
