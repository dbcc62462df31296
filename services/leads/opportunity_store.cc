#include "services/leads/opportunity_store.h"

#include <algorithm>

#include "common/db/page_token.h"

namespace spm::leads {
namespace {

// leave_day of the stage that a deal is in.
constexpr int64_t kNever = 4'000'000;
constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 1000;

int64_t Us(const google::protobuf::Timestamp& time) {
  return time.seconds() * kSecondUs + time.nanos() / 1000;
}

// A set as one text, searched for the owner: ids are of one length and hold no wildcard, and both
// databases know it.
constexpr char kAmongOwners[] = "(t.owner_id <> '' AND $ LIKE '%' || t.owner_id || '%')";

// An empty viewer sees all, an empty owner or list of owners is everybody.
constexpr char kAmongStalled[] =
    " FROM stage_entry e JOIN opportunity t ON t.id = e.deal_id "
    "WHERE e.open = 1 AND e.enter_day < $1 AND e.leave_day > $2 AND t.deleted = 0 "
    "AND ($3 = '' OR EXISTS (SELECT 1 FROM org_closure c WHERE c.ancestor = $3 "
    "AND c.descendant = t.owner_id AND c.from_day <= $4 AND c.to_day > $4)) "
    "AND ($5 = '' OR t.owner_id = $5) "
    "AND ($6 = '' OR (t.owner_id <> '' AND $6 LIKE '%' || t.owner_id || '%'))";
const std::string kStalled = std::string("SELECT e.enter_day, t.id, t.body") + kAmongStalled +
                             " AND (e.enter_day > $7 OR (e.enter_day = $7 AND t.id > $8)) "
                             "ORDER BY e.enter_day, t.id LIMIT $9";
const std::string kCountStalled = std::string("SELECT COUNT(*)") + kAmongStalled;

Params StalledParams(const Scope& scope, const StalledQuery& query) {
  return {int64_t{query.as_of_day} - query.days,
          int64_t{query.as_of_day},
          scope.all() ? std::string() : scope.viewer(),
          int64_t{scope.today()},
          query.owner_id,
          query.owners};
}

}  // namespace

const Table<v1::Opportunity>& Opportunities() {
  using Deal = v1::Opportunity;
  static const Table<Deal> table(
      {.name = "opportunity",
       .noun = "opportunity",
       .owner = "owner_id",
       .also_readable = "",
       .unique = {},
       .filters = {{"live", "t.deleted = 0"},
                   {"owner", "t.owner_id = $"},
                   {"owners", kAmongOwners},
                   {"customer", "t.customer_id = $"},
                   {"product", "t.product_id = $"},
                   {"pipeline", "t.pipeline = $"},
                   {"stage", "t.stage = $"},
                   {"stage_kind", "t.stage_kind = $"},
                   {"source", "t.source = $"}},
       .orders = {{"new", {"id DESC"}}, {"stage_time", {"stage_us DESC", "id DESC"}}}},
      {{"owner_id", [](const Deal& d) { return Value(d.owner_id()); }},
       {"customer_id", [](const Deal& d) { return Value(d.customer_id()); }},
       {"product_id", [](const Deal& d) { return Value(d.product_id()); }},
       {"pipeline", [](const Deal& d) { return Value(d.pipeline()); }},
       {"stage", [](const Deal& d) { return Value(d.stage()); }},
       {"stage_kind", [](const Deal& d) { return Value(static_cast<int64_t>(d.stage_kind())); }},
       {"source", [](const Deal& d) { return Value(d.source()); }},
       {"stage_us", [](const Deal& d) { return Value(Us(d.stage_time())); }},
       {"has_money",
        [](const Deal& d) { return Value(int64_t{d.has_amount() || d.has_list_price()}); }},
       {"deleted", [](const Deal& d) { return Value(int64_t{d.deleted()}); }}});
  return table;
}

std::string OwnerList(const std::vector<std::string>& people) {
  std::string list = "|";
  for (const std::string& id : people) list += id + "|";
  return list;
}

void SaveStays(Tx& tx, const v1::Opportunity& deal, int from_n, const std::set<std::string>& closed,
               const Zone& zone) {
  for (int n = std::max(from_n - 1, 0); n < deal.history_size(); ++n) {
    const v1::StageEntry& entry = deal.history(n);
    tx.WriteOne(
        "INSERT INTO stage_entry (deal_id, n, stage, open, enter_day, leave_day) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (deal_id, n) DO UPDATE SET "
        "leave_day = excluded.leave_day",
        {deal.id(), int64_t{n}, entry.stage(), int64_t{!closed.contains(entry.stage())},
         int64_t{zone.DayAt(Us(entry.enter_time()))},
         entry.has_leave_time() ? int64_t{zone.DayAt(Us(entry.leave_time()))} : kNever});
  }
}

void DropStays(Tx& tx, const std::string& deal_id) {
  tx.Write("DELETE FROM stage_entry WHERE deal_id = $1", {deal_id});
}

StatusOr<Page<StalledDeal>> ListStalled(Reader& reader, const Scope& scope,
                                        const StalledQuery& query) {
  const std::string mark = "stalled/" + std::to_string(query.days) + "/" +
                           std::to_string(query.as_of_day) + "/" + query.owner_id + "/" +
                           query.owners + "/" + scope.viewer();
  ASSIGN_OR_RETURN(auto after, ReadPageToken(mark, query.page_token, 2));
  const int size = query.page_size <= 0 ? kDefaultPage : std::min(query.page_size, kLargestPage);
  Params params = StalledParams(scope, query);
  params.push_back(after.empty() ? -kNever : PageTokenNumber(after[0]));
  params.push_back(after.empty() ? std::string() : after[1]);
  params.push_back(int64_t{size} + 1);
  ASSIGN_OR_RETURN(Rows rows, reader.Query(kStalled, params));
  Page<StalledDeal> page;
  for (const Row& row : rows) {
    if (static_cast<int>(page.rows.size()) == size) {
      const Row& last = rows[size - 1];
      page.next_page_token = MakePageToken(mark, {std::to_string(last.Int(0)), last.Text(1)});
      break;
    }
    StalledDeal one;
    one.enter_day = static_cast<int32_t>(row.Int(0));
    if (!one.deal.ParseFromString(row.Text(2)))
      return Internal("opportunity " + row.Text(1) + " cannot be decoded");
    page.rows.push_back(std::move(one));
  }
  return page;
}

StatusOr<int32_t> CountStalled(Reader& reader, const Scope& scope, const StalledQuery& query) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query(kCountStalled, StalledParams(scope, query)));
  return static_cast<int32_t>(rows[0].Int(0));
}

