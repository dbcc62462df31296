#include "services/suite/import/schema.h"

namespace spm::suite {
namespace {

constexpr bool kRequired = true;
constexpr bool kPlainIsValue = true;

Field Text(std::string_view name, std::string_view path, bool required = false) {
  return {name, Type::kText, path, required};
}
Field Reference(std::string_view name, std::string_view path, Kind to, bool required = false) {
  return {name, Type::kReference, path, required, false, to};
}
Field Of(Type type, std::string_view name, std::string_view path, bool required = false,
         bool plain_is_value = false) {
  return {name, type, path, required, plain_is_value};
}

std::vector<KindInfo> AllKinds() {
  return {
      {Kind::kUnits,
       "units",
       "org",
       "spm.org.v1.OrgService/BatchImportUnits",
       "spm.org.v1.BatchImportUnitsRequest",
       {Text("key", "external_id", kRequired), Text("name", "name", kRequired),
        Of(Type::kWord, "kind", "kind", kRequired, kPlainIsValue),
        Reference("parent", "parent_id", Kind::kUnits)}},
      {Kind::kPeople,
       "people",
       "org",
       "spm.org.v1.OrgService/BatchImportPeople",
       "spm.org.v1.BatchImportPeopleRequest",
       {Text("key", "external_id", kRequired), Text("name", "name", kRequired),
        Of(Type::kWords, "roles", "roles", false, kPlainIsValue),
        Reference("unit", "unit_id", Kind::kUnits),
        Of(Type::kYesNo, "leads", "leads", false, kPlainIsValue),
        Reference("manager", "manager_id", Kind::kPeople), Of(Type::kTexts, "skills", "skills"),
        Of(Type::kInteger, "capacity", "capacity"), Of(Type::kYesNo, "inactive", "inactive")}},
      {Kind::kProducts,
       "products",
       "orders",
       "spm.orders.v1.ProductService/BatchImportProducts",
       "spm.orders.v1.BatchImportProductsRequest",
       {Text("key", "external_id", kRequired), Text("name", "name", kRequired),
        Text("line", "line"), Of(Type::kMoney, "list_price", "list_price")}},
      {Kind::kCustomers,
       "customers",
       "leads",
       "spm.leads.v1.CustomerService/BatchImportCustomers",
       "spm.leads.v1.BatchImportCustomersRequest",
       {Text("key", "external_id", kRequired), Text("name", "name", kRequired),
        Reference("owner", "owner_id", Kind::kPeople), Text("phone", "phone"),
        Text("sector", "sector"), Text("country", "country"), Text("address", "address"),
        Text("lead_source", "lead_source"), Of(Type::kTexts, "tags", "tags")}},
      {Kind::kContacts,
       "contacts",
       "leads",
       "spm.leads.v1.CustomerService/BatchImportContacts",
       "spm.leads.v1.BatchImportContactsRequest",
       {Text("key", "external_id", kRequired),
        Reference("customer", "customer_id", Kind::kCustomers, kRequired),
        Text("name", "name", kRequired), Text("phone", "phone"), Text("email", "email"),
        Text("title", "title"), Of(Type::kWords, "decision_roles", "decision_roles")}},
      {Kind::kLeads,
       "leads",
       "leads",
       "spm.leads.v1.LeadService/BatchImportLeads",
       "spm.leads.v1.BatchImportLeadsRequest",
       {Text("key", "external_id", kRequired), Text("name", "lead.name", kRequired),
        Text("contact_name", "lead.contact_name"), Text("phone", "lead.phone"),
        Text("email", "lead.email"), Reference("owner", "lead.owner_id", Kind::kPeople),
        Text("lead_source", "lead.source"), Reference("region", "lead.region_id", Kind::kUnits),
        Text("sector", "lead.sector"), Reference("product", "lead.product_id", Kind::kProducts),
        Of(Type::kInteger, "intent", "lead.intent"), Of(Type::kMoney, "budget", "lead.budget"),
        Of(Type::kInteger, "decision_days", "lead.decision_days"),
        Of(Type::kMoment, "created", "occur_time"), Of(Type::kWord, "status", "status"),
        Of(Type::kMoment, "first_contact", "first_contact_time"),
        Text("disqualify_reason", "disqualify_reason")}},
      {Kind::kOpportunities,
       "opportunities",
       "leads",
       "spm.leads.v1.OpportunityService/BatchImportOpportunities",
       "spm.leads.v1.BatchImportOpportunitiesRequest",
       {Text("key", "external_id", kRequired), Text("name", "name"),
        Reference("customer", "customer_id", Kind::kCustomers),
        Reference("owner", "owner_id", Kind::kPeople, kRequired),
        Reference("product", "product_id", Kind::kProducts),
        Of(Type::kInteger, "quantity", "quantity"), Of(Type::kMoney, "amount", "amount"),
        Of(Type::kMoney, "list_price", "list_price"),
        Of(Type::kText, "pipeline", "pipeline", false, kPlainIsValue),
        Text("lead_source", "lead_source"), Text("lost_reason", "lost_reason"),
        Of(Type::kOwn, "history", "", kRequired)}},
      {Kind::kTargets,
       "targets",
       "performance",
       "",
       "",
       {Of(Type::kOwn, "subject", "", kRequired, kPlainIsValue), Of(Type::kOwn, "key", ""),
        Of(Type::kOwn, "period", ""), Of(Type::kOwn, "amount", ""),
        Of(Type::kOwn, "year", "", false, kPlainIsValue)}},
      {Kind::kBenchmarks,
       "benchmarks",
       "performance",
       "spm.performance.v1.TargetService/BatchImportBenchmarks",
       "spm.performance.v1.BatchImportBenchmarksRequest",
       {Text("metric", "metric", kRequired), Text("period", "period", kRequired),
        Of(Type::kDecimal, "value", "value", kRequired),
        Of(Type::kText, "publisher", "source", kRequired, kPlainIsValue),
        Of(Type::kDay, "published_on", "published_on", kRequired)}},
  };
}

}  // namespace

const KindInfo& InfoOf(Kind kind) {
  static const std::vector<KindInfo> kAll = AllKinds();
  return kAll[static_cast<size_t>(kind)];
}

const Field* FindField(Kind kind, std::string_view name) {
  for (const auto& field : InfoOf(kind).fields)
    if (field.name == name) return &field;
  return nullptr;
}

std::string FieldNames(Kind kind) {
  std::string names;
  for (const auto& field : InfoOf(kind).fields) {
    if (!names.empty()) names += ", ";
    names += field.name;
  }
  return names;
}

}  // namespace spm::suite
