#include "services/leads/lead_store.h"

#include "common/base/ids.h"
#include "common/base/time.h"

namespace spm::leads {

bool IsOpen(const v1::Lead& lead) {
  return !lead.deleted() &&
         (lead.status() == v1::LEAD_STATUS_NEW || lead.status() == v1::LEAD_STATUS_CONTACTED);
}

const Table<v1::Lead>& Leads() {
  static const Table<v1::Lead> table(
      {.name = "lead",
       .noun = "lead",
       .owner = "owner_id",
       .also_readable =
           "(t.owner_id = '' AND EXISTS (SELECT 1 FROM org_closure s WHERE s.ancestor = $viewer "
           "AND s.descendant <> $viewer AND s.from_day <= $today AND s.to_day > $today))",
       .unique = {"open_phone"},
       .filters = {{"live", "t.deleted = 0"},
                   {"open", "t.open = 1"},
                   {"owner", "t.owner_id = $"},
                   {"unassigned", "t.owner_id = ''"},
                   {"status", "t.status = $"},
                   {"grade", "t.grade = $"},
                   {"source", "t.source = $"}},
       .orders = {{"new", {"id DESC"}},
                  {"queue", {"grade ASC", "points DESC", "created_us ASC", "id ASC"}}}},
      {{"owner_id", [](const v1::Lead& l) { return Value(l.owner_id()); }},
       {"open_phone",
        [](const v1::Lead& l) { return Value(IsOpen(l) ? l.phone() : std::string()); }},
       {"status", [](const v1::Lead& l) { return Value(static_cast<int64_t>(l.status())); }},
       {"open", [](const v1::Lead& l) { return Value(int64_t{IsOpen(l)}); }},
       {"grade", [](const v1::Lead& l) { return Value(static_cast<int64_t>(l.grade())); }},
       {"points", [](const v1::Lead& l) { return Value(int64_t{l.points()}); }},
       {"created_us",
        [](const v1::Lead& l) {
          return Value(l.create_time().seconds() * kSecondUs + l.create_time().nanos() / 1000);
        }},
       {"source", [](const v1::Lead& l) { return Value(l.source()); }},
       {"customer_id", [](const v1::Lead& l) { return Value(l.customer_id()); }},
       {"has_money", [](const v1::Lead& l) { return Value(int64_t{l.has_budget()}); }},
       {"deleted", [](const v1::Lead& l) { return Value(int64_t{l.deleted()}); }}});
  return table;
}

const Table<v1::Holding>& Holdings() {
  static const Table<v1::Holding> table({.name = "holding",
                                         .noun = "holding",
                                         .owner = "",
                                         .also_readable = "",
                                         .unique = {},
                                         .filters = {},
                                         .orders = {{"id", {"id ASC"}}}},
                                        {});
  return table;
}

std::string HoldingId(const std::string& person_id) { return NamedId("holding:" + person_id); }

StatusOr<std::vector<std::string>> OpenLeadIdsOf(Reader& reader, const std::string& owner_id,
                                                 int64_t limit) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT id FROM lead WHERE owner_id = $1 AND open = 1 "
                                           "ORDER BY id LIMIT $2",
                                           {owner_id, limit}));
  std::vector<std::string> ids;
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

StatusOr<std::vector<OwnedId>> LeadsOfCustomer(Reader& reader, const std::string& customer_id) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.Query("SELECT id, owner_id FROM lead WHERE customer_id = $1 ORDER BY id",
                                {customer_id}));
  std::vector<OwnedId> leads;
  for (const Row& row : rows) leads.push_back({row.Text(0), row.Text(1)});
  return leads;
}

StatusOr<bool> AnyLeadMoney(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT 1 FROM lead WHERE has_money = 1 LIMIT 1"));
  return !rows.empty();
}

}  // namespace spm::leads
