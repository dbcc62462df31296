#include "services/leads/import_rpc.h"

#include "common/timers/timers.h"
#include "common/write/rows.h"
#include "services/leads/assign_rpc.h"
#include "services/leads/contact_rpc.h"
#include "services/leads/customer_rpc.h"
#include "services/leads/customer_store.h"
#include "services/leads/lead_rpc.h"
#include "services/leads/lead_store.h"
#include "services/leads/refs_rpc.h"
#include "services/leads/rules/tags.h"

namespace spm::leads {
namespace {

using base::v1::RowResult;

// What is known of the keys of a batch, and where each row stands.
struct Import {
  std::string kind, source;
  KeyBook keys;

  template <typename Rows>
  Status Load(Tx& tx, const TableCore& table, const Rows& rows) {
    std::vector<std::string> names, ids;
    for (const auto& row : rows) names.push_back(row.external_id());
    RETURN_IF_ERROR(keys.LoadKeys(tx, kind, source, names));
    for (const std::string& name : names)
      if (const ExternalRow* known = keys.Find(kind, source, name)) ids.push_back(known->id);
    return table.Prefetch(tx, ids);
  }
  // True where the row is the one last imported.
  bool Same(const std::string& key, const std::string& hash, RowResult* result) const {
    const ExternalRow* known = keys.Find(kind, source, key);
    if (known == nullptr || known->hash != hash) return false;
    result->set_outcome(RowResult::OUTCOME_UNCHANGED);
    result->set_id(known->id);
    return true;
  }
  template <typename T>
  void Name(const std::string& key, T* record) const {
    base::v1::ExternalId* id = record->add_external_ids();
    id->set_source(source);
    id->set_id(key);
  }
  void Keep(Tx& tx, const std::string& key, const std::string& id, const std::string& hash,
            bool known, RowResult* result) const {
    SaveExternal(tx, kind, source, key, {id, hash});
    result->set_outcome(known ? RowResult::OUTCOME_UPDATED : RowResult::OUTCOME_CREATED);
    result->set_id(id);
  }
};

// The record that a key names, to be changed; nothing where the key is new. NOT_FOUND where it was
// deleted here.
template <typename T>
StatusOr<std::optional<T>> Known(Tx& tx, const Table<T>& table, const Import& import,
                                 const std::string& key) {
  const ExternalRow* known = import.keys.Find(import.kind, import.source, key);
  if (known == nullptr) return std::optional<T>();
  ASSIGN_OR_RETURN(T row, table.Get(tx, known->id, Scope::Service()));
  return std::optional<T>(std::move(row));
}

template <typename Response, typename Request, typename One>
Response RunImport(Tx& tx, const Request& request, Import* import, const One& one) {
  return RunRows<Response>(
      tx, request.rows(),
      [&](const auto& row, int, RowResult* result) -> Status {
        const std::string hash = RowHash(row);
        if (import->Same(row.external_id(), hash, result)) return OkStatus();
        return one(row, hash, result);
      },
      [&](const auto& row, const RowResult& result) {
        import->keys.Set(import->kind, import->source, row.external_id(),
                         {result.id(), RowHash(row)});
      });
}

Status ImportCustomer(Tx& tx, const Call& call, const Import& import,
                      const v1::BatchImportCustomersRequest::Row& row, const std::string& hash,
                      RowResult* result) {
  ASSIGN_OR_RETURN(auto known, Known(tx, Customers(), import, row.external_id()));
  v1::Customer customer = known.value_or(v1::Customer());
  std::string owner = customer.owner_id();
  const std::vector<std::string> tags(customer.tags().begin(), customer.tags().end());
  customer.set_name(row.name());
  customer.set_sector(row.sector());
  customer.set_country(row.country());
  customer.set_address(row.address());
  customer.set_source(row.lead_source());
  if (!row.owner_id().empty()) {
    ASSIGN_OR_RETURN(owner, PersonRef(call, row.owner_id(), "owner_id"));
  }
  ASSIGN_OR_RETURN(*customer.mutable_phone(), PhoneOf(call, row.phone(), "phone"));
  RETURN_IF_ERROR(CheckCustomerPhone(tx, call, customer.phone(), customer.id(), "phone"));
  ASSIGN_OR_RETURN(auto changed,
                   ChangeTags(tags, {row.tags().begin(), row.tags().end()}, {}, "tags"));
  customer.mutable_tags()->Assign(changed.begin(), changed.end());
  if (!known) {
    customer.set_owner_id(owner);
    import.Name(row.external_id(), &customer);
    SaveNewCustomer(tx, call, &customer);
  } else {
    std::vector<std::string> contacts;
    if (customer.owner_id() != owner) {
      ASSIGN_OR_RETURN(contacts, ContactIdsOf(tx, {customer.id()}));
      RETURN_IF_ERROR(Contacts().Prefetch(tx, contacts));
    }
    v1::CustomerUpdated updated;
    *updated.mutable_customer() = InfoOf(customer);
    Customers().Save(tx, &customer, updated);
    SaveTags(tx, tags, customer);
    if (customer.owner_id() != owner) RETURN_IF_ERROR(GiveCustomer(tx, owner, contacts, &customer));
  }
  import.Keep(tx, row.external_id(), customer.id(), hash, known.has_value(), result);
  return OkStatus();
}

Status ImportContact(Tx& tx, const Call& call, const Import& import,
                     const v1::BatchImportContactsRequest::Row& row, const std::string& hash,
                     RowResult* result) {
  ASSIGN_OR_RETURN(auto known, Known(tx, Contacts(), import, row.external_id()));
  v1::Contact contact = known.value_or(v1::Contact());
  ASSIGN_OR_RETURN(std::string customer_id,
                   import.keys.Id("customer", row.customer_id(), "customer_id"));
  ASSIGN_OR_RETURN(auto customer, Customers().Find(tx, customer_id, Scope::Service()));
  if (!customer) return InvalidField("customer_id", "no customer " + row.customer_id());
  contact.set_customer_id(customer_id);
  contact.set_owner_id(customer->owner_id());
  contact.set_name(row.name());
  contact.set_email(row.email());
  contact.set_title(row.title());
  *contact.mutable_decision_roles() = row.decision_roles();
  RETURN_IF_ERROR(CheckDecisionRoles(contact, "decision_roles"));
  ASSIGN_OR_RETURN(*contact.mutable_phone(), PhoneOf(call, row.phone(), "phone"));
  if (!known) {
    import.Name(row.external_id(), &contact);
    SaveNewContact(tx, call, &contact);
  } else {
    v1::ContactUpdated updated;
    updated.set_customer_id(customer_id);
    Contacts().Save(tx, &contact, updated);
  }
  import.Keep(tx, row.external_id(), contact.id(), hash, known.has_value(), result);
  return OkStatus();
}

// What the row says of the lead itself.
Status FillLead(Tx& tx, const Call& call, const KeyBook& keys, const v1::Lead& given,
                v1::Lead* lead) {
  lead->set_name(given.name());
  lead->set_contact_name(given.contact_name());
  lead->set_email(given.email());
  lead->set_source(given.source());
  lead->set_sector(given.sector());
  lead->set_intent(given.intent());
  lead->set_decision_days(given.decision_days());
  lead->clear_budget();
  if (given.has_budget()) {
    *lead->mutable_budget() = given.budget();
    RETURN_IF_ERROR(CheckMoney(call, "lead.budget", lead->mutable_budget()));
  }
  ASSIGN_OR_RETURN(*lead->mutable_region_id(), UnitRef(call, given.region_id(), "lead.region_id"));
  ASSIGN_OR_RETURN(std::string product_id,
                   keys.Id("product", given.product_id(), "lead.product_id"));
  if (!product_id.empty()) {
    ASSIGN_OR_RETURN(auto products, FindProducts(tx, {product_id}));
    if (products.empty())
      return InvalidField("lead.product_id", "no product " + given.product_id());
  }
  lead->set_product_id(product_id);
  ASSIGN_OR_RETURN(*lead->mutable_phone(), PhoneOf(call, given.phone(), "lead.phone"));
  if (!given.owner_id().empty() || lead->version() == 0) {
    ASSIGN_OR_RETURN(*lead->mutable_owner_id(), PersonRef(call, given.owner_id(), "lead.owner_id"));
  }
  return OkStatus();
}

// Where the lead stands, as the row says.
Status FillStanding(const Call& call, const v1::BatchImportLeadsRequest::Row& row, v1::Lead* lead) {
  ASSIGN_OR_RETURN(const int64_t at_us,
                   call.OccurredUs(row.has_occur_time(), row.occur_time(), "occur_time"));
  if (lead->version() == 0 || row.has_occur_time()) SetTime(at_us, lead->mutable_create_time());
  const bool contacted = row.has_first_contact_time();
  if (contacted) {
    ASSIGN_OR_RETURN(const int64_t first_us,
                     call.OccurredUs(true, row.first_contact_time(), "first_contact_time"));
    if (first_us < ToUs(lead->create_time()))
      return InvalidField("first_contact_time", "lies before occur_time; give a later time");
    SetTime(first_us, lead->mutable_first_contact_time());
  }
  if (row.status() != v1::LEAD_STATUS_UNSPECIFIED) {
    lead->set_status(row.status());
  } else if (lead->version() == 0) {
    lead->set_status(contacted ? v1::LEAD_STATUS_CONTACTED : v1::LEAD_STATUS_NEW);
  } else if (contacted && lead->status() == v1::LEAD_STATUS_NEW) {
    lead->set_status(v1::LEAD_STATUS_CONTACTED);
  }
  if (lead->status() == v1::LEAD_STATUS_DISQUALIFIED)
    lead->set_disqualify_reason(row.disqualify_reason());
  return OkStatus();
}

Status ImportLead(Tx& tx, const Call& call, const Import& import,
                  const v1::BatchImportLeadsRequest::Row& row, const std::string& hash,
                  RowResult* result) {
  ASSIGN_OR_RETURN(auto known, Known(tx, Leads(), import, row.external_id()));
  const v1::Lead before = known.value_or(v1::Lead());
  v1::Lead lead = before;
  RETURN_IF_ERROR(FillLead(tx, call, import.keys, row.lead(), &lead));
  RETURN_IF_ERROR(FillStanding(call, row, &lead));
  if (IsOpen(lead))
    RETURN_IF_ERROR(CheckLeadPhone(tx, call, lead.phone(), lead.id(), "lead.phone"));
  RETURN_IF_ERROR(LoadHoldings(tx, {before.owner_id(), lead.owner_id()}));
  if (lead.owner_id() != before.owner_id()) *lead.mutable_assign_time() = lead.create_time();
  if (lead.owner_id().empty()) lead.clear_assign_time();
  GradeNow(call, &lead);
  if (known) {
    v1::LeadUpdated updated;
    *updated.mutable_lead() = StateOf(lead, call);
    Leads().Save(tx, &lead, updated);
    CancelTimer(tx, "contact", lead.id());
  } else {
    lead.set_id(call.NewId());
    import.Name(row.external_id(), &lead);
    v1::LeadCreated created;
    *created.mutable_lead() = StateOf(lead, call);
    tx.set_occurred_us(ToUs(lead.create_time()));
    Leads().Save(tx, &lead, created);
  }
  if (known && IsOpen(before)) RETURN_IF_ERROR(Hold(tx, before.owner_id(), -1));
  if (IsOpen(lead)) RETURN_IF_ERROR(Hold(tx, lead.owner_id(), 1));
  ArmContact(tx, call, lead);
  import.Keep(tx, row.external_id(), lead.id(), hash, known.has_value(), result);
  return OkStatus();
}

}  // namespace

StatusOr<v1::BatchImportCustomersResponse> BatchImportCustomers(
    Tx& tx, const v1::BatchImportCustomersRequest& request, const Call& call) {
  Import import{.kind = "customer", .source = request.source(), .keys = {}};
  RETURN_IF_ERROR(import.Load(tx, Customers(), request.rows()));
  return RunImport<v1::BatchImportCustomersResponse>(
      tx, request, &import, [&](const auto& row, const std::string& hash, RowResult* result) {
        return ImportCustomer(tx, call, import, row, hash, result);
      });
}

StatusOr<v1::BatchImportContactsResponse> BatchImportContacts(
    Tx& tx, const v1::BatchImportContactsRequest& request, const Call& call) {
  Import import{.kind = "contact", .source = request.source(), .keys = {}};
  RETURN_IF_ERROR(import.Load(tx, Contacts(), request.rows()));
  std::vector<std::string> customers, ids;
  for (const auto& row : request.rows()) customers.push_back(row.customer_id());
  RETURN_IF_ERROR(import.keys.Load(tx, "customer", customers));
  for (const std::string& ref : customers)
    if (auto id = import.keys.Id("customer", ref, "customer_id"); id.ok()) ids.push_back(*id);
  RETURN_IF_ERROR(Customers().Prefetch(tx, ids));
  return RunImport<v1::BatchImportContactsResponse>(
      tx, request, &import, [&](const auto& row, const std::string& hash, RowResult* result) {
        return ImportContact(tx, call, import, row, hash, result);
      });
}

StatusOr<v1::BatchImportLeadsResponse> BatchImportLeads(Tx& tx,
                                                        const v1::BatchImportLeadsRequest& request,
                                                        const Call& call) {
  Import import{.kind = "lead", .source = request.source(), .keys = {}};
  RETURN_IF_ERROR(import.Load(tx, Leads(), request.rows()));
  std::vector<std::string> products;
  for (const auto& row : request.rows()) products.push_back(row.lead().product_id());
  RETURN_IF_ERROR(import.keys.Load(tx, "product", products));
  return RunImport<v1::BatchImportLeadsResponse>(
      tx, request, &import, [&](const auto& row, const std::string& hash, RowResult* result) {
        return ImportLead(tx, call, import, row, hash, result);
      });
}

}  // namespace spm::leads
