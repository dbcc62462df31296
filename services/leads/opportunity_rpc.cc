#include "services/leads/opportunity_rpc.h"

#include <algorithm>

#include "common/timers/timers.h"
#include "common/write/mask.h"
#include "google/type/date.pb.h"
#include "services/leads/deal_rpc.h"
#include "services/leads/opportunity_store.h"
#include "services/leads/refs_rpc.h"

namespace spm::leads {
namespace {

constexpr char kAt[] = "opportunity.";

Status CheckFields(Tx& tx, const Call& call, const v1::Opportunity& given, v1::Opportunity* deal) {
  ASSIGN_OR_RETURN(*deal->mutable_customer_id(),
                   CustomerRef(tx, call, given.customer_id(), std::string(kAt) + "customer_id"));
  ASSIGN_OR_RETURN(auto product,
                   ProductRef(tx, given.product_id(), std::string(kAt) + "product_id"));
  SetProduct(call, product, deal);
  if (!given.owner_id().empty()) {
    ASSIGN_OR_RETURN(*deal->mutable_owner_id(),
                     OwnerRef(call, given.owner_id(), std::string(kAt) + "owner_id"));
  } else if (call.caller.person) {
    deal->set_owner_id(call.caller.id);
  }
  if (given.has_amount()) {
    *deal->mutable_amount() = given.amount();
    RETURN_IF_ERROR(CheckMoney(call, std::string(kAt) + "amount", deal->mutable_amount()));
  }
  deal->set_quantity(given.quantity());
  return Revalue(call, kAt, deal);
}

// Fields that were named and differ are checked as at creation; a new product or quantity takes the
// price of now.
Status CheckChanges(Tx& tx, const Call& call, const v1::Opportunity& before,
                    v1::Opportunity* deal) {
  if (deal->customer_id() != before.customer_id()) {
    ASSIGN_OR_RETURN(*deal->mutable_customer_id(),
                     CustomerRef(tx, call, deal->customer_id(), std::string(kAt) + "customer_id"));
  }
  const bool other_product = deal->product_id() != before.product_id();
  if (other_product || deal->quantity() != before.quantity()) {
    ASSIGN_OR_RETURN(std::string id, ResolveRef(tx, "product", deal->product_id(),
                                                std::string(kAt) + "product_id"));
    ASSIGN_OR_RETURN(auto found, FindProducts(tx, {id}));
    const auto product = found.find(id);
    if (product != found.end() && (!other_product || !product->second.deleted)) {
      SetProduct(call, product->second, deal);
    } else if (other_product) {
      ASSIGN_OR_RETURN(auto none,
                       ProductRef(tx, deal->product_id(), std::string(kAt) + "product_id"));
      SetProduct(call, none, deal);
    }
  }
  if (deal->has_amount())
    RETURN_IF_ERROR(CheckMoney(call, std::string(kAt) + "amount", deal->mutable_amount()));
  return Revalue(call, kAt, deal);
}

}  // namespace

StatusOr<v1::Opportunity> CreateOpportunity(Tx& tx, const v1::CreateOpportunityRequest& request,
                                            const Call& call) {
  const v1::Opportunity& given = request.opportunity();
  ASSIGN_OR_RETURN(const int64_t at_us,
                   call.OccurredUs(request.has_occur_time(), request.occur_time(), "occur_time"));
  v1::Opportunity deal;
  deal.set_name(given.name());
  deal.set_source(given.source());
  deal.set_pipeline(given.pipeline().empty() ? kDefaultPipeline : given.pipeline());
  RETURN_IF_ERROR(PipelineOf(call, deal.pipeline(), std::string(kAt) + "pipeline").status());
  if (given.has_expected_close()) *deal.mutable_expected_close() = given.expected_close();
  RETURN_IF_ERROR(CheckFields(tx, call, given, &deal));
  deal.set_id(call.NewId());
  tx.set_occurred_us(at_us);
  RETURN_IF_ERROR(OpenDeal(tx, call, at_us, &deal));
  return deal;
}

StatusOr<v1::Opportunity> GetOpportunity(Snapshot& snapshot,
                                         const v1::GetOpportunityRequest& request,
                                         const Call& call) {
  return Opportunities().Get(snapshot, request.opportunity_id(), call.scope);
}

// Who belongs to a unit or to one below it today, those who left included, for OwnerList.
static StatusOr<std::string> OwnersOf(const std::string& unit, const Call& call) {
  const std::string id = call.directory->UnitId(unit);
  if (id.empty()) return NotFound("unit", unit);
  std::vector<std::string> members;
  for (const auto& [person, unused] : call.directory->people()) {
    const auto above =
        call.directory->Above(call.directory->PlaceOf(person, call.today).unit_id, call.today);
    if (std::find(above.begin(), above.end(), id) != above.end()) members.push_back(person);
  }
  return OwnerList(members);
}

StatusOr<v1::ListOpportunitiesResponse> ListOpportunities(
    Snapshot& snapshot, const v1::ListOpportunitiesRequest& request, const Call& call) {
  ListSpec spec{.where = {},
                .order = request.by_stage_time() ? "stage_time" : "new",
                .page_size = request.page_size(),
                .page_token = request.page_token()};
  if (!request.show_deleted()) spec.where.push_back({"live", {}});
  if (!request.owner_id().empty()) spec.where.push_back({"owner", request.owner_id()});
  if (!request.customer_id().empty()) spec.where.push_back({"customer", request.customer_id()});
  if (!request.product_id().empty()) spec.where.push_back({"product", request.product_id()});
  if (!request.pipeline().empty()) spec.where.push_back({"pipeline", request.pipeline()});
  if (!request.stage().empty()) spec.where.push_back({"stage", request.stage()});
  if (request.stage_kind() != v1::STAGE_KIND_UNSPECIFIED)
    spec.where.push_back({"stage_kind", static_cast<int64_t>(request.stage_kind())});
  if (!request.source().empty()) spec.where.push_back({"source", request.source()});
  if (!request.unit_id().empty()) {
    ASSIGN_OR_RETURN(std::string owners, OwnersOf(request.unit_id(), call));
    spec.where.push_back({"owners", std::move(owners)});
  }
  ASSIGN_OR_RETURN(auto page, Opportunities().List(snapshot, call.scope, spec));
  v1::ListOpportunitiesResponse response;
  for (auto& deal : page.rows) *response.add_opportunities() = std::move(deal);
  response.set_next_page_token(page.next_page_token);
  return response;
}

StatusOr<v1::ListStalledOpportunitiesResponse> ListStalledOpportunities(
    Snapshot& snapshot, const v1::ListStalledOpportunitiesRequest& request, const Call& call) {
  StalledQuery query{.days = request.days(),
                     .as_of_day = call.today,
                     .owner_id = request.owner_id(),
                     .owners = {},
                     .page_size = request.page_size(),
                     .page_token = request.page_token()};
  if (request.has_as_of()) {
    const google::type::Date& day = request.as_of();
    const Ymd ymd{day.year(), day.month(), day.day()};
    if (!IsValid(ymd)) return InvalidField("as_of", "is no day; give year, month and day");
    query.as_of_day = DayOf(ymd);
  }
  if (!request.unit_id().empty()) {
    ASSIGN_OR_RETURN(query.owners, OwnersOf(request.unit_id(), call));
  }
  ASSIGN_OR_RETURN(auto page, ListStalled(snapshot, call.scope, query));
  v1::ListStalledOpportunitiesResponse response;
  for (StalledDeal& one : page.rows) {
    v1::StalledOpportunity* stalled = response.add_stalled();
    *stalled->mutable_opportunity() = std::move(one.deal);
    stalled->set_days_in_stage(query.as_of_day - one.enter_day);
  }
  response.set_next_page_token(page.next_page_token);
  ASSIGN_OR_RETURN(const int32_t total, CountStalled(snapshot, call.scope, query));
  response.set_total_size(total);
  return response;
}

StatusOr<v1::Opportunity> UpdateOpportunity(Tx& tx, const v1::UpdateOpportunityRequest& request,
                                            const Call& call) {
  ASSIGN_OR_RETURN(const v1::Opportunity before,
                   Opportunities().Get(tx, request.opportunity_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, before));
  v1::Opportunity deal = before;
  RETURN_IF_ERROR(ApplyMask(
      request.update_mask(),
      {"name", "customer_id", "product_id", "quantity", "amount", "source", "expected_close"},
      request.opportunity(), &deal));
  RETURN_IF_ERROR(CheckChanges(tx, call, before, &deal));
  if (deal.SerializeAsString() == before.SerializeAsString()) return deal;
  v1::OpportunityUpdated updated;
  *updated.mutable_before() = LastState(before);
  *updated.mutable_step() = ChangeDeal(&deal, MomentOf(call, call.now_us), call.company->currency);
  Opportunities().Save(tx, &deal, updated);
  FollowClose(tx, call, deal, false);
  return deal;
}

StatusOr<v1::Opportunity> DeleteOpportunity(Tx& tx, const v1::DeleteOpportunityRequest& request,
                                            const Call& call) {
  ASSIGN_OR_RETURN(v1::Opportunity deal,
                   Opportunities().Get(tx, request.opportunity_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, deal));
  v1::OpportunityDeleted deleted;
  *deleted.mutable_before() = LastState(deal);
  deal.set_deleted(true);
  *deleted.mutable_step() = ChangeDeal(&deal, MomentOf(call, call.now_us), call.company->currency);
  Opportunities().Save(tx, &deal, deleted);
  CancelTimer(tx, "stall", deal.id());
  FollowClose(tx, call, deal, false);
  return deal;
}

StatusOr<v1::Opportunity> AssignOpportunity(Tx& tx, const v1::AssignOpportunityRequest& request,
                                            const Call& call) {
  ASSIGN_OR_RETURN(v1::Opportunity deal,
                   Opportunities().Get(tx, request.opportunity_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, deal));
  ASSIGN_OR_RETURN(std::string owner, OwnerRef(call, request.owner_id(), "owner_id"));
  if (owner == deal.owner_id()) return deal;
  GiveDeal(tx, call, owner, &deal);
  return deal;
}

}  // namespace spm::leads
