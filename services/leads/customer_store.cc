#include "services/leads/customer_store.h"

#include <algorithm>

namespace spm::leads {
namespace {

// Sees a deal of the customer. The column with the customer's id is put between the two.
constexpr char kDealInScope[] =
    "t.owner_id = '' OR EXISTS (SELECT 1 FROM opportunity o "
    "JOIN org_closure s ON s.descendant = o.owner_id "
    "WHERE o.customer_id = t.id AND o.deleted = 0 "
    "AND s.ancestor = $viewer AND s.from_day <= $today AND s.to_day > $today)";
constexpr char kDealOfCustomerInScope[] =
    "t.owner_id = '' OR EXISTS (SELECT 1 FROM opportunity o "
    "JOIN org_closure s ON s.descendant = o.owner_id "
    "WHERE o.customer_id = t.customer_id AND o.deleted = 0 "
    "AND s.ancestor = $viewer AND s.from_day <= $today AND s.to_day > $today)";

std::vector<std::string> Ids(const Rows& rows) {
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

}  // namespace

const Table<v1::Customer>& Customers() {
  static const Table<v1::Customer> table(
      {.name = "customer",
       .noun = "customer",
       .owner = "owner_id",
       .also_readable = kDealInScope,
       .unique = {"phone"},
       .filters =
           {{"live", "t.deleted = 0"},
            {"owner", "t.owner_id = $"},
            {"tag",
             "EXISTS (SELECT 1 FROM customer_tag g WHERE g.customer_id = t.id AND g.tag = $)"},
            {"sector", "t.sector = $"},
            {"country", "t.country = $"},
            {"source", "t.source = $"}},
       .orders = {{"new", {"id DESC"}}}},
      {{"owner_id", [](const v1::Customer& c) { return Value(c.owner_id()); }},
       {"phone", [](const v1::Customer& c) { return Value(c.phone()); }},
       {"sector", [](const v1::Customer& c) { return Value(c.sector()); }},
       {"country", [](const v1::Customer& c) { return Value(c.country()); }},
       {"source", [](const v1::Customer& c) { return Value(c.source()); }},
       {"deleted", [](const v1::Customer& c) { return Value(int64_t{c.deleted()}); }}});
  return table;
}

const Table<v1::Contact>& Contacts() {
  static const Table<v1::Contact> table(
      {.name = "contact",
       .noun = "contact",
       .owner = "owner_id",
       .also_readable = kDealOfCustomerInScope,
       .unique = {},
       .filters = {{"live", "t.deleted = 0"}, {"customer", "t.customer_id = $"}},
       .orders = {{"new", {"id DESC"}}}},
      {{"customer_id", [](const v1::Contact& c) { return Value(c.customer_id()); }},
       {"owner_id", [](const v1::Contact& c) { return Value(c.owner_id()); }},
       {"deleted", [](const v1::Contact& c) { return Value(int64_t{c.deleted()}); }}});
  return table;
}

void SaveTags(Tx& tx, const std::vector<std::string>& before, const v1::Customer& customer) {
  const std::vector<std::string> after(customer.tags().begin(), customer.tags().end());
  auto has = [](const std::vector<std::string>& tags, const std::string& tag) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  };
  for (const std::string& tag : before)
    if (!has(after, tag))
      tx.Write("DELETE FROM customer_tag WHERE tag = $1 AND customer_id = $2",
               {tag, customer.id()});
  for (const std::string& tag : after)
    if (!has(before, tag))
      tx.Write("INSERT INTO customer_tag (tag, customer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
               {tag, customer.id()});
}

StatusOr<std::vector<std::string>> ContactIdsOf(Reader& reader,
                                                const std::vector<std::string>& customers) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.QueryIn("SELECT id FROM contact WHERE customer_id {{in}} AND deleted = 0 "
                                  "ORDER BY id",
                                  customers));
  return Ids(rows);
}

StatusOr<std::vector<std::string>> CustomerIdsOf(Reader& reader, const std::string& owner_id,
                                                 int64_t limit) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.Query("SELECT id FROM customer WHERE owner_id = $1 AND deleted = 0 "
                                "ORDER BY id LIMIT $2",
                                {owner_id, limit}));
  return Ids(rows);
}

}  // namespace spm::leads
