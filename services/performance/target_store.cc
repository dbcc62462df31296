#include "services/performance/target_store.h"

#include "common/base/ids.h"

namespace spm::performance {
namespace {

StatusOr<std::vector<TargetRevision>> ToRevisions(StatusOr<Rows> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<TargetRevision> revisions;
  for (const Row& row : *rows) {
    TargetRevision& revision = revisions.emplace_back();
    revision.effective_day = static_cast<int32_t>(row.Int(0));
    revision.saved_us = row.Int(1);
    if (!revision.plan.ParseFromString(row.Text(2)))
      return Internal("a revision of a target plan cannot be decoded");
  }
  return revisions;
}

}  // namespace

const Table<v1::TargetPlan> kTargetPlans({.name = "target_plan",
                                          .noun = "target plan",
                                          .filters = {{"year", "t.year = $"}},
                                          .orders = {{"year", {"year ASC", "id ASC"}}}},
                                         {{"year", [](const v1::TargetPlan& plan) {
                                             return Value(int64_t{plan.year()});
                                           }}});

std::string TargetPlanId(int32_t year) {
  return NamedId("spm.performance.target_plan:" + std::to_string(year));
}

void SaveRevision(Tx& tx, const TargetRevision& revision) {
  tx.WriteOne(
      "INSERT INTO target_revision (plan_id, version, year, effective_day, saved_us, body) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      {revision.plan.id(), revision.plan.version(), int64_t{revision.plan.year()},
       int64_t{revision.effective_day}, revision.saved_us,
       Bytes{revision.plan.SerializeAsString()}});
}

StatusOr<std::vector<TargetRevision>> ReadRevisions(Reader& reader) {
  return ToRevisions(reader.Query(
      "SELECT effective_day, saved_us, body FROM target_revision ORDER BY year, version"));
}

StatusOr<std::vector<TargetRevision>> ReadRevisions(Reader& reader, int32_t year) {
  return ToRevisions(reader.Query(
      "SELECT effective_day, saved_us, body FROM target_revision WHERE year = $1 ORDER BY version",
      {int64_t{year}}));
}

StatusOr<std::string> ReadTargetState(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT id, version FROM target_plan ORDER BY id"));
  std::string state;
  for (const Row& row : rows) state += row.Text(0) + "." + std::to_string(row.Int(1)) + " ";
  return state;
}

}  // namespace spm::performance
