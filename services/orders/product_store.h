// Table of products. A constant, shared by all threads.
#pragma once

#include "common/db/table.h"
#include "spm/orders/v1/product.pb.h"

namespace spm::orders {

// Filters line, live; order new. Every member sees every product.
const Table<v1::Product>& Products();
// True where a product has a price.
StatusOr<bool> AnyMoney(Reader& reader);

}  // namespace spm::orders
