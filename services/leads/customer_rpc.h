// Commands and queries of customers (L11, L14). Handlers: load, decide, save.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/leads/v1/customer.pb.h"
#include "spm/leads/v1/events.pb.h"

namespace spm::leads {

StatusOr<v1::Customer> CreateCustomer(Tx& tx, const v1::CreateCustomerRequest& request,
                                      const Call& call);
StatusOr<v1::Customer> GetCustomer(Snapshot& snapshot, const v1::GetCustomerRequest& request,
                                   const Call& call);
StatusOr<v1::ListCustomersResponse> ListCustomers(Snapshot& snapshot,
                                                  const v1::ListCustomersRequest& request,
                                                  const Call& call);
StatusOr<v1::Customer> UpdateCustomer(Tx& tx, const v1::UpdateCustomerRequest& request,
                                      const Call& call);
StatusOr<v1::Customer> DeleteCustomer(Tx& tx, const v1::DeleteCustomerRequest& request,
                                      const Call& call);
StatusOr<v1::Customer> TagCustomer(Tx& tx, const v1::TagCustomerRequest& request, const Call& call);
StatusOr<v1::Customer> AssignCustomer(Tx& tx, const v1::AssignCustomerRequest& request,
                                      const Call& call);

// What others may know of a customer.
v1::CustomerInfo InfoOf(const v1::Customer& customer);
// A new customer with its id, its event and its tags.
void SaveNewCustomer(Tx& tx, const Call& call, v1::Customer* customer);
// Gives a customer and its contacts to another person. `contacts` are those of the customer.
Status GiveCustomer(Tx& tx, const std::string& owner_id, const std::vector<std::string>& contacts,
                    v1::Customer* customer);

}  // namespace spm::leads
