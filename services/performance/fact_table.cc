#include "services/performance/fact_table.h"

#include <algorithm>

namespace spm::performance {
namespace {

const char kColumns[] =
    "event_id, measure, n, count, amount, occurred_day, posted_day, rep_id, customer_id, "
    "product_id, "
    "source, pipeline, stage, deal_id, deal_ref, recorded_us";

Fact ReadFact(const Row& row) {
  Fact fact;
  fact.event_id = row.Text(0);
  fact.measure = FindMeasure(row.Text(1)).value_or(Measure::kWon);
  fact.n = static_cast<int32_t>(row.Int(2));
  fact.count = static_cast<int32_t>(row.Int(3));
  fact.amount = row.Int(4);
  fact.occurred_day = static_cast<int32_t>(row.Int(5));
  fact.posted_day = static_cast<int32_t>(row.Int(6));
  fact.rep_id = row.Text(7);
  fact.customer_id = row.Text(8);
  fact.product_id = row.Text(9);
  fact.source = row.Text(10);
  fact.pipeline = row.Text(11);
  fact.stage = row.Text(12);
  fact.deal_id = row.Text(13);
  fact.deal_ref = row.Text(14);
  fact.recorded_us = row.Int(15);
  return fact;
}

StatusOr<std::vector<Fact>> ReadFacts(StatusOr<Rows> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<Fact> facts;
  facts.reserve(rows->size());
  for (const Row& row : *rows) facts.push_back(ReadFact(row));
  return facts;
}

// Columns that are not asked for are constants, which keeps their places.
std::string SumsSql(const SumsQuery& query) {
  std::string select = "SELECT measure", group = " GROUP BY measure";
  auto column = [&](bool asked, const char* name, const char* absent) {
    select += std::string(", ") + (asked ? name : absent);
    if (asked) group += std::string(", ") + name;
  };
  column(query.rep, "rep_id", "''");
  column(query.customer, "customer_id", "''");
  column(query.product, "product_id", "''");
  column(query.source, "source", "''");
  column(query.stage, "stage", "''");
  column(query.day, "occurred_day", "0");
  if (query.cycles) {
    select += ", amount * count, SUM(count)";
    group += ", amount * count";
  } else {
    select += ", SUM(amount), SUM(count)";
  }
  return select + " FROM fact WHERE measure {{in}} AND occurred_day >= $2 AND occurred_day <= $3" +
         (query.as_of_us ? " AND recorded_us <= $4" : "") + group;
}

// Whether the roll-ups have all that is asked: sums of some reps as they are now.
bool RolledUp(const SumsQuery& query) {
  return !query.reps.empty() && !query.customer && !query.product && !query.source &&
         !query.cycles && query.as_of_us == 0 &&
         std::find(query.measures.begin(), query.measures.end(), Measure::kNewCustomers) ==
             query.measures.end();
}

// From the roll-ups, which are kept by rep, and the facts that are not in them yet, so that a rep's
// figures cost what the rep has done and not what all have.
std::string RolledUpSql(const SumsQuery& query) {
  // Constants; a statement has one list, and it is that of the reps.
  std::string measures;
  for (Measure m : query.measures) measures += (measures.empty() ? "'" : ", '") + NameOf(m) + "'";
  const std::string stage = query.stage ? "stage" : "''", day = query.day ? "day" : "0";
  // Without an index on the measure: the few above the mark are found by their position.
  return "SELECT measure, rep_id, '', '', '', " + stage + ", " + day +
         ", SUM(amount), 0 FROM (SELECT measure, rep_id, stage, day, amount FROM rollup "
         "WHERE rep_id {{in}} AND measure IN (" +
         measures +
         ") AND day >= $2 AND day <= $3 "
         "UNION ALL SELECT measure, rep_id, stage, occurred_day, amount FROM fact "
         "WHERE seq > (SELECT COALESCE(MAX(seq), 0) FROM rollup_mark) AND rep_id {{in}} AND "
         "measure || '' IN (" +
         measures +
         ") AND occurred_day >= $2 AND occurred_day <= $3) rolled "
         "GROUP BY measure, rep_id" +
         (query.stage ? ", stage" : "") + (query.day ? ", day" : "");
}

}  // namespace

void InsertFacts(Tx& tx, std::vector<Fact> facts) {
  static const std::string sql =
      std::string("INSERT INTO fact (") + kColumns +
      ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
      "ON CONFLICT (event_id, measure, n) DO NOTHING";
  std::vector<Params> rows;
  rows.reserve(facts.size());
  for (Fact& f : facts) {
    Params& params = rows.emplace_back();
    params.reserve(16);
    params.emplace_back(std::move(f.event_id));
    params.emplace_back(NameOf(f.measure));
    for (int64_t number :
         {int64_t{f.n}, int64_t{f.count}, f.amount, int64_t{f.occurred_day}, int64_t{f.posted_day}})
      params.emplace_back(number);
    for (std::string* text : {&f.rep_id, &f.customer_id, &f.product_id, &f.source, &f.pipeline,
                              &f.stage, &f.deal_id, &f.deal_ref})
      params.emplace_back(std::move(*text));
    params.emplace_back(f.recorded_us);
  }
  tx.WriteMany(sql, std::move(rows));
}

StatusOr<std::vector<RawSum>> ReadSums(Reader& reader, const SumsQuery& query, Interner* ids) {
  std::vector<RawSum> sums;
  if (query.measures.empty()) return sums;
  const bool rolled_up = RolledUp(query);
  std::vector<std::string> keys = query.reps;
  if (!rolled_up) {
    keys.clear();
    for (Measure m : query.measures) keys.push_back(NameOf(m));
  }
  Params more{int64_t{query.days.from}, int64_t{query.days.to}};
  if (query.as_of_us) more.emplace_back(query.as_of_us);
  ASSIGN_OR_RETURN(Rows rows,
                   reader.QueryIn(rolled_up ? RolledUpSql(query) : SumsSql(query), keys, more));
  sums.reserve(rows.size());
  for (const Row& row : rows) {
    RawSum sum;
    sum.measure = FindMeasure(row.Text(0)).value_or(Measure::kWon);
    sum.rep = ids->Of(row.Text(1));
    sum.customer = ids->Of(row.Text(2));
    sum.product = ids->Of(row.Text(3));
    sum.source = ids->Of(row.Text(4));
    sum.stage = ids->Of(row.Text(5));
    sum.day = static_cast<int32_t>(row.Int(6));
    sum.amount = row.Int(7);
    sum.count = row.Int(8);
    sums.push_back(sum);
  }
  return sums;
}

Status VisitFacts(Reader& reader, Measure measure, const Days& days, int64_t as_of_us,
                  const std::function<void(Fact)>& visit) {
  static const std::string select =
      std::string("SELECT ") + kColumns +
      " FROM fact WHERE measure = $1 AND occurred_day >= $2 AND occurred_day <= $3";
  static const std::string order = " ORDER BY occurred_day, event_id, n";
  Params params{NameOf(measure), int64_t{days.from}, int64_t{days.to}};
  if (as_of_us) params.emplace_back(as_of_us);
  return reader.Visit(select + (as_of_us ? " AND recorded_us <= $4" : "") + order, params,
                      [&](const Row& row) {
                        visit(ReadFact(row));
                        return true;
                      });
}

StatusOr<std::vector<Fact>> ReadWins(Reader& reader, const std::vector<std::string>& customers,
                                     int64_t as_of_us) {
  static const std::string select =
      std::string("SELECT ") + kColumns + " FROM fact WHERE measure = 'won'";
  if (!customers.empty())
    return ReadFacts(reader.QueryIn(select + " AND customer_id {{in}}", customers));
  if (as_of_us) return ReadFacts(reader.Query(select + " AND recorded_us <= $1", {as_of_us}));
  return ReadFacts(reader.Query(select));
}

StatusOr<std::vector<Fact>> ReadCredits(Reader& reader, const std::vector<std::string>& customers) {
  static const std::string sql =
      std::string("SELECT ") + kColumns +
      " FROM fact WHERE measure = 'new_customers' AND customer_id {{in}}";
  return ReadFacts(reader.QueryIn(sql, customers));
}

void DropCredit(Tx& tx, const std::string& customer) {
  tx.Write("DELETE FROM fact WHERE measure = 'new_customers' AND customer_id = $1", {customer});
}

void DropFacts(Tx& tx) {
  for (const char* sql : {"DELETE FROM fact", "DELETE FROM rollup", "DELETE FROM rollup_mark"})
    tx.Write(sql, {});
}

StatusOr<bool> HasFacts(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT 1 FROM fact LIMIT 1"));
  return !rows.empty();
}

}  // namespace spm::performance
