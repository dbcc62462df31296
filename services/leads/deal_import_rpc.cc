#include "services/leads/deal_import_rpc.h"

#include "common/write/rows.h"
#include "google/type/date.pb.h"
#include "services/leads/customer_store.h"
#include "services/leads/deal_rpc.h"
#include "services/leads/opportunity_store.h"
#include "services/leads/refs_rpc.h"
#include "services/leads/rules/history.h"

namespace spm::leads {
namespace {

using base::v1::RowResult;
using Row = v1::BatchImportOpportunitiesRequest::Row;

constexpr char kKind[] = "opportunity";

// What the rows of a batch refer to, loaded with one query a kind.
struct Known {
  KeyBook keys;
  std::map<std::string, ProductCopy> products;
};

Status Load(Tx& tx, const v1::BatchImportOpportunitiesRequest& request, Known* known) {
  std::vector<std::string> names, customers, products, ids, customer_ids, product_ids;
  for (const Row& row : request.rows()) {
    names.push_back(row.external_id());
    if (!row.customer_id().empty()) customers.push_back(row.customer_id());
    if (!row.product_id().empty()) products.push_back(row.product_id());
  }
  RETURN_IF_ERROR(known->keys.LoadKeys(tx, kKind, request.source(), names));
  RETURN_IF_ERROR(known->keys.Load(tx, "customer", customers));
  RETURN_IF_ERROR(known->keys.Load(tx, "product", products));
  for (const std::string& name : names)
    if (const ExternalRow* row = known->keys.Find(kKind, request.source(), name))
      ids.push_back(row->id);
  for (const std::string& ref : customers)
    if (auto id = known->keys.Id("customer", ref, ""); id.ok()) customer_ids.push_back(*id);
  for (const std::string& ref : products)
    if (auto id = known->keys.Id("product", ref, ""); id.ok()) product_ids.push_back(*id);
  RETURN_IF_ERROR(Opportunities().Prefetch(tx, ids));
  RETURN_IF_ERROR(Customers().Prefetch(tx, customer_ids));
  ASSIGN_OR_RETURN(known->products, FindProducts(tx, product_ids));
  return OkStatus();
}

// A told step gives a day or a moment, one of the two.
StatusOr<std::vector<ToldStep>> Told(const Row& row) {
  std::vector<ToldStep> told;
  for (int i = 0; i < row.history_size(); ++i) {
    const auto& step = row.history(i);
    const std::string at = "history[" + std::to_string(i) + "]";
    if (step.has_day() == step.has_time())
      return InvalidField(at + ".day", "give a day or a time, one of the two");
    ToldStep one{step.stage(), 0, std::nullopt};
    if (step.has_time()) {
      one.at_us = ToUs(step.time());
    } else {
      const Ymd ymd{step.day().year(), step.day().month(), step.day().day()};
      if (!IsValid(ymd)) return InvalidField(at + ".day", "is no day; give year, month and day");
      one.day = DayOf(ymd);
    }
    told.push_back(std::move(one));
  }
  return told;
}

// Everything but the stages, as the row says.
Status Fill(Tx& tx, const Call& call, const Known& known, const Row& row, v1::Opportunity* deal) {
  deal->set_name(row.name());
  deal->set_source(row.lead_source());
  deal->set_lost_reason(row.lost_reason());
  ASSIGN_OR_RETURN(*deal->mutable_owner_id(), PersonRef(call, row.owner_id(), "owner_id"));
  ASSIGN_OR_RETURN(*deal->mutable_customer_id(),
                   known.keys.Id("customer", row.customer_id(), "customer_id"));
  if (!deal->customer_id().empty()) {
    ASSIGN_OR_RETURN(auto customer, Customers().Find(tx, deal->customer_id(), Scope::Service()));
    if (!customer) return InvalidField("customer_id", "no customer " + row.customer_id());
  }
  ASSIGN_OR_RETURN(std::string product_id,
                   known.keys.Id("product", row.product_id(), "product_id"));
  std::optional<ProductCopy> product;
  if (!product_id.empty()) {
    const auto found = known.products.find(product_id);
    if (found == known.products.end())
      return InvalidField("product_id", "no product " + row.product_id());
    product = found->second;
  }
  SetProduct(call, product, deal);
  if (row.has_list_price()) {
    *deal->mutable_list_price() = row.list_price();
    RETURN_IF_ERROR(CheckMoney(call, "list_price", deal->mutable_list_price()));
  }
  deal->clear_amount();
  if (row.has_amount()) {
    *deal->mutable_amount() = row.amount();
    RETURN_IF_ERROR(CheckMoney(call, "amount", deal->mutable_amount()));
  }
  deal->set_quantity(row.quantity());
  return Revalue(call, "", deal);
}

void ForgetHistory(v1::Opportunity* deal) {
  deal->clear_history();
  deal->clear_steps();
  deal->clear_open_time();
  deal->clear_close_time();
  deal->clear_stall_time();
}

Status ImportDeal(Tx& tx, const Call& call, const std::string& source, const Known& known,
                  const Row& row, RowResult* result) {
  const std::string hash = RowHash(row);
  const ExternalRow* key = known.keys.Find(kKind, source, row.external_id());
  if (key != nullptr && key->hash == hash) {
    result->set_outcome(RowResult::OUTCOME_UNCHANGED);
    result->set_id(key->id);
    return OkStatus();
  }
  v1::Opportunity deal;
  if (key != nullptr) {
    ASSIGN_OR_RETURN(deal, Opportunities().Get(tx, key->id, Scope::Service()));
  } else {
    base::v1::ExternalId* id = deal.add_external_ids();
    id->set_source(source);
    id->set_id(row.external_id());
  }
  deal.set_pipeline(row.pipeline().empty() ? kDefaultPipeline : row.pipeline());
  ASSIGN_OR_RETURN(const v1::PipelinePolicy* pipeline,
                   PipelineOf(call, deal.pipeline(), "pipeline"));
  RETURN_IF_ERROR(Fill(tx, call, known, row, &deal));
  ASSIGN_OR_RETURN(const auto told, Told(row));
  ASSIGN_OR_RETURN(const auto moments, CheckHistory(*pipeline, told, {call.now_us, call.today},
                                                    call.company->zone, "history"));
  v1::OpportunityHistoryCorrected corrected;
  *corrected.mutable_before() = deal.steps();
  ForgetHistory(&deal);
  LiveThrough(&deal, *pipeline, told, moments, call.company->currency);
  RETURN_IF_ERROR(Revalue(call, "", &deal));
  if (key != nullptr) {
    *corrected.mutable_after() = deal.steps();
    Opportunities().Save(tx, &deal, corrected);
    DropStays(tx, deal.id());
  } else {
    deal.set_id(call.NewId());
    v1::OpportunityImported imported;
    *imported.mutable_steps() = deal.steps();
    tx.set_occurred_us(moments.back().at_us);
    Opportunities().Save(tx, &deal, imported);
  }
  FollowStage(tx, call, *pipeline, deal, 0, key == nullptr);
  SaveExternal(tx, kKind, source, row.external_id(), {deal.id(), hash});
  result->set_outcome(key != nullptr ? RowResult::OUTCOME_UPDATED : RowResult::OUTCOME_CREATED);
  result->set_id(deal.id());
  return OkStatus();
}

}  // namespace

StatusOr<v1::BatchImportOpportunitiesResponse> BatchImportOpportunities(
    Tx& tx, const v1::BatchImportOpportunitiesRequest& request, const Call& call) {
  Known known;
  RETURN_IF_ERROR(Load(tx, request, &known));
  return RunRows<v1::BatchImportOpportunitiesResponse>(
      tx, request.rows(),
      [&](const Row& row, int, RowResult* result) {
        return ImportDeal(tx, call, request.source(), known, row, result);
      },
      [&](const Row& row, const RowResult& result) {
        known.keys.Set(kKind, request.source(), row.external_id(), {result.id(), RowHash(row)});
      });
}

}  // namespace spm::leads
