// Benchmarks: imported row by row, repeatable, listed (D6).
#pragma once

#include "common/base/status.h"
#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/performance/v1/target.pb.h"

namespace spm::performance {

StatusOr<v1::BatchImportBenchmarksResponse> BatchImportBenchmarks(
    Tx& tx, const v1::BatchImportBenchmarksRequest& request, const Call&);
StatusOr<v1::ListBenchmarksResponse> ListBenchmarks(Snapshot& snapshot,
                                                    const v1::ListBenchmarksRequest& request,
                                                    const Call&);

}  // namespace spm::performance
