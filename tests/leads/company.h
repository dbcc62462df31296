// A small company in the test's process: org, orders and leads, two regions, a rep or two in each,
// one product. One thread.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "services/leads/service.h"
#include "services/orders/service.h"
#include "services/org/service.h"
#include "spm/leads/v1/customer.pb.h"
#include "spm/leads/v1/events.pb.h"
#include "spm/leads/v1/interaction.pb.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "spm/org/v1/org.pb.h"
#include "tests/support/service_fixture.h"

namespace spm::leads {

class Company {
 public:
  Company() : services_(Specs()) {
    unit_["north"] = Unit("north");
    unit_["south"] = Unit("south");
    person_["mona"] = Person("mona", base::v1::ROLE_MANAGER, "north", true);
    person_["ann"] = Person("ann", base::v1::ROLE_REP, "north");
    person_["bob"] = Person("bob", base::v1::ROLE_REP, "north");
    person_["eva"] = Person("eva", base::v1::ROLE_REP, "south");
    product_ = Product("Pump", 100'000);
    services_.WaitIdle();
  }

  testing::Services& services() { return services_; }
  const std::string& person(const std::string& name) const { return person_.at(name); }
  const std::string& unit(const std::string& name) const { return unit_.at(name); }
  const std::string& product() const { return product_; }
  int64_t now_us() { return services_.clock().NowUs(); }

  // Any RPC: Do<Reply>("spm.leads.v1.LeadService/GetLead", request, "ann").
  template <typename R, typename Q>
  StatusOr<R> Do(const std::string& method, const Q& request, const std::string& as = "") {
    return services_.Call<R>(method, request, as.empty() ? as : person(as));
  }
  template <typename R, typename Q>
  R Must(const std::string& method, const Q& request, const std::string& as = "") {
    auto reply = Do<R>(method, request, as);
    EXPECT_TRUE(reply.ok()) << method << ": " << reply.status();
    return reply.ok() ? *reply : R();
  }

  std::string Person(const std::string& name, base::v1::Role role, const std::string& unit,
                     bool leads = false, int32_t capacity = 0, bool inactive = false) {
    org::v1::CreatePersonRequest request;
    auto* person = request.mutable_person();
    person->set_name(name);
    person->add_roles(role);
    person->set_capacity(capacity);
    person->set_inactive(inactive);
    auto* membership = person->add_memberships();
    membership->set_unit_id(unit_[unit]);
    membership->set_leads(leads);
    auto* key = person->add_external_ids();
    key->set_source("hr");
    key->set_id(name);
    return person_[name] =
               Must<org::v1::Person>("spm.org.v1.OrgService/CreatePerson", request).id();
  }
  std::string Product(const std::string& name, int64_t price_minor) {
    orders::v1::CreateProductRequest request;
    request.mutable_product()->set_name(name);
    *request.mutable_product()->mutable_list_price() = Usd(price_minor);
    return Must<orders::v1::Product>("spm.orders.v1.ProductService/CreateProduct", request).id();
  }
  static google::type::Money Usd(int64_t minor) { return ToMoney(minor, Currency{"USD", 2}); }

  StatusOr<v1::Lead> TryLead(const v1::Lead& lead, const std::string& as = "") {
    v1::CreateLeadRequest request;
    *request.mutable_lead() = lead;
    return Do<v1::Lead>("spm.leads.v1.LeadService/CreateLead", request, as);
  }
  v1::Lead Lead(const std::string& name, const std::string& owner = "",
                const std::string& as = "") {
    v1::Lead lead;
    lead.set_name(name);
    if (!owner.empty()) lead.set_owner_id(person(owner));
    auto made = TryLead(lead, as);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::Lead();
  }
  v1::Customer Customer(const std::string& name, const std::string& owner = "",
                        const std::string& phone = "") {
    v1::CreateCustomerRequest request;
    request.mutable_customer()->set_name(name);
    request.mutable_customer()->set_phone(phone);
    if (!owner.empty()) request.mutable_customer()->set_owner_id(person(owner));
    return Must<v1::Customer>("spm.leads.v1.CustomerService/CreateCustomer", request);
  }
  v1::Opportunity Deal(const std::string& owner = "", const std::string& customer_id = "") {
    v1::CreateOpportunityRequest request;
    auto* deal = request.mutable_opportunity();
    deal->set_name("deal");
    deal->set_product_id(product_);
    deal->set_customer_id(customer_id);
    if (!owner.empty()) deal->set_owner_id(person(owner));
    return Must<v1::Opportunity>("spm.leads.v1.OpportunityService/CreateOpportunity", request);
  }
  StatusOr<v1::Opportunity> Advance(const std::string& id, const std::string& stage,
                                    const std::string& reason = "", const std::string& as = "") {
    v1::AdvanceStageRequest request;
    request.set_opportunity_id(id);
    request.set_to_stage(stage);
    request.set_override_reason(reason);
    return Do<v1::Opportunity>("spm.leads.v1.OpportunityService/AdvanceStage", request, as);
  }
  v1::Opportunity GetDeal(const std::string& id) {
    v1::GetOpportunityRequest request;
    request.set_opportunity_id(id);
    return Must<v1::Opportunity>("spm.leads.v1.OpportunityService/GetOpportunity", request);
  }
  v1::Lead GetLead(const std::string& id) {
    v1::GetLeadRequest request;
    request.set_lead_id(id);
    return Must<v1::Lead>("spm.leads.v1.LeadService/GetLead", request);
  }

  // Events of an aggregate, or of a type, without the package.
  std::vector<base::v1::Event> Events(const std::string& aggregate_id, const std::string& type) {
    std::vector<base::v1::Event> found;
    for (auto& event : services_.Journal("leads", type.empty() ? "" : "spm.leads.v1." + type))
      if (aggregate_id.empty() || event.aggregate_id() == aggregate_id) found.push_back(event);
    return found;
  }

 private:
  static std::vector<ServiceSpec> Specs() {
    org::v1::CompanyPolicy company;
    company.set_currency("USD");
    company.set_zone("UTC");
    company.set_language("en");
    std::vector<ServiceSpec> specs;
    specs.push_back(org::OrgService(company));
    specs.push_back(orders::OrdersService());
    specs.push_back(LeadsService());
    return specs;
  }
  std::string Unit(const std::string& name) {
    org::v1::CreateUnitRequest request;
    request.mutable_unit()->set_name(name);
    request.mutable_unit()->set_kind(org::v1::UNIT_KIND_REGION);
    return Must<org::v1::Unit>("spm.org.v1.OrgService/CreateUnit", request).id();
  }

  testing::Services services_;
  std::map<std::string, std::string> unit_, person_;
  std::string product_;
};

}  // namespace spm::leads
