#include "services/leads/on_orders.h"

#include "common/write/external.h"
#include "services/leads/product_store.h"

namespace spm::leads {
namespace {

void Keep(Tx& tx, const base::v1::Event& meta, const orders::v1::ProductInfo& product) {
  SaveProduct(tx, {meta.aggregate_id(), product.name(), product.line(), product.list_price_minor(),
                   product.deleted()});
  for (const auto& key : product.external_ids())
    SaveExternal(tx, "product", key.source(), key.id(), {meta.aggregate_id(), ""});
}

}  // namespace

Status OnProductCreated(Tx& tx, const Received<orders::v1::ProductCreated>& event, const Call&) {
  Keep(tx, event.meta, event.event.product());
  return OkStatus();
}

Status OnProductUpdated(Tx& tx, const Received<orders::v1::ProductUpdated>& event, const Call&) {
  Keep(tx, event.meta, event.event.product());
  return OkStatus();
}

Status OnProductDeleted(Tx& tx, const Received<orders::v1::ProductDeleted>& event, const Call&) {
  Keep(tx, event.meta, event.event.product());
  return OkStatus();
}

}  // namespace spm::leads
