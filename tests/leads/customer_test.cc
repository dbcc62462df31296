// Customers, contacts, interactions, timelines and handovers through their commands.
#include <gtest/gtest.h>

#include <set>

#include "tests/leads/company.h"

namespace spm::leads {
namespace {

constexpr char kCustomers[] = "spm.leads.v1.CustomerService/";
constexpr char kInteractions[] = "spm.leads.v1.InteractionService/";

std::set<std::string> CustomersWith(Company& c, const std::string& tag) {
  v1::ListCustomersRequest request;
  request.set_tag(tag);
  const auto page =
      c.Must<v1::ListCustomersResponse>(std::string(kCustomers) + "ListCustomers", request);
  std::set<std::string> names;
  for (const auto& customer : page.customers()) names.insert(customer.name());
  return names;
}

// L14
TEST(Customer, ATagFiltersExactly) {
  Company c;
  const v1::Customer one = c.Customer("one"), two = c.Customer("two"), three = c.Customer("three");
  auto tag = [&](const std::string& id, const std::string& add, const std::string& remove) {
    v1::TagCustomerRequest request;
    request.set_customer_id(id);
    if (!add.empty()) request.add_add(add);
    if (!remove.empty()) request.add_remove(remove);
    return c.Must<v1::Customer>(std::string(kCustomers) + "TagCustomer", request);
  };
  tag(one.id(), "vip", "");
  tag(two.id(), "vip", "");
  tag(three.id(), "vi", "");
  EXPECT_EQ(CustomersWith(c, "vip"), (std::set<std::string>{"one", "two"}));
  tag(two.id(), "", "vip");
  EXPECT_EQ(CustomersWith(c, "vip"), (std::set<std::string>{"one"}));
  const size_t before = c.Events("", "").size();
  tag(one.id(), "vip", "");
  EXPECT_EQ(c.Events("", "").size(), before);
}

// L11
TEST(Customer, ADeletedOneFreesItsPhone) {
  Company c;
  const v1::Customer first = c.Customer("one", "ann", "+86 139-1234-5678");
  v1::CreateCustomerRequest again;
  again.mutable_customer()->set_name("two");
  again.mutable_customer()->set_phone("0086 139 1234 5678");
  const std::string create = std::string(kCustomers) + "CreateCustomer";
  EXPECT_EQ(c.Do<v1::Customer>(create, again).status().code(), StatusCode::kAlreadyExists);
  v1::DeleteCustomerRequest gone;
  gone.set_customer_id(first.id());
  c.Must<v1::Customer>(std::string(kCustomers) + "DeleteCustomer", gone);
  EXPECT_TRUE(c.Do<v1::Customer>(create, again).ok());
  v1::GetCustomerRequest get;
  get.set_customer_id(first.id());
  EXPECT_TRUE(c.Must<v1::Customer>(std::string(kCustomers) + "GetCustomer", get).deleted());
}

TEST(Customer, ReadableWithoutOwnerOrWithADealInScope) {
  Company c;
  const v1::Customer free = c.Customer("free"), other = c.Customer("of eva", "eva");
  auto sees = [&](const std::string& id, const std::string& as) {
    v1::GetCustomerRequest get;
    get.set_customer_id(id);
    return c.Do<v1::Customer>(std::string(kCustomers) + "GetCustomer", get, as).ok();
  };
  EXPECT_TRUE(sees(free.id(), "ann"));
  EXPECT_FALSE(sees(other.id(), "ann"));
  c.Deal("ann", other.id());
  EXPECT_TRUE(sees(other.id(), "ann"));
  EXPECT_TRUE(sees(other.id(), "mona"));
  EXPECT_FALSE(sees(other.id(), "bob"));
  // To read is not to change.
  v1::UpdateCustomerRequest update;
  update.set_customer_id(other.id());
  update.mutable_customer()->set_name("mine");
  update.mutable_update_mask()->add_paths("name");
  EXPECT_EQ(
      c.Do<v1::Customer>(std::string(kCustomers) + "UpdateCustomer", update, "ann").status().code(),
      StatusCode::kNotFound);
}

TEST(Contact, FollowsTheOwnerOfItsCustomer) {
  Company c;
  v1::CreateContactRequest request;
  request.mutable_contact()->set_customer_id(c.Customer("one", "ann").id());
  request.mutable_contact()->set_name("Jo");
  auto contact = c.Must<v1::Contact>(std::string(kCustomers) + "CreateContact", request, "ann");
  v1::GetContactRequest get;
  get.set_contact_id(contact.id());
  const std::string method = std::string(kCustomers) + "GetContact";
  EXPECT_TRUE(c.Do<v1::Contact>(method, get, "ann").ok());
  EXPECT_FALSE(c.Do<v1::Contact>(method, get, "eva").ok());
  v1::AssignCustomerRequest assign;
  assign.set_customer_id(contact.customer_id());
  assign.set_owner_id(c.person("eva"));
  c.Must<v1::Customer>(std::string(kCustomers) + "AssignCustomer", assign);
  EXPECT_FALSE(c.Do<v1::Contact>(method, get, "ann").ok());
  EXPECT_TRUE(c.Do<v1::Contact>(method, get, "eva").ok());
}

// L13
TEST(Timeline, IsByTimeOfTheEventAndOnlyOfWhatTheCallerSees) {
  Company c;
  const v1::Customer customer = c.Customer("one");
  const v1::Opportunity deal = c.Deal("ann", customer.id());
  for (int day : {9, 2, 5}) {
    v1::LogInteractionRequest request;
    request.mutable_interaction()->set_subject_id(deal.id());
    request.mutable_interaction()->set_kind(v1::INTERACTION_KIND_VISIT);
    request.mutable_interaction()->set_note(std::to_string(day));
    SetTime(DayOf({2009, 3, day}) * kDayUs, request.mutable_interaction()->mutable_occur_time());
    c.Must<v1::Interaction>(std::string(kInteractions) + "LogInteraction", request);
  }
  auto entries = [&](const std::string& as) {
    v1::ListTimelineRequest request;
    request.set_subject_id(customer.id());
    request.set_page_size(2);
    std::vector<v1::TimelineEntry> all;
    do {
      auto page = c.Must<v1::ListTimelineResponse>(std::string(kInteractions) + "ListTimeline",
                                                   request, as);
      all.insert(all.end(), page.entries().begin(), page.entries().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  };
  const auto all = entries("ann");
  ASSERT_EQ(all.size(), 5U);
  std::string notes;
  for (size_t i = 0; i < all.size(); ++i) {
    notes += all[i].interaction().note();
    if (i == 0) continue;
    EXPECT_LE(ToUs(all[i - 1].occur_time()), ToUs(all[i].occur_time()));
  }
  EXPECT_EQ(notes, "259");
  EXPECT_EQ(all[3].type(), "spm.leads.v1.CustomerCreated");
  EXPECT_EQ(all[4].type(), "spm.leads.v1.OpportunityCreated");
  // eva may read a customer of nobody, but not ann's deal with it.
  EXPECT_EQ(entries("eva").size(), 1U);
}

TEST(Handover, MovesEverythingOpenOfALeaver) {
  Company c;
  c.Person("leaver", base::v1::ROLE_REP, "north", false, 1000);
  c.Person("heir", base::v1::ROLE_REP, "north", false, 2);
  c.services().WaitIdle();
  for (int i = 0; i < 205; ++i) c.Customer("handed", "leaver");
  const v1::Opportunity open = c.Deal("leaver"), lost = c.Deal("leaver");
  ASSERT_TRUE(c.Advance(lost.id(), "lost").ok());
  std::vector<std::string> leads;
  for (int i = 0; i < 3; ++i) leads.push_back(c.Lead("handed", "leaver").id());
  v1::CreateHandoverRequest request;
  request.mutable_handover()->set_from_id(c.person("leaver"));
  request.mutable_handover()->set_to_id(c.person("heir"));
  const std::string create = std::string(kInteractions) + "CreateHandover";
  auto handover = c.Must<v1::Handover>(create, request, "mona");
  c.services().Advance(5 * kSecondUs);
  v1::GetHandoverRequest get;
  get.set_handover_id(handover.id());
  auto done = c.Must<v1::Handover>(std::string(kInteractions) + "GetHandover", get, "mona");
  EXPECT_EQ(done.state(), v1::HANDOVER_STATE_DONE);
  EXPECT_EQ(done.customers(), 205);
  EXPECT_EQ(done.leads(), 3);
  EXPECT_EQ(done.opportunities(), 1);
  EXPECT_EQ(c.GetDeal(open.id()).owner_id(), c.person("heir"));
  EXPECT_EQ(c.GetDeal(lost.id()).owner_id(), c.person("leaver"));
  // L5: the heir has room for two leads; the third is nobody's.
  std::map<std::string, int> owners;
  for (const std::string& id : leads) ++owners[c.GetLead(id).owner_id()];
  EXPECT_EQ(owners[c.person("heir")], 2);
  EXPECT_EQ(owners[""], 1);
  EXPECT_NE(c.Must<v1::Handover>(create, request, "mona").id(), handover.id());
}

TEST(Handover, RepeatingItWhileOneRunsGivesThat) {
  Company c;
  v1::CreateHandoverRequest request;
  request.mutable_handover()->set_from_id(c.person("ann"));
  request.mutable_handover()->set_to_id(c.person("bob"));
  const std::string create = std::string(kInteractions) + "CreateHandover";
  const std::string first = c.Must<v1::Handover>(create, request).id();
  EXPECT_EQ(c.Must<v1::Handover>(create, request).id(), first);
  request.mutable_handover()->set_to_id(c.person("eva"));
  EXPECT_EQ(Reason(c.Do<v1::Handover>(create, request).status()), "HANDOVER_RUNNING");
  EXPECT_FALSE(c.Do<v1::Handover>(create, request, "mona").ok());
}

}  // namespace
}  // namespace spm::leads
