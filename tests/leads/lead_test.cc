// Leads through their commands: grade, queue, duplicates, assignment, first contact, conversion.
#include <gtest/gtest.h>

#include "tests/leads/company.h"

namespace spm::leads {
namespace {

constexpr char kLeads[] = "spm.leads.v1.LeadService/";

StatusOr<v1::Lead> Assign(Company& c, const std::string& lead, const std::string& owner,
                          const std::string& etag = "", const std::string& as = "") {
  v1::AssignLeadRequest request;
  request.set_lead_id(lead);
  request.set_etag(etag);
  if (!owner.empty()) request.set_owner_id(c.person(owner));
  return c.Do<v1::Lead>(std::string(kLeads) + "AssignLead", request, as);
}

// L1
TEST(Lead, IsGradedAtOnceAndAgainOnlyWhereTheGradeChanges) {
  Company c;
  v1::Lead given;
  given.set_name("hot");
  given.set_intent(100);
  *given.mutable_budget() = Company::Usd(1'000'000'000);
  given.set_decision_days(1);
  v1::Lead lead = *c.TryLead(given);
  EXPECT_EQ(lead.grade(), v1::GRADE_A);
  auto update = [&](int32_t intent) {
    v1::UpdateLeadRequest request;
    request.set_lead_id(lead.id());
    request.mutable_lead()->set_intent(intent);
    request.mutable_update_mask()->add_paths("intent");
    return c.Must<v1::Lead>(std::string(kLeads) + "UpdateLead", request);
  };
  EXPECT_EQ(update(99).grade(), v1::GRADE_A);
  EXPECT_EQ(c.Events(lead.id(), "LeadGraded").size(), 0U);
  EXPECT_EQ(update(0).grade(), v1::GRADE_B);
  const auto events = c.Events(lead.id(), "LeadGraded");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_NE(events[0].policies().find("grade@1"), std::string::npos);
}

// L2
TEST(ListLeads, AQueueNeverShowsALowerGradeFirst) {
  Company c;
  for (int i = 0; i < 30; ++i) {
    v1::Lead lead;
    lead.set_name("lead");
    lead.set_owner_id(c.person("ann"));
    lead.set_intent((i * 37) % 101);
    lead.set_decision_days((i * 53) % 400 + 1);
    ASSERT_TRUE(c.TryLead(lead).ok());
  }
  v1::ListLeadsRequest request;
  request.set_queue(true);
  request.set_owner_id(c.person("ann"));
  request.set_page_size(7);
  std::vector<v1::Lead> queue;
  do {
    auto page = c.Must<v1::ListLeadsResponse>(std::string(kLeads) + "ListLeads", request, "ann");
    queue.insert(queue.end(), page.leads().begin(), page.leads().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  ASSERT_EQ(queue.size(), 30U);
  for (size_t i = 1; i < queue.size(); ++i) {
    EXPECT_LE(queue[i - 1].grade(), queue[i].grade());
    if (queue[i - 1].grade() != queue[i].grade()) continue;
    EXPECT_GE(queue[i - 1].points(), queue[i].points());
  }
}

// L11
TEST(Lead, TheSamePhoneIsADuplicateWithItsIdWhereTheCallerSeesIt) {
  Company c;
  v1::Lead lead;
  lead.set_name("one");
  lead.set_phone("+49 30 1234567");
  lead.set_owner_id(c.person("ann"));
  const v1::Lead first = *c.TryLead(lead);
  EXPECT_EQ(first.phone(), "+49301234567");
  lead.clear_owner_id();
  lead.set_phone("0049-30-1234567");
  const Status seen = c.TryLead(lead).status();
  EXPECT_EQ(seen.code(), StatusCode::kAlreadyExists);
  EXPECT_NE(ToProto(seen).DebugString().find(first.id()), std::string::npos);
  const Status hidden = c.TryLead(lead, "eva").status();
  EXPECT_EQ(hidden.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(ToProto(hidden).DebugString().find(first.id()), std::string::npos);
  v1::DisqualifyLeadRequest request;
  request.set_lead_id(first.id());
  request.set_reason("no budget");
  c.Must<v1::Lead>(std::string(kLeads) + "DisqualifyLead", request);
  EXPECT_TRUE(c.TryLead(lead).ok());
}

TEST(Lead, ACustomersPhoneIsADuplicateToo) {
  Company c;
  c.Customer("known", "", "+49 30 7654321");
  v1::Lead lead;
  lead.set_name("again");
  lead.set_phone("+49307654321");
  EXPECT_EQ(c.TryLead(lead).status().code(), StatusCode::kAlreadyExists);
  lead.set_phone("call me");
  EXPECT_EQ(c.TryLead(lead).status().code(), StatusCode::kInvalidArgument);
}

// L4
TEST(AssignLead, TheSecondOfTwoAssignersIsAborted) {
  Company c;
  const v1::Lead lead = c.Lead("one");
  ASSERT_TRUE(Assign(c, lead.id(), "ann").ok());
  EXPECT_EQ(Reason(Assign(c, lead.id(), "bob").status()), "CLAIMED_BY_OTHER");
  EXPECT_EQ(Reason(Assign(c, lead.id(), "ann").status()), "CLAIMED_BY_OTHER");
  EXPECT_EQ(Reason(Assign(c, lead.id(), "bob", "1").status()), "VERSION_CONFLICT");
  EXPECT_EQ(c.GetLead(lead.id()).owner_id(), c.person("ann"));
  auto moved = Assign(c, lead.id(), "bob", std::to_string(c.GetLead(lead.id()).version()));
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(c.Events(lead.id(), "LeadAssigned").size(), 2U);
}

// L5: the cap and who has left, by name and by fit.
TEST(AssignLead, NobodyInactiveOrFullReceives) {
  Company c;
  c.Person("full", base::v1::ROLE_REP, "south", false, 1);
  c.Person("gone", base::v1::ROLE_REP, "south", false, 50, true);
  c.services().WaitIdle();
  ASSERT_TRUE(Assign(c, c.Lead("1").id(), "full").ok());
  const v1::Lead lead = c.Lead("2");
  EXPECT_EQ(Reason(Assign(c, lead.id(), "full").status()), "OVER_CAPACITY");
  EXPECT_EQ(Reason(Assign(c, lead.id(), "gone").status()), "OWNER_INACTIVE");
  EXPECT_TRUE(c.Events(lead.id(), "LeadAssigned").empty());
  // Room comes back when a lead is let go.
  v1::ListLeadsRequest list;
  list.set_owner_id(c.person("full"));
  auto held = c.Must<v1::ListLeadsResponse>(std::string(kLeads) + "ListLeads", list);
  v1::DeleteLeadRequest gone;
  gone.set_lead_id(held.leads(0).id());
  c.Must<v1::Lead>(std::string(kLeads) + "DeleteLead", gone);
  EXPECT_TRUE(Assign(c, lead.id(), "full").ok());
}

// L5
TEST(AssignLead, ByFitWithinTheReachOfTheCallerUntilAllAreFull) {
  Company c;
  org::v1::UpdatePersonRequest update;
  for (const char* name : {"ann", "bob"}) {
    update.set_person_id(c.person(name));
    update.mutable_person()->set_capacity(2);
    update.mutable_update_mask()->Clear();
    update.mutable_update_mask()->add_paths("capacity");
    c.Must<org::v1::Person>("spm.org.v1.OrgService/UpdatePerson", update);
  }
  c.services().WaitIdle();
  std::map<std::string, int> owners;
  int refused = 0;
  for (int i = 0; i < 6; ++i) {
    const v1::Lead lead = c.Lead("lead", "", "mona");
    EXPECT_EQ(lead.owner_id(), "");
    auto given = Assign(c, lead.id(), "", "", "mona");
    if (given.ok()) {
      ++owners[given->owner_id()];
    } else {
      EXPECT_EQ(Reason(given.status()), "NO_CANDIDATE");
      ++refused;
    }
  }
  EXPECT_EQ(owners, (std::map<std::string, int>{{c.person("ann"), 2}, {c.person("bob"), 2}}));
  EXPECT_EQ(refused, 2);
  v1::LeadAssigned event;
  ASSERT_TRUE(event.ParseFromString(c.Events("", "LeadAssigned")[0].payload()));
  EXPECT_NE(event.reason().find("fit: "), std::string::npos);
}

TEST(AssignLead, PrefersTheRegionOfTheLead) {
  Company c;
  v1::Lead lead;
  lead.set_name("south");
  lead.set_region_id(c.unit("south"));
  auto given = Assign(c, c.TryLead(lead)->id(), "");
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->owner_id(), c.person("eva"));
}

TEST(Lead, FirstContactIsOverdueOnceAndNotAfterAContact) {
  Company c;
  const v1::Lead late = c.Lead("late", "ann"), met = c.Lead("met", "ann");
  v1::LogInteractionRequest request;
  request.mutable_interaction()->set_subject_id(met.id());
  request.mutable_interaction()->set_kind(v1::INTERACTION_KIND_CALL);
  c.Must<v1::Interaction>("spm.leads.v1.InteractionService/LogInteraction", request, "ann");
  EXPECT_EQ(c.GetLead(met.id()).status(), v1::LEAD_STATUS_CONTACTED);
  c.services().Advance(24 * kHourUs);
  EXPECT_TRUE(c.Events("", "LeadFirstContactOverdue").empty());
  c.services().Advance(kSecondUs);
  c.services().Advance(30 * kDayUs);
  const auto overdue = c.Events("", "LeadFirstContactOverdue");
  ASSERT_EQ(overdue.size(), 1U);
  EXPECT_EQ(overdue[0].aggregate_id(), late.id());
  EXPECT_EQ(overdue[0].occurred_us(), ToUs(late.create_time()) + 24 * kHourUs + 1);
}

TEST(ConvertLead, MakesAllFourOrNothing) {
  Company c;
  v1::Lead given;
  given.set_name("Converted Ltd");
  given.set_contact_name("Jo");
  given.set_phone("+14155550100");
  given.set_source("show");
  given.set_owner_id(c.person("ann"));
  given.set_product_id(c.product());
  const v1::Lead lead = *c.TryLead(given);
  v1::ConvertLeadRequest request;
  request.set_lead_id(lead.id());
  request.set_pipeline("none");
  const size_t before = c.Events("", "").size();
  EXPECT_EQ(c.Do<v1::ConvertLeadResponse>(std::string(kLeads) + "ConvertLead", request, "ann")
                .status()
                .code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(c.Events("", "").size(), before);
  request.clear_pipeline();
  auto out = c.Must<v1::ConvertLeadResponse>(std::string(kLeads) + "ConvertLead", request, "ann");
  EXPECT_EQ(out.lead().status(), v1::LEAD_STATUS_CONVERTED);
  EXPECT_EQ(out.customer().phone(), "+14155550100");
  EXPECT_EQ(out.contact().name(), "Jo");
  EXPECT_EQ(out.opportunity().customer_id(), out.customer().id());
  EXPECT_EQ(out.opportunity().lead_id(), lead.id());
  EXPECT_EQ(out.opportunity().source(), "show");
  EXPECT_EQ(*ToMinor(out.opportunity().value(), {"USD", 2}, ""), 100'000);
  v1::HoldingChanged holding;
  ASSERT_TRUE(holding.ParseFromString(c.Events("", "HoldingChanged").back().payload()));
  EXPECT_EQ(holding.open_leads(), 0);
  EXPECT_EQ(
      Reason(c.Do<v1::ConvertLeadResponse>(std::string(kLeads) + "ConvertLead", request, "ann")
                 .status()),
      "LEAD_CLOSED");
}

TEST(BatchCreateLeads, ABadRowRefusesItselfAloneOrAllByTheFlag) {
  Company c;
  v1::BatchCreateLeadsRequest request;
  for (int i = 0; i < 5; ++i) request.add_leads()->set_name("row");
  request.mutable_leads(2)->set_intent(500);
  request.mutable_leads(3)->set_phone("+4930111");
  request.mutable_leads(4)->set_phone("+49 30 111");
  auto some =
      c.Must<v1::BatchCreateLeadsResponse>(std::string(kLeads) + "BatchCreateLeads", request);
  std::vector<int> outcomes;
  for (const auto& result : some.results()) outcomes.push_back(result.outcome());
  using R = base::v1::RowResult;
  EXPECT_EQ(outcomes, (std::vector<int>{R::OUTCOME_CREATED, R::OUTCOME_CREATED, R::OUTCOME_REFUSED,
                                        R::OUTCOME_CREATED, R::OUTCOME_REFUSED}));
  EXPECT_EQ(some.results(4).error().code(), static_cast<int>(StatusCode::kAlreadyExists));
  request.clear_leads();
  request.add_leads()->set_name("a");
  request.add_leads()->set_name("");
  request.set_all_or_nothing(true);
  const size_t before = c.Events("", "").size();
  const Status all =
      c.Do<v1::BatchCreateLeadsResponse>(std::string(kLeads) + "BatchCreateLeads", request)
          .status();
  EXPECT_EQ(all.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(all.message()).find("leads[1]"), std::string::npos);
  EXPECT_EQ(c.Events("", "").size(), before);
}

// G11
TEST(Lead, OutOfScopeReadsLikeMissing) {
  Company c;
  const v1::Lead lead = c.Lead("of eva", "eva");
  v1::GetLeadRequest get;
  get.set_lead_id(lead.id());
  const Status hidden = c.Do<v1::Lead>(std::string(kLeads) + "GetLead", get, "ann").status();
  EXPECT_EQ(hidden.code(), StatusCode::kNotFound);
  EXPECT_TRUE(c.Do<v1::Lead>(std::string(kLeads) + "GetLead", get, "eva").ok());
  // A lead of nobody is for those who lead somebody.
  get.set_lead_id(c.Lead("of nobody").id());
  EXPECT_FALSE(c.Do<v1::Lead>(std::string(kLeads) + "GetLead", get, "ann").ok());
  EXPECT_TRUE(c.Do<v1::Lead>(std::string(kLeads) + "GetLead", get, "mona").ok());
  v1::Lead given;
  given.set_name("for eva");
  given.set_owner_id(c.person("eva"));
  EXPECT_EQ(c.TryLead(given, "ann").status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace spm::leads
