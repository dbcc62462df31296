#include "services/leads/service.h"

#include "services/leads/assign_rpc.h"
#include "services/leads/contact_rpc.h"
#include "services/leads/convert_rpc.h"
#include "services/leads/customer_rpc.h"
#include "services/leads/customer_store.h"
#include "services/leads/deal_import_rpc.h"
#include "services/leads/handover_rpc.h"
#include "services/leads/import_rpc.h"
#include "services/leads/interaction_rpc.h"
#include "services/leads/interaction_store.h"
#include "services/leads/jobs.h"
#include "services/leads/lead_rpc.h"
#include "services/leads/lead_store.h"
#include "services/leads/on_due.h"
#include "services/leads/on_orders.h"
#include "services/leads/on_org.h"
#include "services/leads/opportunity_rpc.h"
#include "services/leads/opportunity_store.h"
#include "services/leads/policy_rpc.h"
#include "services/leads/product_store.h"
#include "services/leads/rules/defaults.h"
#include "services/leads/rules/phone.h"
#include "services/leads/rules/policy_check.h"
#include "services/leads/stage_rpc.h"
#include "services/leads/timeline_rpc.h"

namespace spm::leads {
namespace {

// The key that a command will most likely ask for; where the company's country is another one the
// handler asks for it itself.
std::string LikelyPhone(const std::string& phone) { return NormalPhone(phone, "86").value_or(""); }

StatusOr<bool> HasMoney(Snapshot& snapshot) {
  ASSIGN_OR_RETURN(const bool deals, AnyDealMoney(snapshot));
  ASSIGN_OR_RETURN(const bool leads, AnyLeadMoney(snapshot));
  ASSIGN_OR_RETURN(const bool products, AnyProductMoney(snapshot));
  return deals || leads || products;
}

void AddCustomers(ServiceSpec& s) {
  const auto phone = [](const v1::CreateCustomerRequest& r) {
    return LikelyPhone(r.customer().phone());
  };
  s.Command("CustomerService/CreateCustomer", CreateCustomer,
            Unique<v1::CreateCustomerRequest>(Customers(), "phone", phone));
  s.Query("CustomerService/GetCustomer", GetCustomer);
  s.Query("CustomerService/ListCustomers", ListCustomers);
  s.Command("CustomerService/UpdateCustomer", UpdateCustomer,
            Loads(Customers(), &v1::UpdateCustomerRequest::customer_id));
  s.Command("CustomerService/DeleteCustomer", DeleteCustomer,
            Loads(Customers(), &v1::DeleteCustomerRequest::customer_id));
  s.Command("CustomerService/TagCustomer", TagCustomer,
            Loads(Customers(), &v1::TagCustomerRequest::customer_id));
  s.Command("CustomerService/AssignCustomer", AssignCustomer,
            Loads(Customers(), &v1::AssignCustomerRequest::customer_id));
  s.Command("CustomerService/BatchImportCustomers", BatchImportCustomers);

  s.Command("CustomerService/CreateContact", CreateContact);
  s.Query("CustomerService/GetContact", GetContact);
  s.Query("CustomerService/ListContacts", ListContacts);
  s.Command("CustomerService/UpdateContact", UpdateContact,
            Loads(Contacts(), &v1::UpdateContactRequest::contact_id));
  s.Command("CustomerService/DeleteContact", DeleteContact,
            Loads(Contacts(), &v1::DeleteContactRequest::contact_id));
  s.Command("CustomerService/BatchImportContacts", BatchImportContacts);
}

void AddLeads(ServiceSpec& s) {
  const auto phone = [](const v1::CreateLeadRequest& r) { return LikelyPhone(r.lead().phone()); };
  s.Command("LeadService/CreateLead", CreateLead,
            Unique<v1::CreateLeadRequest>(Leads(), "open_phone", phone),
            Unique<v1::CreateLeadRequest>(Customers(), "phone", phone));
  s.Command("LeadService/BatchCreateLeads", BatchCreateLeads);
  s.Query("LeadService/GetLead", GetLead);
  s.Query("LeadService/ListLeads", ListLeads);
  s.Command("LeadService/UpdateLead", UpdateLead, Loads(Leads(), &v1::UpdateLeadRequest::lead_id));
  s.Command("LeadService/DeleteLead", DeleteLead, Loads(Leads(), &v1::DeleteLeadRequest::lead_id));
  s.Command("LeadService/AssignLead", AssignLead, Loads(Leads(), &v1::AssignLeadRequest::lead_id));
  s.Command("LeadService/DisqualifyLead", DisqualifyLead,
            Loads(Leads(), &v1::DisqualifyLeadRequest::lead_id));
  s.Command("LeadService/ReopenLead", ReopenLead, Loads(Leads(), &v1::ReopenLeadRequest::lead_id));
  s.Command("LeadService/ConvertLead", ConvertLead,
            Loads(Leads(), &v1::ConvertLeadRequest::lead_id),
            Loads(Customers(), &v1::ConvertLeadRequest::customer_id));
  s.Command("LeadService/BatchImportLeads", BatchImportLeads);
}

void AddOpportunities(ServiceSpec& s) {
  s.Command("OpportunityService/CreateOpportunity", CreateOpportunity);
  s.Query("OpportunityService/GetOpportunity", GetOpportunity);
  s.Query("OpportunityService/ListOpportunities", ListOpportunities);
  s.Query("OpportunityService/ListStalledOpportunities", ListStalledOpportunities);
  s.Command("OpportunityService/UpdateOpportunity", UpdateOpportunity,
            Loads(Opportunities(), &v1::UpdateOpportunityRequest::opportunity_id));
  s.Command("OpportunityService/DeleteOpportunity", DeleteOpportunity,
            Loads(Opportunities(), &v1::DeleteOpportunityRequest::opportunity_id));
  s.Command("OpportunityService/AdvanceStage", AdvanceStage,
            Loads(Opportunities(), &v1::AdvanceStageRequest::opportunity_id));
  s.Command("OpportunityService/CompleteChecklistItem", CompleteChecklistItem,
            Loads(Opportunities(), &v1::CompleteChecklistItemRequest::opportunity_id));
  s.Command("OpportunityService/AssignOpportunity", AssignOpportunity,
            Loads(Opportunities(), &v1::AssignOpportunityRequest::opportunity_id));
  s.Command("OpportunityService/BatchImportOpportunities", BatchImportOpportunities);
}

void AddInteractions(ServiceSpec& s) {
  s.Command("InteractionService/LogInteraction", LogInteraction);
  s.Query("InteractionService/ListTimeline", ListTimeline);
  s.Command("InteractionService/CreateHandover", CreateHandover);
  s.Query("InteractionService/GetHandover", GetHandover);
}

}  // namespace

ServiceSpec LeadsService() {
  ServiceSpec s;
  s.name = "leads";
  s.schema = EmbeddedSchema("services/leads/schema");
  s.has_money = HasMoney;

  AddCustomers(s);
  AddLeads(s);
  AddOpportunities(s);
  AddInteractions(s);

  s.On<org::v1::PersonUpdated>("org", OnPersonUpdated);
  s.On<orders::v1::ProductCreated>("orders", OnProductCreated);
  s.On<orders::v1::ProductUpdated>("orders", OnProductUpdated);
  s.On<orders::v1::ProductDeleted>("orders", OnProductDeleted);

  s.Timer("stall", OnStallDue);
  s.Timer("close", OnCloseDue);
  s.Timer("contact", OnContactDue);
  s.Job("handover", kSecondUs, WorkHandovers);
  s.Job("policies", kSecondUs, ReapplyPolicies);

  s.check_policy = CheckPolicyBody;
  s.guard_policy = GuardPolicy;
  s.preview_policy = PreviewPolicy;
  s.Policy("grade", DefaultGrade());
  s.Policy("assignment", DefaultAssignment());
  s.Policy("contact", DefaultContact());
  s.Policy("close", DefaultClose());
  s.Policy("pipeline:default", DefaultPipeline());
  s.Policy("pipeline:s4", SixStepPipeline());
  return s;
}

}  // namespace spm::leads
