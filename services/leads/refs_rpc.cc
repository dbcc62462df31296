#include "services/leads/refs_rpc.h"

#include "common/base/ids.h"
#include "services/leads/customer_store.h"
#include "services/leads/lead_store.h"
#include "services/leads/rules/phone.h"

namespace spm::leads {
namespace {

Status Unknown(const std::string& field, const std::string& noun, const std::string& ref) {
  return InvalidField(field, "no " + noun + " " + ref + " that you may use; give an id, or " +
                                 "source:key as it was imported");
}

Status Duplicate(const std::string& field, const std::string& noun, const std::string& id) {
  Status taken = WithField(Error(StatusCode::kAlreadyExists, "PHONE_TAKEN",
                                 field + ": another " + noun + " has this phone; use that one"),
                           field);
  return id.empty() ? taken : WithMetadata(taken, "id", id);
}

// The id of the row with a value of a unique column: nullopt where there is none, empty where the
// caller may not see it.
template <typename T>
StatusOr<std::optional<std::string>> Holder(Tx& tx, const Table<T>& table, const char* column,
                                            const std::string& value, const std::string& own_id,
                                            const Scope& scope) {
  ASSIGN_OR_RETURN(auto row, table.FindBy(tx, column, value, Scope::Service()));
  if (!row || row->id() == own_id) return std::optional<std::string>();
  ASSIGN_OR_RETURN(auto visible, table.Find(tx, row->id(), scope.Reading()));
  return std::optional<std::string>(visible ? row->id() : "");
}

}  // namespace

Moment MomentOf(const Call& call, int64_t us) { return {us, call.company->zone.DayAt(us)}; }

StatusOr<std::string> OwnerRef(const Call& call, const std::string& ref, const std::string& field) {
  const std::string id = call.directory->PersonId(ref);
  const org::v1::Person* person = call.directory->FindPerson(id);
  if (person == nullptr || !call.scope.Sees(id)) return Unknown(field, "person", ref);
  if (person->inactive())
    return Precondition("OWNER_INACTIVE",
                        field + ": " + person->name() + " has left; choose somebody who is here");
  return id;
}

StatusOr<std::string> PersonRef(const Call& call, const std::string& ref,
                                const std::string& field) {
  if (ref.empty()) return ref;
  const std::string id = call.directory->PersonId(ref);
  if (id.empty()) return Unknown(field, "person", ref);
  return id;
}

StatusOr<std::string> UnitRef(const Call& call, const std::string& ref, const std::string& field) {
  if (ref.empty()) return ref;
  const std::string id = call.directory->UnitId(ref);
  if (id.empty()) return Unknown(field, "unit", ref);
  return id;
}

StatusOr<std::string> CustomerRef(Tx& tx, const Call& call, const std::string& ref,
                                  const std::string& field) {
  if (ref.empty()) return ref;
  ASSIGN_OR_RETURN(std::string id, ResolveRef(tx, "customer", ref, field));
  ASSIGN_OR_RETURN(auto customer, Customers().Find(tx, id, call.scope.Reading()));
  if (!customer) return Unknown(field, "customer", ref);
  return id;
}

StatusOr<std::optional<ProductCopy>> ProductRef(Tx& tx, const std::string& ref,
                                                const std::string& field) {
  if (ref.empty()) return std::optional<ProductCopy>();
  ASSIGN_OR_RETURN(std::string id, ResolveRef(tx, "product", ref, field));
  ASSIGN_OR_RETURN(auto found, FindProducts(tx, {id}));
  if (found.empty() || found.begin()->second.deleted) return Unknown(field, "product", ref);
  return std::optional<ProductCopy>(found.begin()->second);
}

Status CheckMoney(const Call& call, const std::string& field, google::type::Money* money) {
  ASSIGN_OR_RETURN(int64_t minor, ToMinor(*money, call.company->currency, field));
  if (minor < 0) return InvalidField(field, "is negative; give 0 or more");
  *money = ToMoney(minor, call.company->currency);
  return OkStatus();
}

StatusOr<std::string> PhoneOf(const Call& call, const std::string& text, const std::string& field) {
  if (text.empty()) return text;
  std::string country = call.Policy<v1::ContactPolicy>("contact").default_country();
  if (country.empty()) country = CountryOfZone(call.company->zone.name());
  const auto phone = NormalPhone(text, country);
  if (!phone) return InvalidField(field, "is no phone number; write it like +86 139 1234 5678");
  return *phone;
}

Status CheckCustomerPhone(Tx& tx, const Call& call, const std::string& phone,
                          const std::string& own_id, const std::string& field) {
  if (phone.empty()) return OkStatus();
  ASSIGN_OR_RETURN(auto holder, Holder(tx, Customers(), "phone", phone, own_id, call.scope));
  return holder ? Duplicate(field, "customer", *holder) : OkStatus();
}

Status CheckLeadPhone(Tx& tx, const Call& call, const std::string& phone, const std::string& own_id,
                      const std::string& field) {
  if (phone.empty()) return OkStatus();
  ASSIGN_OR_RETURN(auto holder, Holder(tx, Leads(), "open_phone", phone, own_id, call.scope));
  if (holder) return Duplicate(field, "open lead", *holder);
  return CheckCustomerPhone(tx, call, phone, "", field);
}

Status KeyBook::Load(Tx& tx, const std::string& kind, const std::vector<std::string>& refs) {
  std::map<std::string, std::vector<std::string>> keys;
  for (const std::string& ref : refs) {
    const size_t colon = ref.find(':');
    if (colon != std::string::npos) keys[ref.substr(0, colon)].push_back(ref.substr(colon + 1));
  }
  for (const auto& [source, of] : keys) RETURN_IF_ERROR(LoadKeys(tx, kind, source, of));
  return OkStatus();
}

Status KeyBook::LoadKeys(Tx& tx, const std::string& kind, const std::string& source,
                         const std::vector<std::string>& keys) {
  ASSIGN_OR_RETURN(auto found, FindExternals(tx, kind, source, keys));
  for (const auto& [key, row] : found) Set(kind, source, key, row);
  return OkStatus();
}

StatusOr<std::string> KeyBook::Id(const std::string& kind, const std::string& ref,
                                  const std::string& field) const {
  const size_t colon = ref.find(':');
  if (colon == std::string::npos) return ref;
  const ExternalRow* row = Find(kind, ref.substr(0, colon), ref.substr(colon + 1));
  if (row == nullptr)
    return InvalidField(field,
                        "no " + kind + " has the key " + ref + "; import it first or mend the key");
  return row->id;
}

const ExternalRow* KeyBook::Find(const std::string& kind, const std::string& source,
                                 const std::string& key) const {
  const auto found = rows_.find(kind + '\0' + source + '\0' + key);
  return found == rows_.end() ? nullptr : &found->second;
}

void KeyBook::Set(const std::string& kind, const std::string& source, const std::string& key,
                  const ExternalRow& row) {
  rows_[kind + '\0' + source + '\0' + key] = row;
}

}  // namespace spm::leads
