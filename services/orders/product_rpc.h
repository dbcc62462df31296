// Commands and queries of ProductService. Decided in the lane, answered from a snapshot.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/orders/v1/product.pb.h"

namespace spm::orders {

StatusOr<v1::Product> CreateProduct(Tx&, const v1::CreateProductRequest&, const Call&);
StatusOr<v1::Product> GetProduct(Snapshot&, const v1::GetProductRequest&, const Call&);
StatusOr<v1::ListProductsResponse> ListProducts(Snapshot&, const v1::ListProductsRequest&, const Call&);
StatusOr<v1::Product> UpdateProduct(Tx&, const v1::UpdateProductRequest&, const Call&);
StatusOr<v1::Product> DeleteProduct(Tx&, const v1::DeleteProductRequest&, const Call&);
StatusOr<v1::BatchImportProductsResponse> BatchImportProducts(Tx&, const v1::BatchImportProductsRequest&,
                                                              const Call&);

}  // namespace spm::orders
