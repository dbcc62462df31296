#include "services/performance/on_orders.h"

#include "services/performance/copy_store.h"

namespace spm::performance {
namespace {

Status Keep(Tx& tx, const std::string& id, const orders::v1::ProductInfo& product, bool deleted) {
  std::vector<std::string> refs;
  for (const auto& external : product.external_ids())
    refs.push_back(external.source() + ":" + external.id());
  SaveProduct(tx, id, {product.name(), product.line(), deleted || product.deleted()}, refs);
  return OkStatus();
}

}  // namespace

Status OnProductCreated(Tx& tx, const Received<orders::v1::ProductCreated>& event, const Call&) {
  return Keep(tx, event.meta.aggregate_id(), event.event.product(), false);
}

Status OnProductUpdated(Tx& tx, const Received<orders::v1::ProductUpdated>& event, const Call&) {
  return Keep(tx, event.meta.aggregate_id(), event.event.product(), false);
}

Status OnProductDeleted(Tx& tx, const Received<orders::v1::ProductDeleted>& event, const Call&) {
  return Keep(tx, event.meta.aggregate_id(), event.event.product(), true);
}

}  // namespace spm::performance
