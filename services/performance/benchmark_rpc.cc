#include "services/performance/benchmark_rpc.h"

#include "common/base/time.h"
#include "common/rpc/validate.h"
#include "services/performance/benchmark_store.h"
#include "services/performance/rules/dates.h"
#include "services/performance/rules/registry.h"
#include "spm/performance/v1/events.pb.h"

namespace spm::performance {
namespace {

// Digits with at most one point, and a sign.
bool IsDecimal(const std::string& text) {
  size_t at = text.size() > 1 && text[0] == '-' ? 1 : 0, digits = 0, points = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.')
      ++points;
    else if (text[at] >= '0' && text[at] <= '9')
      ++digits;
    else
      return false;
  }
  return digits > 0 && digits <= 18 && points <= 1;
}

StatusOr<BenchmarkRow> ReadBenchmark(const v1::Benchmark& benchmark, int32_t today) {
  if (auto wrong = ValidateMessage(benchmark); !wrong.empty()) return InvalidFields(wrong);
  BenchmarkRow row;
  if (!FindMetric(benchmark.metric()))
    return InvalidField(
        "metric", "'" + benchmark.metric() + "' is no metric; ListMetrics tells which there are");
  std::optional<DayRange> range = ParseBucket(benchmark.period());
  if (!range || range->bucket == Bucket::kDay || range->bucket == Bucket::kWeek)
    return InvalidField("period", "must be 2017, 2017-Q2 or 2017-06");
  if (!IsDecimal(benchmark.value()))
    return InvalidField("value", "must be a decimal of at most 18 digits, as 0.63 or 120000");
  ASSIGN_OR_RETURN(row.published_day, ToDay(benchmark.published_on(), "published_on"));
  if (row.published_day > today)
    return InvalidField("published_on", "lies in the future; give the day it was published");
  row.metric = benchmark.metric();
  row.period = benchmark.period();
  row.source = benchmark.source();
  row.value = benchmark.value();
  row.id = BenchmarkId(row.metric, row.period, row.source);
  return row;
}

StatusOr<base::v1::RowResult> ImportOne(Tx& tx, const v1::Benchmark& benchmark, int32_t today) {
  ASSIGN_OR_RETURN(BenchmarkRow row, ReadBenchmark(benchmark, today));
  ASSIGN_OR_RETURN(std::optional<BenchmarkRow> present, FindBenchmark(tx, row.id));
  base::v1::RowResult result;
  result.set_id(row.id);
  if (present && present->value == row.value && present->published_day == row.published_day) {
    result.set_outcome(base::v1::RowResult::OUTCOME_UNCHANGED);
    return result;
  }
  row.version = (present ? present->version : 0) + 1;
  SaveBenchmark(tx, row);
  v1::BenchmarkSaved saved;
  saved.set_metric(row.metric);
  saved.set_period(row.period);
  saved.set_value(row.value);
  saved.set_source(row.source);
  SetDate(row.published_day, saved.mutable_published_on());
  tx.AddEvent(row.id, row.version, saved);
  result.set_outcome(present ? base::v1::RowResult::OUTCOME_UPDATED
                             : base::v1::RowResult::OUTCOME_CREATED);
  return result;
}

}  // namespace

StatusOr<v1::BatchImportBenchmarksResponse> BatchImportBenchmarks(
    Tx& tx, const v1::BatchImportBenchmarksRequest& request, const Call& call) {
  v1::BatchImportBenchmarksResponse reply;
  for (int i = 0; i < request.rows_size(); ++i) {
    base::v1::RowResult& result = *reply.add_results();
    Status status = tx.RunRow(i, [&]() -> Status {
      ASSIGN_OR_RETURN(result, ImportOne(tx, request.rows(i), call.today));
      return OkStatus();
    });
    if (status.ok()) continue;
    if (IsInfrastructure(status)) return status;
    result.Clear();
    result.set_outcome(base::v1::RowResult::OUTCOME_REFUSED);
    *result.mutable_error() = ToProto(status);
  }
  return reply;
}

StatusOr<v1::ListBenchmarksResponse> ListBenchmarks(Snapshot& snapshot,
                                                    const v1::ListBenchmarksRequest& request,
                                                    const Call&) {
  ASSIGN_OR_RETURN(std::vector<BenchmarkRow> rows,
                   ListBenchmarkRows(snapshot, request.metric(), request.period()));
  v1::ListBenchmarksResponse reply;
  for (const BenchmarkRow& row : rows) {
    v1::Benchmark& benchmark = *reply.add_benchmarks();
    benchmark.set_metric(row.metric);
    benchmark.set_period(row.period);
    benchmark.set_value(row.value);
    benchmark.set_source(row.source);
    SetDate(row.published_day, benchmark.mutable_published_on());
  }
  return reply;
}

}  // namespace spm::performance
