#include "services/leads/policy_store.h"

#include "services/leads/lead_store.h"

namespace spm::leads {
namespace {

constexpr char kLeads[] =
    "SELECT id, body FROM lead WHERE open = 1 AND id > $1 ORDER BY id LIMIT $2";
constexpr char kDeals[] =
    "SELECT id, body FROM opportunity WHERE stage_kind = 1 AND deleted = 0 AND id > $1 "
    "AND ($3 = '' OR pipeline = $3) ORDER BY id LIMIT $2";

template <typename T>
StatusOr<std::vector<T>> Decoded(const StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::vector<T> all;
  for (const Row& row : *rows)
    if (!all.emplace_back().ParseFromString(row.Text(1)))
      return Internal("record " + row.Text(0) + " cannot be decoded");
  return all;
}

}  // namespace

StatusOr<std::map<std::string, int64_t>> StandingDeals(Reader& reader,
                                                       const std::string& pipeline) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.Query("SELECT stage, COUNT(*) FROM opportunity WHERE pipeline = $1 AND "
                                "stage_kind = 1 AND deleted = 0 GROUP BY stage",
                                {pipeline}));
  std::map<std::string, int64_t> standing;
  for (const Row& row : rows) standing[row.Text(0)] = row.Int(1);
  return standing;
}

StatusOr<std::vector<v1::Lead>> OpenLeadsAfter(Reader& reader, const std::string& after,
                                               int limit) {
  return Decoded<v1::Lead>(reader.Query(kLeads, {after, int64_t{limit}}));
}

StatusOr<std::vector<v1::Opportunity>> OpenDealsAfter(Reader& reader, const std::string& pipeline,
                                                      const std::string& after, int limit) {
  return Decoded<v1::Opportunity>(reader.Query(kDeals, {after, int64_t{limit}, pipeline}));
}

StatusOr<std::map<std::string, int32_t>> OpenLeadsHeld(Reader& reader,
                                                       const std::vector<std::string>& people) {
  std::vector<std::string> ids;
  for (const std::string& person : people) ids.push_back(HoldingId(person));
  ASSIGN_OR_RETURN(auto holdings, Decoded<v1::Holding>(reader.QueryIn(
                                      "SELECT id, body FROM holding WHERE id {{in}}", ids)));
  std::map<std::string, int32_t> held;
  for (const v1::Holding& holding : holdings) held[holding.rep_id()] = holding.open_leads();
  return held;
}

StatusOr<std::map<std::string, Applied>> AppliedPolicies(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.Query("SELECT kind, version, target, after FROM policy_applied"));
  std::map<std::string, Applied> all;
  for (const Row& row : rows) all[row.Text(0)] = {row.Int(1), row.Int(2), row.Text(3)};
  return all;
}

void SaveApplied(Tx& tx, const std::string& kind, const Applied& applied) {
  tx.WriteOne(
      "INSERT INTO policy_applied (kind, version, target, after) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (kind) DO UPDATE SET version = excluded.version, target = excluded.target, "
      "after = excluded.after",
      {kind, applied.version, applied.target, applied.after});
}

}  // namespace spm::leads
