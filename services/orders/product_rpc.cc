#include "services/orders/product_rpc.h"

#include <map>

#include "common/rpc/validate.h"
#include "common/write/external.h"
#include "common/write/mask.h"
#include "services/orders/product_store.h"
#include "spm/orders/v1/events.pb.h"

namespace spm::orders {
namespace {

using base::v1::RowResult;

constexpr char kKind[] = "product";

Status CheckPrice(const Call& call, const std::string& field, v1::Product* product) {
  if (!product->has_list_price()) return OkStatus();
  ASSIGN_OR_RETURN(int64_t minor, ToMinor(product->list_price(), call.company->currency, field));
  if (minor < 0) return InvalidField(field, "is negative; give 0 or more");
  *product->mutable_list_price() = ToMoney(minor, call.company->currency);
  return OkStatus();
}

v1::ProductInfo InfoOf(const Call& call, const v1::Product& product) {
  v1::ProductInfo info;
  info.set_name(product.name());
  info.set_line(product.line());
  // Checked when it came in.
  info.set_list_price_minor(
      ToMinor(product.list_price(), call.company->currency, "list_price").value_or(0));
  info.set_deleted(product.deleted());
  *info.mutable_external_ids() = product.external_ids();
  return info;
}

void SaveNew(Tx& tx, const Call& call, v1::Product* product) {
  product->set_id(call.NewId());
  v1::ProductCreated created;
  *created.mutable_product() = InfoOf(call, *product);
  Products().Save(tx, product, created);
}

void SaveChanged(Tx& tx, const Call& call, v1::Product* product) {
  v1::ProductUpdated updated;
  *updated.mutable_product() = InfoOf(call, *product);
  Products().Save(tx, product, updated);
}

using Keys = std::map<std::string, ExternalRow>;

Status ImportProduct(Tx& tx, const Call& call, const std::string& source, const Keys& keys,
                     const v1::BatchImportProductsRequest::Row& row, RowResult* result) {
  if (auto wrong = ValidateMessage(row); !wrong.empty()) return InvalidFields(wrong);
  const std::string hash = RowHash(row);
  const auto known = keys.find(row.external_id());
  v1::Product product;
  if (known == keys.end()) {
    base::v1::ExternalId* key = product.add_external_ids();
    key->set_source(source);
    key->set_id(row.external_id());
  } else if (known->second.hash == hash) {
    result->set_outcome(RowResult::OUTCOME_UNCHANGED);
    result->set_id(known->second.id);
    return OkStatus();
  } else {
    ASSIGN_OR_RETURN(product, Products().Get(tx, known->second.id, Scope::Service()));
  }
  product.set_name(row.name());
  product.set_line(row.line());
  product.clear_list_price();
  if (row.has_list_price()) *product.mutable_list_price() = row.list_price();
  RETURN_IF_ERROR(CheckPrice(call, "list_price", &product));
  if (known == keys.end()) {
    SaveNew(tx, call, &product);
    result->set_outcome(RowResult::OUTCOME_CREATED);
  } else {
    SaveChanged(tx, call, &product);
    result->set_outcome(RowResult::OUTCOME_UPDATED);
  }
  SaveExternal(tx, kKind, source, row.external_id(), {product.id(), hash});
  result->set_id(product.id());
  return OkStatus();
}

}  // namespace

StatusOr<v1::Product> CreateProduct(Tx& tx, const v1::CreateProductRequest& request,
                                    const Call& call) {
  v1::Product product;
  product.set_name(request.product().name());
  product.set_line(request.product().line());
  if (request.product().has_list_price())
    *product.mutable_list_price() = request.product().list_price();
  RETURN_IF_ERROR(CheckPrice(call, "product.list_price", &product));
  SaveNew(tx, call, &product);
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
                .order = "new",
                .page_size = request.page_size(),
                .page_token = request.page_token()};
  if (!request.show_deleted()) spec.where.push_back({"live", {}});
  if (!request.line().empty()) spec.where.push_back({"line", request.line()});
  ASSIGN_OR_RETURN(auto page, Products().List(snapshot, call.scope, spec));
  v1::ListProductsResponse response;
  for (auto& product : page.rows) *response.add_products() = std::move(product);
  response.set_next_page_token(page.next_page_token);
  return response;
}

StatusOr<v1::Product> UpdateProduct(Tx& tx, const v1::UpdateProductRequest& request,
                                    const Call& call) {
  ASSIGN_OR_RETURN(const v1::Product before, Products().Get(tx, request.product_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, before));
  v1::Product product = before;
  RETURN_IF_ERROR(ApplyMask(request.update_mask(), {"name", "line", "list_price"},
                            request.product(), &product));
  RETURN_IF_ERROR(CheckPrice(call, "product.list_price", &product));
  if (product.SerializeAsString() != before.SerializeAsString()) SaveChanged(tx, call, &product);
  return product;
}

StatusOr<v1::Product> DeleteProduct(Tx& tx, const v1::DeleteProductRequest& request,
                                    const Call& call) {
  ASSIGN_OR_RETURN(v1::Product product, Products().Get(tx, request.product_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, product));
  product.set_deleted(true);
  v1::ProductDeleted deleted;
  *deleted.mutable_product() = InfoOf(call, product);
  Products().Save(tx, &product, deleted);
  return product;
}

StatusOr<v1::BatchImportProductsResponse> BatchImportProducts(
    Tx& tx, const v1::BatchImportProductsRequest& request, const Call& call) {
  std::vector<std::string> names, ids;
  for (const auto& row : request.rows()) names.push_back(row.external_id());
  ASSIGN_OR_RETURN(auto found, FindExternals(tx, kKind, request.source(), names));
  Keys keys(found.begin(), found.end());
  for (const auto& [name, row] : keys) ids.push_back(row.id);
  RETURN_IF_ERROR(Products().Prefetch(tx, ids));
  v1::BatchImportProductsResponse response;
  for (int i = 0; i < request.rows_size(); ++i) {
    const auto& row = request.rows(i);
    RowResult* result = response.add_results();
    const Status status =
        tx.RunRow(i, [&] { return ImportProduct(tx, call, request.source(), keys, row, result); });
    if (status.ok()) {
      keys[row.external_id()] = {result->id(), RowHash(row)};
      continue;
    }
    result->Clear();
    result->set_outcome(RowResult::OUTCOME_REFUSED);
    *result->mutable_error() = ToProto(status);
  }
  return response;
}

}  // namespace spm::orders
