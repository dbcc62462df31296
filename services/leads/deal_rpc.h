// What every change of a deal has in common: its pipeline, its price, its steps, its stall timer.
// For the lane's thread.
#pragma once

#include <optional>
#include <string>

#include "common/db/tx.h"
#include "common/write/call.h"
#include "services/leads/product_store.h"
#include "services/leads/rules/deal.h"
#include "spm/leads/v1/events.pb.h"
#include "spm/leads/v1/opportunity.pb.h"

namespace spm::leads {

constexpr char kDefaultPipeline[] = "default";

// The pipeline in force; INVALID_ARGUMENT names those that exist.
StatusOr<const v1::PipelinePolicy*> PipelineOf(const Call& call, const std::string& id,
                                               const std::string& field);

// Stamps the product and its price of now; no product, no price.
void SetProduct(const Call& call, const std::optional<ProductCopy>& product, v1::Opportunity* deal);
// The value follows amount, price and quantity; INVALID_ARGUMENT where it is beyond what money
// holds.
Status Revalue(const Call& call, const std::string& at, v1::Opportunity* deal);

// A new deal, filled but for its stage, in the first stage of its pipeline: OpportunityCreated.
Status OpenDeal(Tx& tx, const Call& call, int64_t at_us, v1::Opportunity* deal);

// Writes the stays from the n-th on and sets the stall timer of the present one: a closed or
// deleted deal has none, and a deadline that has passed already sets none. `fresh`: there was none
// before.
void FollowStage(Tx& tx, const Call& call, const v1::PipelinePolicy& pipeline,
                 const v1::Opportunity& deal, int from_n, bool fresh);

// Sets the timer of the expected close; a closed or deleted deal and one without such a day have
// none, and a deadline that has passed already sets none. `fresh`: there was none before.
void FollowClose(Tx& tx, const Call& call, const v1::Opportunity& deal, bool fresh);

// Makes a person the owner: OpportunityAssigned.
void GiveDeal(Tx& tx, const Call& call, const std::string& owner_id, v1::Opportunity* deal);

}  // namespace spm::leads
