// Figures of others to compare with: one for each metric, period and source.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/db/tx.h"

namespace spm::performance {

struct BenchmarkRow {
  std::string id;
  int64_t version = 0;
  std::string metric, period, source, value;
  int32_t published_day = 0;
};

// The same for the same metric, period and source, for ever.
std::string BenchmarkId(const std::string& metric, const std::string& period,
                        const std::string& source);
StatusOr<std::optional<BenchmarkRow>> FindBenchmark(Reader& reader, const std::string& id);
// A row of version 1 is new, a later one replaces the one before.
void SaveBenchmark(Tx& tx, const BenchmarkRow& row);
// By metric, period, source; empty texts are all.
StatusOr<std::vector<BenchmarkRow>> ListBenchmarkRows(Reader& reader, const std::string& metric,
                                                      const std::string& period);

}  // namespace spm::performance
