// Deals through their commands: stages, checklists, stalls, prices.
#include <gtest/gtest.h>

#include "tests/leads/company.h"

namespace spm::leads {
namespace {

constexpr char kDeals[] = "spm.leads.v1.OpportunityService/";

void FinishChecklist(Company& c, const std::string& id, std::vector<std::string> items) {
  for (const std::string& item : items) {
    v1::CompleteChecklistItemRequest request;
    request.set_opportunity_id(id);
    request.set_item(item);
    c.Must<v1::Opportunity>(std::string(kDeals) + "CompleteChecklistItem", request);
  }
}

template <typename E>
E Decoded(const base::v1::Event& event) {
  E payload;
  EXPECT_TRUE(payload.ParseFromString(event.payload()));
  return payload;
}

// L6
TEST(AdvanceStage, AnIllegalTransitionPublishesNothing) {
  Company c;
  const v1::Opportunity deal = c.Deal("ann");
  const size_t before = c.Events("", "").size();
  for (const char* stage : {"need", "negotiate", "sign", "won", "nowhere"})
    EXPECT_EQ(Reason(c.Advance(deal.id(), stage, "because").status()), "ILLEGAL_STAGE") << stage;
  EXPECT_EQ(c.Events("", "").size(), before);
  ASSERT_TRUE(c.Advance(deal.id(), "lost").ok());
  EXPECT_EQ(Reason(c.Advance(deal.id(), "quote").status()), "DEAL_CLOSED");
}

// L6: both pipelines from the first stage to the win.
TEST(AdvanceStage, WalksEachPipelineToTheWin) {
  Company c;
  const std::map<std::string, std::vector<std::string>> pipelines = {
      {"", {"quote", "negotiate", "sign", "won"}},
      {"s4", {"discover", "present", "objection", "close", "after_sales"}}};
  for (const auto& [pipeline, stages] : pipelines) {
    v1::CreateOpportunityRequest request;
    request.mutable_opportunity()->set_pipeline(pipeline);
    auto deal = c.Must<v1::Opportunity>(std::string(kDeals) + "CreateOpportunity", request);
    for (const std::string& stage : stages) {
      auto moved = c.Advance(deal.id(), stage, "test");
      ASSERT_TRUE(moved.ok()) << moved.status();
      deal = *moved;
    }
    EXPECT_EQ(deal.stage_kind(), v1::STAGE_KIND_WON);
    EXPECT_EQ(deal.history_size(), static_cast<int>(stages.size()) + 1);
    EXPECT_EQ(c.Events(deal.id(), "OpportunityWon").size(), 1U);
  }
}

// L7
TEST(AdvanceStage, AChecklistHoldsBackAndAnOverrideIsLogged) {
  Company c;
  const v1::Opportunity deal = c.Deal("ann");
  EXPECT_EQ(Reason(c.Advance(deal.id(), "quote").status()), "CHECKLIST_OPEN");
  FinishChecklist(c, deal.id(), {"need_confirmed"});
  ASSERT_TRUE(c.Advance(deal.id(), "quote").ok());
  EXPECT_EQ(Reason(c.Advance(deal.id(), "negotiate").status()), "CHECKLIST_OPEN");
  auto moved = c.Advance(deal.id(), "negotiate", "the customer was in a hurry", "ann");
  ASSERT_TRUE(moved.ok()) << moved.status();
  const v1::StageEntry& entry = moved->history(2);
  EXPECT_EQ(entry.actor(), c.person("ann"));
  EXPECT_EQ(entry.override_reason(), "the customer was in a hurry");
  const auto event =
      Decoded<v1::OpportunityStageAdvanced>(c.Events(deal.id(), "OpportunityStageAdvanced").back());
  EXPECT_EQ(event.override_reason(), "the customer was in a hurry");
  EXPECT_EQ(event.before().stage(), "quote");
  EXPECT_EQ(event.step().state().stage(), "negotiate");
  EXPECT_EQ(event.step().entered(0), "negotiate");
}

// L8: silent at 7 d 0 s, exactly one event a microsecond later, and again after an advance.
TEST(Stall, OnceForEachStay) {
  Company c;
  const v1::Opportunity deal = c.Deal("ann");
  const int64_t entered = ToUs(deal.stage_time());
  c.services().Advance(7 * kDayUs);
  EXPECT_TRUE(c.Events(deal.id(), "OpportunityStalled").empty());
  c.services().Advance(kSecondUs);
  auto stalled = c.Events(deal.id(), "OpportunityStalled");
  ASSERT_EQ(stalled.size(), 1U);
  EXPECT_EQ(stalled[0].occurred_us(), entered + 7 * kDayUs + 1);
  EXPECT_EQ(Decoded<v1::OpportunityStalled>(stalled[0]).limit_days(), 7);
  EXPECT_TRUE(c.GetDeal(deal.id()).has_stall_time());
  c.services().Advance(20 * kDayUs);
  EXPECT_EQ(c.Events(deal.id(), "OpportunityStalled").size(), 1U);
  ASSERT_TRUE(c.Advance(deal.id(), "quote", "test").ok());
  EXPECT_FALSE(c.GetDeal(deal.id()).has_stall_time());
  c.services().Advance(7 * kDayUs);
  EXPECT_EQ(c.Events(deal.id(), "OpportunityStalled").size(), 1U);
  c.services().Advance(kSecondUs);
  EXPECT_EQ(c.Events(deal.id(), "OpportunityStalled").size(), 2U);
}

// L8
TEST(Stall, NeverAfterClosingOrDeleting) {
  Company c;
  const v1::Opportunity lost = c.Deal("ann"), gone = c.Deal("ann");
  ASSERT_TRUE(c.Advance(lost.id(), "lost").ok());
  v1::DeleteOpportunityRequest request;
  request.set_opportunity_id(gone.id());
  c.Must<v1::Opportunity>(std::string(kDeals) + "DeleteOpportunity", request);
  c.services().Advance(30 * kDayUs);
  EXPECT_TRUE(c.Events("", "OpportunityStalled").empty());
  EXPECT_EQ(c.Advance(gone.id(), "quote").status().code(), StatusCode::kNotFound);
}

TEST(Opportunity, APriceIsDecidedWhenTheDealIs) {
  Company c;
  const v1::Opportunity old = c.Deal("ann");
  orders::v1::UpdateProductRequest price;
  price.set_product_id(c.product());
  *price.mutable_product()->mutable_list_price() = Company::Usd(150'000);
  price.mutable_update_mask()->add_paths("list_price");
  c.Must<orders::v1::Product>("spm.orders.v1.ProductService/UpdateProduct", price);
  c.services().WaitIdle();
  const Currency usd{"USD", 2};
  EXPECT_EQ(*ToMinor(c.GetDeal(old.id()).value(), usd, ""), 100'000);
  EXPECT_EQ(*ToMinor(c.Deal("ann").value(), usd, ""), 150'000);
  v1::UpdateOpportunityRequest update;
  update.set_opportunity_id(old.id());
  update.mutable_opportunity()->set_quantity(2);
  update.mutable_update_mask()->add_paths("quantity");
  auto changed = c.Must<v1::Opportunity>(std::string(kDeals) + "UpdateOpportunity", update);
  EXPECT_EQ(*ToMinor(changed.value(), usd, ""), 300'000);
  const auto event =
      Decoded<v1::OpportunityUpdated>(c.Events(old.id(), "OpportunityUpdated").back());
  EXPECT_EQ(event.before().quantity(), 1);
  EXPECT_EQ(event.step().state().quantity(), 2);
  EXPECT_EQ(event.step().state().list_price_minor(), 150'000);
}

TEST(Opportunity, ReferencesMustExistAndMoneyMustFit) {
  Company c;
  const std::string nobody = "00000000-0000-7000-8000-000000000000";
  auto refused = [&](auto fill) {
    v1::CreateOpportunityRequest request;
    fill(request.mutable_opportunity());
    return c.Do<v1::Opportunity>(std::string(kDeals) + "CreateOpportunity", request).status();
  };
  for (const Status& status :
       {refused([&](auto* d) { d->set_customer_id(nobody); }),
        refused([&](auto* d) { d->set_product_id(nobody); }),
        refused([&](auto* d) { d->set_owner_id(nobody); }),
        refused([&](auto* d) { d->set_pipeline("none"); }),
        refused([&](auto* d) { *d->mutable_amount() = Company::Usd(-500); })})
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
}

TEST(Opportunity, ReassigningMovesItAndNotItsPast) {
  Company c;
  const v1::Opportunity deal = c.Deal("ann");
  v1::AssignOpportunityRequest request;
  request.set_opportunity_id(deal.id());
  request.set_owner_id(c.person("eva"));
  auto moved = c.Must<v1::Opportunity>(std::string(kDeals) + "AssignOpportunity", request);
  ASSERT_EQ(moved.steps_size(), 2);
  EXPECT_EQ(moved.steps(0).state().owner_id(), c.person("ann"));
  EXPECT_EQ(moved.steps(1).state().owner_id(), c.person("eva"));
  EXPECT_EQ(moved.steps(1).state().stage_owner_id(), c.person("ann"));
  v1::GetOpportunityRequest get;
  get.set_opportunity_id(deal.id());
  EXPECT_EQ(
      c.Do<v1::Opportunity>(std::string(kDeals) + "GetOpportunity", get, "ann").status().code(),
      StatusCode::kNotFound);
  EXPECT_TRUE(c.Do<v1::Opportunity>(std::string(kDeals) + "GetOpportunity", get, "eva").ok());
}

}  // namespace
}  // namespace spm::leads
