#include "services/suite/import/resolver.h"

#include "spm/leads/v1/customer.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "spm/org/v1/org.pb.h"

namespace spm::suite {
namespace {

constexpr int kPage = 1000;

// Calls `take` for every record of a list, page by page.
template <typename Request, typename Response, typename Take>
Status ForEachPage(Session* session, const std::string& method, Request request, Take take) {
  request.set_page_size(kPage);
  while (true) {
    Response response;
    RETURN_IF_ERROR(session->Call(method, request, &response));
    take(response);
    if (response.next_page_token().empty()) return OkStatus();
    request.set_page_token(response.next_page_token());
  }
}

template <typename Record>
std::string KeyIn(const Record& record, const std::string& source) {
  for (const auto& external : record.external_ids())
    if (external.source() == source) return external.id();
  return "";
}

}  // namespace

Status Resolver::ListUnits(Records* records) {
  return ForEachPage<org::v1::ListUnitsRequest, org::v1::ListUnitsResponse>(
      session_, "spm.org.v1.OrgService/ListUnits", {}, [&](const auto& page) {
        for (const auto& unit : page.units()) {
          const int n = unit.placements_size();
          const std::string kind = unit.kind() == org::v1::UNIT_KIND_REGION ? "region"
                                   : unit.kind() == org::v1::UNIT_KIND_TEAM ? "team"
                                                                            : "company";
          const std::string key = KeyIn(unit, source_);
          if (!key.empty())
            (*records)[key] = {unit.id(), n > 0 ? unit.placements(n - 1).parent_id() : "", kind};
        }
      });
}

Status Resolver::ListPeople(Records* records) {
  org::v1::ListPeopleRequest request;
  request.set_include_inactive(true);
  return ForEachPage<org::v1::ListPeopleRequest, org::v1::ListPeopleResponse>(
      session_, "spm.org.v1.OrgService/ListPeople", request, [&](const auto& page) {
        for (const auto& person : page.people()) {
          const int n = person.memberships_size();
          const std::string key = KeyIn(person, source_);
          if (!key.empty())
            (*records)[key] = {person.id(), n > 0 ? person.memberships(n - 1).unit_id() : "", ""};
        }
      });
}

Status Resolver::ListProducts(Records* records) {
  return ForEachPage<orders::v1::ListProductsRequest, orders::v1::ListProductsResponse>(
      session_, "spm.orders.v1.ProductService/ListProducts", {}, [&](const auto& page) {
        for (const auto& product : page.products())
          if (const auto key = KeyIn(product, source_); !key.empty())
            (*records)[key].id = product.id();
      });
}

Status Resolver::ListCustomers(Records* records) {
  return ForEachPage<leads::v1::ListCustomersRequest, leads::v1::ListCustomersResponse>(
      session_, "spm.leads.v1.CustomerService/ListCustomers", {}, [&](const auto& page) {
        for (const auto& customer : page.customers())
          if (const auto key = KeyIn(customer, source_); !key.empty())
            (*records)[key].id = customer.id();
      });
}

StatusOr<const Resolver::Records*> Resolver::All(Kind kind) {
  const auto it = known_.find(kind);
  if (it != known_.end()) return &it->second;
  Records records;
  if (kind == Kind::kUnits) RETURN_IF_ERROR(ListUnits(&records));
  if (kind == Kind::kPeople) RETURN_IF_ERROR(ListPeople(&records));
  if (kind == Kind::kProducts) RETURN_IF_ERROR(ListProducts(&records));
  if (kind == Kind::kCustomers) RETURN_IF_ERROR(ListCustomers(&records));
  return &known_.emplace(kind, std::move(records)).first->second;
}

StatusOr<std::string> Resolver::IdOf(Kind kind, const std::string& key) {
  ASSIGN_OR_RETURN(const Records* records, All(kind));
  const auto found = records->find(key);
  return found == records->end() ? std::string() : found->second.id;
}

StatusOr<std::string> Resolver::ParentOf(Kind kind, const std::string& key) {
  ASSIGN_OR_RETURN(const Records* records, All(kind));
  const auto found = records->find(key);
  if (found == records->end()) return std::string();
  ASSIGN_OR_RETURN(const Records* units, All(Kind::kUnits));
  for (const auto& [unit, record] : *units)
    if (record.id == found->second.parent_id) return unit;
  return std::string();
}

StatusOr<std::string> Resolver::UnitKindOf(const std::string& key) {
  ASSIGN_OR_RETURN(const Records* units, All(Kind::kUnits));
  const auto found = units->find(key);
  return found == units->end() ? std::string() : found->second.unit_kind;
}

}  // namespace spm::suite
