#include "services/leads/customer_rpc.h"

#include "common/write/mask.h"
#include "services/leads/customer_store.h"
#include "services/leads/refs_rpc.h"
#include "services/leads/rules/tags.h"

namespace spm::leads {

v1::CustomerInfo InfoOf(const v1::Customer& customer) {
  v1::CustomerInfo info;
  info.set_name(customer.name());
  info.set_owner_id(customer.owner_id());
  info.set_sector(customer.sector());
  info.set_country(customer.country());
  info.set_source(customer.source());
  *info.mutable_tags() = customer.tags();
  info.set_deleted(customer.deleted());
  return info;
}

void SaveNewCustomer(Tx& tx, const Call& call, v1::Customer* customer) {
  customer->set_id(call.NewId());
  customer->set_version(0);
  v1::CustomerCreated created;
  *created.mutable_customer() = InfoOf(*customer);
  Customers().Save(tx, customer, created);
  SaveTags(tx, {}, *customer);
}

StatusOr<v1::Customer> CreateCustomer(Tx& tx, const v1::CreateCustomerRequest& request,
                                      const Call& call) {
  const v1::Customer& given = request.customer();
  v1::Customer customer;
  customer.set_name(given.name());
  customer.set_sector(given.sector());
  customer.set_country(given.country());
  customer.set_address(given.address());
  customer.set_source(given.source());
  if (!given.owner_id().empty()) {
    ASSIGN_OR_RETURN(*customer.mutable_owner_id(),
                     OwnerRef(call, given.owner_id(), "customer.owner_id"));
  } else if (call.caller.person && call.caller.Has(base::v1::ROLE_REP)) {
    customer.set_owner_id(call.caller.id);
  }
  ASSIGN_OR_RETURN(*customer.mutable_phone(), PhoneOf(call, given.phone(), "customer.phone"));
  RETURN_IF_ERROR(CheckCustomerPhone(tx, call, customer.phone(), "", "customer.phone"));
  SaveNewCustomer(tx, call, &customer);
  return customer;
}

StatusOr<v1::Customer> GetCustomer(Snapshot& snapshot, const v1::GetCustomerRequest& request,
                                   const Call& call) {
  return Customers().Get(snapshot, request.customer_id(), call.scope);
}

StatusOr<v1::ListCustomersResponse> ListCustomers(Snapshot& snapshot,
                                                  const v1::ListCustomersRequest& request,
                                                  const Call& call) {
  ListSpec spec{.where = {},
                .order = "new",
                .page_size = request.page_size(),
                .page_token = request.page_token()};
  if (!request.show_deleted()) spec.where.push_back({"live", {}});
  if (!request.owner_id().empty()) spec.where.push_back({"owner", request.owner_id()});
  if (!request.tag().empty()) spec.where.push_back({"tag", request.tag()});
  if (!request.sector().empty()) spec.where.push_back({"sector", request.sector()});
  if (!request.country().empty()) spec.where.push_back({"country", request.country()});
  if (!request.source().empty()) spec.where.push_back({"source", request.source()});
  ASSIGN_OR_RETURN(auto page, Customers().List(snapshot, call.scope, spec));
  v1::ListCustomersResponse response;
  for (auto& customer : page.rows) *response.add_customers() = std::move(customer);
  response.set_next_page_token(page.next_page_token);
  return response;
}

StatusOr<v1::Customer> UpdateCustomer(Tx& tx, const v1::UpdateCustomerRequest& request,
                                      const Call& call) {
  ASSIGN_OR_RETURN(const v1::Customer before,
                   Customers().Get(tx, request.customer_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, before));
  v1::Customer customer = before;
  RETURN_IF_ERROR(ApplyMask(request.update_mask(),
                            {"name", "phone", "sector", "country", "address", "source"},
                            request.customer(), &customer));
  if (customer.phone() != before.phone()) {
    ASSIGN_OR_RETURN(*customer.mutable_phone(), PhoneOf(call, customer.phone(), "customer.phone"));
    RETURN_IF_ERROR(
        CheckCustomerPhone(tx, call, customer.phone(), customer.id(), "customer.phone"));
  }
  if (customer.SerializeAsString() == before.SerializeAsString()) return customer;
  v1::CustomerUpdated updated;
  *updated.mutable_customer() = InfoOf(customer);
  Customers().Save(tx, &customer, updated);
  return customer;
}

StatusOr<v1::Customer> DeleteCustomer(Tx& tx, const v1::DeleteCustomerRequest& request,
                                      const Call& call) {
  ASSIGN_OR_RETURN(v1::Customer customer, Customers().Get(tx, request.customer_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, customer));
  customer.set_deleted(true);
  v1::CustomerDeleted deleted;
  *deleted.mutable_customer() = InfoOf(customer);
  Customers().Save(tx, &customer, deleted);
  return customer;
}

StatusOr<v1::Customer> TagCustomer(Tx& tx, const v1::TagCustomerRequest& request,
                                   const Call& call) {
  ASSIGN_OR_RETURN(v1::Customer customer, Customers().Get(tx, request.customer_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, customer));
  const std::vector<std::string> before(customer.tags().begin(), customer.tags().end());
  ASSIGN_OR_RETURN(auto tags,
                   ChangeTags(before, {request.add().begin(), request.add().end()},
                              {request.remove().begin(), request.remove().end()}, "add"));
  if (tags == before) return customer;
  customer.mutable_tags()->Assign(tags.begin(), tags.end());
  v1::CustomerTagged tagged;
  *tagged.mutable_customer() = InfoOf(customer);
  Customers().Save(tx, &customer, tagged);
  SaveTags(tx, before, customer);
  return customer;
}

Status GiveCustomer(Tx& tx, const std::string& owner_id, const std::vector<std::string>& contacts,
                    v1::Customer* customer) {
  v1::CustomerAssigned assigned;
  assigned.set_before_owner_id(customer->owner_id());
  customer->set_owner_id(owner_id);
  *assigned.mutable_customer() = InfoOf(*customer);
  Customers().Save(tx, customer, assigned);
  for (const std::string& id : contacts) {
    ASSIGN_OR_RETURN(auto contact, Contacts().Find(tx, id, Scope::Service()));
    if (!contact || contact->customer_id() != customer->id()) continue;
    contact->set_owner_id(owner_id);
    v1::ContactUpdated updated;
    updated.set_customer_id(customer->id());
    Contacts().Save(tx, &*contact, updated);
  }
  return OkStatus();
}

StatusOr<v1::Customer> AssignCustomer(Tx& tx, const v1::AssignCustomerRequest& request,
                                      const Call& call) {
  // A customer of nobody may be given to somebody by whoever may read it.
  ASSIGN_OR_RETURN(v1::Customer customer,
                   Customers().Get(tx, request.customer_id(), call.scope.Reading()));
  if (!customer.owner_id().empty() && !call.scope.Sees(customer.owner_id()))
    return NotFound("customer", request.customer_id());
  RETURN_IF_ERROR(CheckEtag(request, customer));
  ASSIGN_OR_RETURN(std::string owner, OwnerRef(call, request.owner_id(), "owner_id"));
  if (owner == customer.owner_id()) return customer;
  ASSIGN_OR_RETURN(auto contacts, ContactIdsOf(tx, {customer.id()}));
  RETURN_IF_ERROR(Contacts().Prefetch(tx, contacts));
  RETURN_IF_ERROR(GiveCustomer(tx, owner, contacts, &customer));
  return customer;
}

}  // namespace spm::leads