StatusOr<std::map<std::string, Record>> RecordsOf(Reader& reader,
                                                  const std::vector<std::string>& people) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.QueryIn("SELECT owner_id, stage_kind, COUNT(*) FROM opportunity "
                                  "WHERE owner_id {{in}} AND stage_kind <> $2 AND deleted = 0 "
                                  "GROUP BY owner_id, stage_kind",
                                  people, {static_cast<int64_t>(v1::STAGE_KIND_OPEN)}));
  std::map<std::string, Record> records;
  for (const Row& row : rows) {
    Record& record = records[row.Text(0)];
    record.closed += row.Int(2);
    if (row.Int(1) == v1::STAGE_KIND_WON) record.won += row.Int(2);
  }
  return records;
}

StatusOr<std::vector<std::string>> OpenDealIdsOf(Reader& reader, const std::string& owner_id,
                                                 int64_t limit) {
  ASSIGN_OR_RETURN(
      Rows rows, reader.Query("SELECT id FROM opportunity WHERE owner_id = $1 AND stage_kind = $2 "
                              "AND deleted = 0 ORDER BY id LIMIT $3",
                              {owner_id, static_cast<int64_t>(v1::STAGE_KIND_OPEN), limit}));
  std::vector<std::string> ids;
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

StatusOr<std::vector<OwnedId>> DealsOfCustomer(Reader& reader, const std::string& customer_id) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT id, owner_id FROM opportunity "
                                           "WHERE customer_id = $1 ORDER BY id",
                                           {customer_id}));
  std::vector<OwnedId> deals;
  for (const Row& row : rows) deals.push_back({row.Text(0), row.Text(1)});
  return deals;
}

StatusOr<bool> AnyDealMoney(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.Query("SELECT 1 FROM opportunity WHERE has_money = 1 LIMIT 1"));
  return !rows.empty();
}

}  // namespace spm::leads
