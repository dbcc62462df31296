// Somebody leaves: leads says what is left to hand over.
#include "tests/leads/company.h"

namespace spm::leads {
namespace {

void Leave(Company& company, const std::string& name) {
  org::v1::UpdatePersonRequest request;
  request.set_person_id(company.person(name));
  request.mutable_person()->set_inactive(true);
  request.mutable_update_mask()->add_paths("inactive");
  company.Must<org::v1::Person>("spm.org.v1.OrgService/UpdatePerson", request);
  company.services().WaitIdle();
}

TEST(HandoverNeeded, IsToldForALeaverWithOpenLeadsAlone) {
  Company company;
  company.Lead("Acme", "ann");
  company.Lead("Bolt", "ann");
  Leave(company, "ann");
  Leave(company, "bob");
  auto events = company.services().Journal("leads", "spm.leads.v1.HandoverNeeded");
  ASSERT_EQ(events.size(), 1U);
  v1::HandoverNeeded needed;
  ASSERT_TRUE(needed.ParseFromString(events[0].payload()));
  EXPECT_EQ(needed.rep_id(), company.person("ann"));
  EXPECT_EQ(needed.open_leads(), 2);
}

}  // namespace
}  // namespace spm::leads
