#include "services/performance/rollups.h"

namespace spm::performance {
namespace {

StatusOr<int64_t> ReadMark(Reader& reader) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT seq FROM rollup_mark WHERE id = 1"));
  return rows.empty() ? 0 : rows[0].Int(0);
}

// A credit of a new customer may move, so it is never summed up.
bool IsSummed(Measure measure) { return measure != Measure::kNewCustomers; }

}  // namespace

Status Rollups::Load(Reader& reader, int32_t from, int32_t today, const Visit& visit) {
  sums_.clear();
  ASSIGN_OR_RETURN(mark_, ReadMark(reader));
  seq_ = mark_;
  RETURN_IF_ERROR(reader.Visit(
      "SELECT rep_id, day, measure, stage, amount FROM rollup WHERE day >= $1 AND "
      "measure <> 'open' AND measure <> 'pipeline_value'",
      {int64_t{from}}, [&](const Row& row) {
        if (auto measure = FindMeasure(row.Text(2)))
          visit({row.Text(0), static_cast<int32_t>(row.Int(1)), *measure, row.Text(3), row.Int(4)});
        return true;
      }));
  RETURN_IF_ERROR(
      reader.Visit("SELECT rep_id, measure, SUM(amount) FROM rollup WHERE day <= $1 AND "
                   "(measure = 'open' OR measure = 'pipeline_value') GROUP BY rep_id, measure",
                   {int64_t{today}}, [&](const Row& row) {
                     if (auto measure = FindMeasure(row.Text(1)))
                       visit({row.Text(0), today, *measure, "", row.Int(2)});
                     return true;
                   }));
  return Pull(reader, visit).status();
}

StatusOr<int64_t> Rollups::Pull(Reader& reader, const Visit& visit) {
  int64_t facts = 0;
  RETURN_IF_ERROR(
      reader.Visit("SELECT seq, rep_id, occurred_day, measure, stage, amount FROM fact WHERE seq > "
                   "$1 ORDER BY seq",
                   {seq_}, [&](const Row& row) {
                     seq_ = row.Int(0);
                     ++facts;
                     auto measure = FindMeasure(row.Text(3));
                     if (!measure || !IsSummed(*measure)) return true;
                     const RollupRow one{row.Text(1), static_cast<int32_t>(row.Int(2)), *measure,
                                         row.Text(4), row.Int(5)};
                     sums_[{one.rep_id, one.day, row.Text(3), one.stage}] += one.amount;
                     visit(one);
                     return true;
                   }));
  return facts;
}

Status Rollups::Flush(Lane& lane) {
  const int64_t mark = mark_, seq = seq_;
  RETURN_IF_ERROR(lane.Run("rollups", [this, mark, seq](Tx& tx, const Call&) -> Status {
    ASSIGN_OR_RETURN(int64_t now, ReadMark(tx));
    // Positions are never given again, so after a drop none of the facts summed up is there.
    ASSIGN_OR_RETURN(Rows some, tx.Query("SELECT 1 FROM fact WHERE seq > $1 AND seq <= $2 LIMIT 1",
                                         {mark, seq}));
    if (now != mark || some.empty())
      return Aborted("ROLLUPS_DROPPED", "the roll-ups were dropped meanwhile");
    // A sum of 0 is written too: which rows there are depends on the facts alone.
    std::vector<Params> rows;
    rows.reserve(sums_.size());
    for (const auto& [key, amount] : sums_)
      rows.push_back({std::get<0>(key), int64_t{std::get<1>(key)}, std::get<2>(key),
                      std::get<3>(key), amount});
    tx.WriteMany(
        "INSERT INTO rollup (rep_id, day, measure, stage, amount) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (rep_id, day, measure, stage) DO UPDATE SET amount = rollup.amount + "
        "excluded.amount",
        std::move(rows));
    tx.WriteOne(
        "INSERT INTO rollup_mark (id, seq) VALUES (1, $1) "
        "ON CONFLICT (id) DO UPDATE SET seq = excluded.seq",
        {seq});
    return OkStatus();
  }));
  mark_ = seq;
  sums_.clear();
  return OkStatus();
}

}  // namespace spm::performance
