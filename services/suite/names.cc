#include "services/suite/names.h"

#include "spm/leads/v1/customer.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "spm/org/v1/org.pb.h"

namespace spm::suite {
namespace {

// Asks once for each id.
template <typename Record, typename Request>
StatusOr<std::string> NameOf(Session* session, std::map<std::string, std::string>* known,
                             const std::string& id, const std::string& method,
                             const Request& request) {
  if (id.empty()) return std::string();
  const auto found = known->find(id);
  if (found != known->end()) return found->second;
  Record record;
  const Status asked = session->Call(method, request, &record);
  if (!asked.ok() && asked.code() != StatusCode::kNotFound) return asked;
  return (*known)[id] = asked.ok() ? record.name() : id;
}

}  // namespace

StatusOr<std::string> Names::Person(const std::string& id) {
  org::v1::GetPersonRequest request;
  request.set_person_id(id);
  return NameOf<org::v1::Person>(session_, &known_, id, "spm.org.v1.OrgService/GetPerson", request);
}

StatusOr<std::string> Names::Product(const std::string& id) {
  orders::v1::GetProductRequest request;
  request.set_product_id(id);
  return NameOf<orders::v1::Product>(session_, &known_, id,
                                     "spm.orders.v1.ProductService/GetProduct", request);
}

StatusOr<std::string> Names::Customer(const std::string& id) {
  leads::v1::GetCustomerRequest request;
  request.set_customer_id(id);
  return NameOf<leads::v1::Customer>(session_, &known_, id,
                                     "spm.leads.v1.CustomerService/GetCustomer", request);
}

}  // namespace spm::suite
