#include "services/leads/convert_rpc.h"

#include "services/leads/assign_rpc.h"
#include "services/leads/contact_rpc.h"
#include "services/leads/customer_rpc.h"
#include "services/leads/customer_store.h"
#include "services/leads/deal_rpc.h"
#include "services/leads/lead_rpc.h"
#include "services/leads/lead_store.h"
#include "services/leads/refs_rpc.h"

namespace spm::leads {
namespace {

// Who goes on with it: the lead's owner, else whoever converts it.
std::string OwnerOf(const v1::Lead& lead, const Call& call) {
  return lead.owner_id().empty() && call.caller.person ? call.caller.id : lead.owner_id();
}

v1::Customer CustomerOf(const v1::Lead& lead, const Call& call) {
  v1::Customer customer;
  customer.set_name(lead.name());
  customer.set_owner_id(OwnerOf(lead, call));
  customer.set_phone(lead.phone());
  customer.set_sector(lead.sector());
  customer.set_source(lead.source());
  return customer;
}

StatusOr<v1::Opportunity> DealOf(Tx& tx, const v1::ConvertLeadRequest& request, const Call& call,
                                 const v1::Lead& lead) {
  v1::Opportunity deal;
  deal.set_name(lead.name());
  deal.set_owner_id(OwnerOf(lead, call));
  deal.set_source(lead.source());
  deal.set_lead_id(lead.id());
  deal.set_pipeline(request.pipeline().empty() ? kDefaultPipeline : request.pipeline());
  RETURN_IF_ERROR(PipelineOf(call, deal.pipeline(), "pipeline").status());
  deal.set_quantity(request.quantity());
  if (request.has_amount()) {
    *deal.mutable_amount() = request.amount();
    RETURN_IF_ERROR(CheckMoney(call, "amount", deal.mutable_amount()));
  }
  if (!lead.product_id().empty()) {
    ASSIGN_OR_RETURN(auto products, FindProducts(tx, {lead.product_id()}));
    if (!products.empty()) SetProduct(call, products.begin()->second, &deal);
  }
  RETURN_IF_ERROR(Revalue(call, "", &deal));
  return deal;
}

v1::Contact ContactOf(const v1::Lead& lead, const v1::Customer& customer) {
  v1::Contact contact;
  contact.set_customer_id(customer.id());
  contact.set_owner_id(customer.owner_id());
  contact.set_name(lead.contact_name());
  contact.set_phone(lead.phone());
  contact.set_email(lead.email());
  return contact;
}

}  // namespace

StatusOr<v1::ConvertLeadResponse> ConvertLead(Tx& tx, const v1::ConvertLeadRequest& request,
                                              const Call& call) {
  ASSIGN_OR_RETURN(v1::Lead lead, Leads().Get(tx, request.lead_id(), call.scope.Reading()));
  RETURN_IF_ERROR(CheckEtag(request, lead));
  if (!IsOpen(lead))
    return Precondition("LEAD_CLOSED", "the lead is converted or disqualified already");
  ASSIGN_OR_RETURN(v1::Opportunity deal, DealOf(tx, request, call, lead));
  v1::Customer customer = CustomerOf(lead, call);
  if (!request.customer_id().empty()) {
    ASSIGN_OR_RETURN(std::string id, CustomerRef(tx, call, request.customer_id(), "customer_id"));
    ASSIGN_OR_RETURN(customer, Customers().Get(tx, id, call.scope.Reading()));
  } else {
    RETURN_IF_ERROR(CheckCustomerPhone(tx, call, lead.phone(), "", "customer_id"));
  }
  RETURN_IF_ERROR(LoadHoldings(tx, {lead.owner_id()}));

  RETURN_IF_ERROR(LetGo(tx, lead));
  if (request.customer_id().empty()) SaveNewCustomer(tx, call, &customer);
  v1::ConvertLeadResponse response;
  if (!lead.contact_name().empty()) {
    *response.mutable_contact() = ContactOf(lead, customer);
    SaveNewContact(tx, call, response.mutable_contact());
  }
  deal.set_customer_id(customer.id());
  deal.set_id(call.NewId());
  RETURN_IF_ERROR(OpenDeal(tx, call, call.now_us, &deal));
  lead.set_status(v1::LEAD_STATUS_CONVERTED);
  lead.set_customer_id(customer.id());
  lead.set_opportunity_id(deal.id());
  v1::LeadConverted converted;
  *converted.mutable_lead() = StateOf(lead, call);
  converted.set_opportunity_id(deal.id());
  Leads().Save(tx, &lead, converted);
  *response.mutable_lead() = std::move(lead);
  *response.mutable_customer() = std::move(customer);
  *response.mutable_opportunity() = std::move(deal);
  return response;
}

}  // namespace spm::leads
