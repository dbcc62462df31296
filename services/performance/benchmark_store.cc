#include "services/performance/benchmark_store.h"

#include "common/base/ids.h"

namespace spm::performance {
namespace {

BenchmarkRow ReadRow(const Row& row) {
  return {row.Text(0),
          row.Int(1),
          row.Text(2),
          row.Text(3),
          row.Text(4),
          row.Text(5),
          static_cast<int32_t>(row.Int(6))};
}

}  // namespace

std::string BenchmarkId(const std::string& metric, const std::string& period,
                        const std::string& source) {
  return NamedId("spm.performance.benchmark:" + metric + "\n" + period + "\n" + source);
}

StatusOr<std::optional<BenchmarkRow>> FindBenchmark(Reader& reader, const std::string& id) {
  ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT id, version, metric, period, source, value, "
                                           "published_day FROM benchmark WHERE id = $1",
                                           {id}));
  if (rows.empty()) return std::optional<BenchmarkRow>();
  return std::optional(ReadRow(rows[0]));
}

void SaveBenchmark(Tx& tx, const BenchmarkRow& row) {
  if (row.version == 1) {
    tx.WriteOne(
        "INSERT INTO benchmark (id, version, metric, period, source, value, published_day) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {row.id, row.version, row.metric, row.period, row.source, row.value,
         int64_t{row.published_day}});
  } else {
    tx.WriteOne(
        "UPDATE benchmark SET version = $2, value = $3, published_day = $4 "
        "WHERE id = $1 AND version = $5",
        {row.id, row.version, row.value, int64_t{row.published_day}, row.version - 1});
  }
}

StatusOr<std::vector<BenchmarkRow>> ListBenchmarkRows(Reader& reader, const std::string& metric,
                                                      const std::string& period) {
  ASSIGN_OR_RETURN(
      Rows rows,
      reader.Query(
          "SELECT id, version, metric, period, source, value, published_day FROM benchmark "
          "WHERE ($1 = '' OR metric = $1) AND ($2 = '' OR period = $2) "
          "ORDER BY metric, period, source",
          {metric, period}));
  std::vector<BenchmarkRow> benchmarks;
  for (const Row& row : rows) benchmarks.push_back(ReadRow(row));
  return benchmarks;
}

}  // namespace spm::performance
