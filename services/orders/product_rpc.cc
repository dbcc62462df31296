#include "services/orders/product_rpc.h"

#include "common/write/external.h"
#include "common/write/mask.h"
#include "common/write/rows.h"
#include "google/type/money.pb.h"
#include "services/orders/product_store.h"
#include "spm/orders/v1/events.pb.h"

namespace spm::orders {
namespace {

using base::v1::RowResult;

// In the company's currency and not negative, brought into its one form.
Status CheckPrice(const Call& call, const std::string& field, v1::Product* product) {
  if (!product->has_list_price()) return OkStatus();
  ASSIGN_OR_RETURN(int64_t minor, ToMinor(product->list_price(), call.company->currency, field));
  if (minor < 0) return InvalidField(field, "is negative; a list price is 0 or more");
  *product->mutable_list_price() = ToMoney(minor, call.company->currency);
  return OkStatus();
}

v1::ProductInfo InfoOf(const v1::Product& product, const Call& call) {
  v1::ProductInfo info;
  info.set_name(product.name());
  info.set_line(product.line());
  auto minor = ToMinor(product.list_price(), call.company->currency, "list_price");
  info.set_list_price_minor(minor.ok() ? *minor : 0);
  info.set_deleted(product.deleted());
  *info.mutable_external_ids() = product.external_ids();
  return info;
}

template <typename Event>
void SaveProduct(Tx& tx, const Call& call, v1::Product* product) {
  Event event;
  *event.mutable_product() = InfoOf(*product, call);
  Products().Save(tx, product, event);
}

Status ImportProduct(Tx& tx, const std::string& source, const v1::BatchImportProductsRequest::Row& row,
                     const Call& call, RowResult* result) {
  ASSIGN_OR_RETURN(auto known, FindExternal(tx, "product", source, row.external_id()));
  const std::string hash = RowHash(row);
  if (known && known->hash == hash) {
    result->set_outcome(RowResult::OUTCOME_UNCHANGED);
    result->set_id(known->id);
    return OkStatus();
  }
  v1::Product product;
  if (known) {
    ASSIGN_OR_RETURN(product, Products().Get(tx, known->id, Scope::Service()));
  } else {
    product.set_id(call.NewId());
    auto* key = product.add_external_ids();
    key->set_source(source);
    key->set_id(row.external_id());
  }
  product.set_name(row.name());
  product.set_line(row.line());
  product.clear_list_price();
  if (row.has_list_price()) *product.mutable_list_price() = row.list_price();
  RETURN_IF_ERROR(CheckPrice(call, "list_price", &product));
  SaveExternal(tx, "product", source, row.external_id(), {product.id(), hash});
  result->set_id(product.id());
  if (known) {
    SaveProduct<v1::ProductUpdated>(tx, call, &product);
    result->set_outcome(RowResult::OUTCOME_UPDATED);
  } else {
    SaveProduct<v1::ProductCreated>(tx, call, &product);
    result->set_outcome(RowResult::OUTCOME_CREATED);
  }
  return OkStatus();
}

}  // namespace

StatusOr<v1::Product> CreateProduct(Tx& tx, const v1::CreateProductRequest& request, const Call& call) {
  v1::Product product = request.product();
  product.set_id(call.NewId());
  product.set_version(0);
  RETURN_IF_ERROR(CheckPrice(call, "product.list_price", &product));
  SaveProduct<v1::ProductCreated>(tx, call, &product);
  return product;
}

StatusOr<v1::Product> GetProduct(Snapshot& snapshot, const v1::GetProductRequest& request,
                                 const Call& call) {
  return Products().Get(snapshot, request.product_id(), call.scope);
}

StatusOr<v1::ListProductsResponse> ListProducts(Snapshot& snapshot,
                                                const v1::ListProductsRequest& request,
                                                const Call& call) {
  ListSpec spec{.where = {},
                .order = "name",
                .page_size = request.page_size(),
                .page_token = request.page_token()};
  if (!request.line().empty()) spec.where.push_back({"line", request.line()});
  if (!request.show_deleted()) spec.where.push_back({"current", {}});
  ASSIGN_OR_RETURN(auto page, Products().List(snapshot, call.scope, spec));
  v1::ListProductsResponse reply;
  for (auto& product : page.rows) *reply.add_products() = std::move(product);
  reply.set_next_page_token(page.next_page_token);
  return reply;
}

StatusOr<v1::Product> UpdateProduct(Tx& tx, const v1::UpdateProductRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(v1::Product product, Products().Get(tx, request.product_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, product));
  RETURN_IF_ERROR(ApplyMask(request.update_mask(), {"name", "line", "list_price"}, request.product(),
                            &product));
  RETURN_IF_ERROR(CheckPrice(call, "product.list_price", &product));
  SaveProduct<v1::ProductUpdated>(tx, call, &product);
  return product;
}

StatusOr<v1::Product> DeleteProduct(Tx& tx, const v1::DeleteProductRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(v1::Product product, Products().Get(tx, request.product_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, product));
  product.set_deleted(true);
  SaveProduct<v1::ProductDeleted>(tx, call, &product);
  return product;
}

StatusOr<v1::BatchImportProductsResponse> BatchImportProducts(
    Tx& tx, const v1::BatchImportProductsRequest& request, const Call& call) {
  return RunRows<v1::BatchImportProductsResponse>(
      tx, request.rows(), [&](const auto& row, int, RowResult* result) {
        return ImportProduct(tx, request.source(), row, call, result);
      });
}

}  // namespace spm::orders
