// Commands and queries of products. Handlers: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/orders/v1/product.pb.h"

namespace spm::orders {

StatusOr<v1::Product> CreateProduct(Tx& tx, const v1::CreateProductRequest& request,
                                    const Call& call);
StatusOr<v1::Product> GetProduct(Snapshot& snapshot, const v1::GetProductRequest& request,
                                 const Call& call);
StatusOr<v1::ListProductsResponse> ListProducts(Snapshot& snapshot,
                                                const v1::ListProductsRequest& request,
                                                const Call& call);
StatusOr<v1::Product> UpdateProduct(Tx& tx, const v1::UpdateProductRequest& request,
                                    const Call& call);
StatusOr<v1::Product> DeleteProduct(Tx& tx, const v1::DeleteProductRequest& request,
                                    const Call& call);
// By the keys of another system: the row last imported again does nothing, a changed row updates.
StatusOr<v1::BatchImportProductsResponse> BatchImportProducts(
    Tx& tx, const v1::BatchImportProductsRequest& request, const Call& call);

}  // namespace spm::orders
