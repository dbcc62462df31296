// Imports by the keys of another system, and the stages of a deal as of any day.
#include <gtest/gtest.h>

#include <set>

#include "tests/leads/company.h"

namespace spm::leads {
namespace {

using base::v1::RowResult;

constexpr char kDeals[] = "spm.leads.v1.OpportunityService/";

google::type::Date Date(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

using Steps = std::vector<std::pair<std::string, google::type::Date>>;

class DealImport {
 public:
  explicit DealImport(Company& c) : c_(c) { request_.set_source("crm"); }
  v1::BatchImportOpportunitiesRequest::Row* Row(const std::string& key, const Steps& steps) {
    auto* row = request_.add_rows();
    row->set_external_id(key);
    row->set_owner_id("hr:ann");
    row->set_product_id(c_.product());
    for (const auto& [stage, day] : steps) {
      auto* step = row->add_history();
      step->set_stage(stage);
      *step->mutable_day() = day;
    }
    return row;
  }
  std::vector<RowResult> Run() {
    auto response = c_.Must<v1::BatchImportOpportunitiesResponse>(
        std::string(kDeals) + "BatchImportOpportunities", request_);
    request_.clear_rows();
    return {response.results().begin(), response.results().end()};
  }

 private:
  Company& c_;
  v1::BatchImportOpportunitiesRequest request_;
};

std::vector<std::string> StalledAsOf(Company& c, int32_t days, const google::type::Date& as_of,
                                     const std::string& as = "", int page_size = 0) {
  v1::ListStalledOpportunitiesRequest request;
  request.set_days(days);
  *request.mutable_as_of() = as_of;
  request.set_page_size(page_size);
  std::vector<std::string> keys;
  do {
    auto page = c.Must<v1::ListStalledOpportunitiesResponse>(
        std::string(kDeals) + "ListStalledOpportunities", request, as);
    for (const auto& one : page.stalled())
      keys.push_back(one.opportunity().external_ids(0).id() + "/" +
                     std::to_string(one.days_in_stage()));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return keys;
}

TEST(BatchImportOpportunities, WritesTheWholeHistoryInOneEvent) {
  Company c;
  DealImport import(c);
  *import.Row("a", {{"quote", Date(2017, 1, 2)}, {"won", Date(2017, 2, 20)}})->mutable_amount() =
      Company::Usd(90'000);
  const auto results = import.Run();
  ASSERT_EQ(results[0].outcome(), RowResult::OUTCOME_CREATED);
  const auto events = c.Events(results[0].id(), "");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].occurred_us(), DayOf({2017, 2, 20}) * kDayUs);
  v1::OpportunityImported imported;
  ASSERT_TRUE(imported.ParseFromString(events[0].payload()));
  ASSERT_EQ(imported.steps_size(), 2);
  EXPECT_EQ(imported.steps(0).entered_size(), 2);  // need was passed over.
  EXPECT_FALSE(imported.steps(0).state().has_amount_minor());
  EXPECT_EQ(imported.steps(1).entered_size(), 3);  // negotiate and sign too.
  EXPECT_EQ(imported.steps(1).state().amount_minor(), 90'000);
  EXPECT_EQ(imported.steps(1).state().external_id(), "a");
  EXPECT_EQ(imported.steps(1).state().owner_id(), c.person("ann"));
  // Deadlines already past set no timer.
  c.services().Advance(30 * kDayUs);
  EXPECT_TRUE(c.Events("", "OpportunityStalled").empty());
}

TEST(BatchImportOpportunities, TheSameRowDoesNothingWhateverWasEdited) {
  Company c;
  DealImport import(c);
  import.Row("a", {{ "need", Date(2026, 3, 1) }});
  const std::string id = import.Run()[0].id();
  ASSERT_TRUE(c.Advance(id, "quote", "test").ok());
  const size_t before = c.Events("", "").size();
  import.Row("a", {{ "need", Date(2026, 3, 1) }});
  EXPECT_EQ(import.Run()[0].outcome(), RowResult::OUTCOME_UNCHANGED);
  EXPECT_EQ(c.Events("", "").size(), before);
  EXPECT_EQ(c.GetDeal(id).stage(), "quote");
}

TEST(BatchImportOpportunities, AChangedRowIsOneCorrectionOfAllSteps) {
  Company c;
  DealImport import(c);
  import.Row("a", {{ "need", Date(2026, 2, 20) }});
  const std::string id = import.Run()[0].id();
  ASSERT_TRUE(c.Advance(id, "quote", "test").ok());
  import.Row("a", {{"need", Date(2026, 2, 20)}, { "lost", Date(2026, 2, 25) }});
  EXPECT_EQ(import.Run()[0].outcome(), RowResult::OUTCOME_UPDATED);
  const auto events = c.Events(id, "OpportunityHistoryCorrected");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].occurred_us(), c.now_us());
  v1::OpportunityHistoryCorrected corrected;
  ASSERT_TRUE(corrected.ParseFromString(events[0].payload()));
  ASSERT_EQ(corrected.before_size(), 2);
  EXPECT_EQ(corrected.before(1).state().stage(), "quote");
  ASSERT_EQ(corrected.after_size(), 2);
  EXPECT_EQ(corrected.after(1).state().kind(), v1::STAGE_KIND_LOST);
  EXPECT_EQ(c.GetDeal(id).history_size(), 2);
  EXPECT_TRUE(StalledAsOf(c, 0, Date(2026, 3, 2)).empty());
  c.services().Advance(30 * kDayUs);
  EXPECT_TRUE(c.Events(id, "OpportunityStalled").empty());
}

TEST(BatchImportOpportunities, ABadRowNamesItsFieldAndRefusesItselfAlone) {
  Company c;
  DealImport import(c);
  import.Row("good", {{ "need", Date(2026, 1, 1) }});
  import.Row("back", {{"need", Date(2026, 1, 2)}, { "quote", Date(2026, 1, 1) }});
  import.Row("future", {{ "need", Date(2026, 3, 3) }});
  import.Row("stage", {{ "nowhere", Date(2026, 1, 1) }});
  import.Row("none", {});
  import.Row("owner", {{ "need", Date(2026, 1, 1) }})->set_owner_id("hr:none");
  import.Row("customer", {{ "need", Date(2026, 1, 1) }})->set_customer_id("crm:none");
  import.Row("product", {{ "need", Date(2026, 1, 1) }})->set_product_id("crm:none");
  import.Row("pipeline", {{ "need", Date(2026, 1, 1) }})->set_pipeline("none");
  import.Row("good", {{ "need", Date(2026, 1, 1) }});
  const auto results = import.Run();
  EXPECT_EQ(results[0].outcome(), RowResult::OUTCOME_CREATED);
  const char* fields[] = {"",        "history[1].day", "history[0].day", "history[0].stage",
                          "history", "owner_id",       "customer_id",    "product_id",
                          "pipeline"};
  for (int i = 1; i <= 8; ++i) {
    EXPECT_EQ(results[i].outcome(), RowResult::OUTCOME_REFUSED) << i;
    EXPECT_NE(results[i].error().message().find(fields[i]), std::string::npos)
        << results[i].error().message();
  }
  EXPECT_EQ(results[9].outcome(), RowResult::OUTCOME_UNCHANGED);
  EXPECT_EQ(c.Events("", "OpportunityImported").size(), 1U);
}

// L8, as of any day: days compare as days, and the past is answered from the history.
TEST(ListStalled, AsOfADayComparesDays) {
  Company c;
  DealImport import(c);
  import.Row("a", {{ "quote", Date(2017, 12, 23) }});
  import.Row("b", {{ "quote", Date(2017, 12, 24) }});
  import.Row("c", {{"quote", Date(2017, 6, 1)}, { "won", Date(2017, 12, 31) }});
  import.Row("d", {{ "need", Date(2017, 12, 31) }});
  import.Row("e", {{"quote", Date(2017, 5, 1)}, { "negotiate", Date(2017, 12, 30) }});
  import.Run();
  using Keys = std::vector<std::string>;
  EXPECT_EQ(StalledAsOf(c, 7, Date(2017, 12, 31)), (Keys{"a/8"}));
  EXPECT_EQ(StalledAsOf(c, 6, Date(2017, 12, 31)), (Keys{"a/8", "b/7"}));
  EXPECT_EQ(StalledAsOf(c, 7, Date(2017, 12, 30)), (Keys{"c/212"}));
  EXPECT_EQ(StalledAsOf(c, 7, Date(2017, 12, 29)), (Keys{"e/242", "c/211"}));
  EXPECT_EQ(StalledAsOf(c, 0, Date(2017, 12, 31), "", 1), (Keys{"a/8", "b/7", "e/1"}));
  EXPECT_EQ(StalledAsOf(c, 7, Date(2017, 12, 31), "ann"), (Keys{"a/8"}));
  EXPECT_EQ(StalledAsOf(c, 7, Date(2017, 12, 31), "mona"), (Keys{"a/8"}));
  EXPECT_EQ(StalledAsOf(c, 7, Date(2017, 12, 31), "eva"), Keys{});
}

TEST(ListDeals, OfAUnitAreThoseOfItsMembers) {
  Company c;
  const std::string ann = c.Deal("ann").id(), bob = c.Deal("bob").id(), eva = c.Deal("eva").id();
  c.services().Advance(9 * kDayUs);
  v1::ListOpportunitiesRequest deals;
  v1::ListStalledOpportunitiesRequest stalled;
  stalled.set_days(7);
  stalled.set_page_size(1);
  auto both = [&](const std::string& unit, const std::string& as) {
    deals.set_unit_id(unit);
    stalled.set_unit_id(unit);
    std::set<std::string> ids;
    const auto list =
        c.Must<v1::ListOpportunitiesResponse>(std::string(kDeals) + "ListOpportunities", deals, as);
    for (const auto& deal : list.opportunities()) ids.insert(deal.id());
    EXPECT_EQ(c.Must<v1::ListStalledOpportunitiesResponse>(
                   std::string(kDeals) + "ListStalledOpportunities", stalled, as)
                  .total_size(),
              static_cast<int>(ids.size()));
    return ids;
  };
  using Ids = std::set<std::string>;
  EXPECT_EQ(both("", ""), (Ids{ann, bob, eva}));
  EXPECT_EQ(both(c.unit("north"), ""), (Ids{ann, bob}));
  EXPECT_EQ(both(c.unit("south"), ""), (Ids{eva}));
  EXPECT_EQ(both(c.unit("north"), "ann"), (Ids{ann}));
  org::v1::CreateUnitRequest empty;
  empty.mutable_unit()->set_name("empty");
  empty.mutable_unit()->set_kind(org::v1::UNIT_KIND_TEAM);
  const auto unit = c.Must<org::v1::Unit>("spm.org.v1.OrgService/CreateUnit", empty);
  c.services().WaitIdle();
  EXPECT_EQ(both(unit.id(), ""), Ids{});
  deals.set_unit_id("nowhere");
  EXPECT_EQ(c.Do<v1::ListOpportunitiesResponse>(std::string(kDeals) + "ListOpportunities", deals)
                .status()
                .code(),
            StatusCode::kNotFound);
}

TEST(BatchImportCustomers, ByKeyWithOwnerTagsAndDuplicates) {
  Company c;
  v1::BatchImportCustomersRequest request;
  request.set_source("crm");
  auto* row = request.add_rows();
  row->set_external_id("one");
  row->set_name("One");
  row->set_owner_id("hr:eva");
  row->set_phone("139 1234 5678");
  row->add_tags("vip");
  auto* twin = request.add_rows();
  twin->set_external_id("two");
  twin->set_name("Two");
  twin->set_phone("+86 13912345678");
  const std::string method = "spm.leads.v1.CustomerService/BatchImportCustomers";
  auto first = c.Must<v1::BatchImportCustomersResponse>(method, request);
  EXPECT_EQ(first.results(0).outcome(), RowResult::OUTCOME_CREATED);
  EXPECT_EQ(first.results(1).outcome(), RowResult::OUTCOME_REFUSED);
  EXPECT_EQ(first.results(1).error().code(), static_cast<int>(StatusCode::kAlreadyExists));
  request.mutable_rows()->RemoveLast();
  EXPECT_EQ(c.Must<v1::BatchImportCustomersResponse>(method, request).results(0).outcome(),
            RowResult::OUTCOME_UNCHANGED);
  request.mutable_rows(0)->set_owner_id("hr:ann");
  request.mutable_rows(0)->set_sector("retail");
  EXPECT_EQ(c.Must<v1::BatchImportCustomersResponse>(method, request).results(0).outcome(),
            RowResult::OUTCOME_UPDATED);
  v1::GetCustomerRequest get;
  get.set_customer_id(first.results(0).id());
  auto customer = c.Must<v1::Customer>("spm.leads.v1.CustomerService/GetCustomer", get, "ann");
  EXPECT_EQ(customer.owner_id(), c.person("ann"));
  EXPECT_EQ(customer.sector(), "retail");
  EXPECT_EQ(customer.external_ids(0).id(), "one");
  EXPECT_EQ(customer.tags(0), "vip");
}

TEST(BatchImportContacts, NeedTheirCustomer) {
  Company c;
  v1::BatchImportContactsRequest request;
  request.set_source("crm");
  auto* row = request.add_rows();
  row->set_external_id("jo");
  row->set_name("Jo");
  row->set_customer_id(c.Customer("One", "ann").id());
  row->add_decision_roles(v1::DECISION_ROLE_DECIDER);
  auto* lost = request.add_rows();
  lost->set_external_id("al");
  lost->set_name("Al");
  lost->set_customer_id("crm:none");
  const std::string method = "spm.leads.v1.CustomerService/BatchImportContacts";
  auto results = c.Must<v1::BatchImportContactsResponse>(method, request);
  EXPECT_EQ(results.results(0).outcome(), RowResult::OUTCOME_CREATED);
  EXPECT_EQ(results.results(1).outcome(), RowResult::OUTCOME_REFUSED);
  EXPECT_EQ(c.Must<v1::BatchImportContactsResponse>(method, request).results(0).outcome(),
            RowResult::OUTCOME_UNCHANGED);
}

TEST(BatchImportLeads, TellOfThePastAndCountForTheirHolder) {
  Company c;
  v1::BatchImportLeadsRequest request;
  request.set_source("crm");
  auto add = [&](const std::string& key, v1::LeadStatus status) {
    auto* row = request.add_rows();
    row->set_external_id(key);
    row->mutable_lead()->set_name(key);
    row->mutable_lead()->set_owner_id("hr:ann");
    SetTime(DayOf({2017, 3, 1}) * kDayUs, row->mutable_occur_time());
    row->set_status(status);
    return row;
  };
  add("new", v1::LEAD_STATUS_UNSPECIFIED);
  add("closed", v1::LEAD_STATUS_DISQUALIFIED)->set_disqualify_reason("no budget");
  SetTime(c.now_us() + kDayUs, add("future", v1::LEAD_STATUS_NEW)->mutable_occur_time());
  const std::string method = "spm.leads.v1.LeadService/BatchImportLeads";
  auto results = c.Must<v1::BatchImportLeadsResponse>(method, request);
  EXPECT_EQ(results.results(0).outcome(), RowResult::OUTCOME_CREATED);
  EXPECT_EQ(results.results(1).outcome(), RowResult::OUTCOME_CREATED);
  EXPECT_EQ(results.results(2).outcome(), RowResult::OUTCOME_REFUSED);
  EXPECT_EQ(c.GetLead(results.results(1).id()).disqualify_reason(), "no budget");
  EXPECT_EQ(c.Events(results.results(0).id(), "LeadCreated")[0].occurred_us(),
            DayOf({2017, 3, 1}) * kDayUs);
  v1::HoldingChanged holding;
  ASSERT_TRUE(holding.ParseFromString(c.Events("", "HoldingChanged").back().payload()));
  EXPECT_EQ(holding.open_leads(), 1);
  c.services().Advance(10 * kDayUs);
  EXPECT_TRUE(c.Events("", "LeadFirstContactOverdue").empty());
  EXPECT_EQ(c.Must<v1::BatchImportLeadsResponse>(method, request).results(0).outcome(),
            RowResult::OUTCOME_UNCHANGED);
}

}  // namespace
}  // namespace spm::leads
