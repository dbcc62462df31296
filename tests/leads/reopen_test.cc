// Taking a disqualified lead up again.
#include "tests/leads/company.h"

namespace spm::leads {
namespace {

constexpr char kApi[] = "spm.leads.v1.LeadService/";
constexpr char kOverdue[] = "spm.leads.v1.LeadFirstContactOverdue";

StatusOr<v1::Lead> Reopen(Company& company, const std::string& id) {
  v1::ReopenLeadRequest request;
  request.set_lead_id(id);
  return company.Do<v1::Lead>(std::string(kApi) + "ReopenLead", request);
}

void Disqualify(Company& company, const std::string& id) {
  v1::DisqualifyLeadRequest request;
  request.set_lead_id(id);
  request.set_reason("no budget");
  company.Must<v1::Lead>(std::string(kApi) + "DisqualifyLead", request);
}

TEST(ReopenLead, OnlyADisqualifiedOneAndBackToItsOwner) {
  Company company;
  const std::string id = company.Lead("Acme", "ann").id();
  EXPECT_EQ(Reason(Reopen(company, id).status()), "NOT_DISQUALIFIED");
  Disqualify(company, id);
  auto lead = Reopen(company, id);
  ASSERT_TRUE(lead.ok()) << lead.status();
  EXPECT_EQ(lead->status(), v1::LEAD_STATUS_NEW);
  EXPECT_EQ(lead->owner_id(), company.person("ann"));
  EXPECT_EQ(lead->disqualify_reason(), "");
}

TEST(ReopenLead, TheTimeToTheFirstContactBeginsAgain) {
  Company company;
  const std::string id = company.Lead("Acme", "ann").id();
  Disqualify(company, id);
  company.services().Advance(30 * kDayUs);
  EXPECT_TRUE(company.services().Journal("leads", kOverdue).empty());
  ASSERT_TRUE(Reopen(company, id).ok());
  company.services().Advance(30 * kDayUs);
  EXPECT_EQ(company.services().Journal("leads", kOverdue).size(), 1U);
}

// L5: the cap holds here too.
TEST(ReopenLead, TheOwnerMustHaveRoom) {
  Company company;
  company.Person("cap", base::v1::ROLE_REP, "north", false, 1);
  company.services().WaitIdle();
  const std::string id = company.Lead("Acme", "cap").id();
  Disqualify(company, id);
  company.Lead("Other", "cap");
  EXPECT_EQ(Reason(Reopen(company, id).status()), "OVER_CAPACITY");
}

// L5: nobody who has left receives it back.
TEST(ReopenLead, TheOwnerMustBeHere) {
  Company company;
  const std::string id = company.Lead("Acme", "ann").id();
  Disqualify(company, id);
  org::v1::UpdatePersonRequest left;
  left.set_person_id(company.person("ann"));
  left.mutable_person()->set_inactive(true);
  left.mutable_update_mask()->add_paths("inactive");
  company.Must<org::v1::Person>("spm.org.v1.OrgService/UpdatePerson", left);
  company.services().WaitIdle();
  EXPECT_EQ(Reason(Reopen(company, id).status()), "OWNER_INACTIVE");
}

}  // namespace
}  // namespace spm::leads
