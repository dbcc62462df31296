// The loop of every batch call: each row decides alone and refuses itself alone. For the lane's
// thread.
#pragma once

#include "common/db/tx.h"
#include "common/rpc/validate.h"
#include "spm/base/v1/common.pb.h"

namespace spm {

// Runs `one(row, i, result)` for each row, after what the row's descriptor asks. `done(row,
// result)` follows a row that was taken.
template <typename Response, typename Rows, typename One, typename Done>
Response RunRows(Tx& tx, const Rows& rows, const One& one, const Done& done) {
  Response response;
  for (int i = 0; i < rows.size(); ++i) {
    base::v1::RowResult* result = response.add_results();
    const Status status = tx.RunRow(i, [&]() -> Status {
      if (auto wrong = ValidateMessage(rows[i]); !wrong.empty()) return InvalidFields(wrong);
      return one(rows[i], i, result);
    });
    if (status.ok()) {
      done(rows[i], *result);
      continue;
    }
    result->Clear();
    result->set_outcome(base::v1::RowResult::OUTCOME_REFUSED);
    *result->mutable_error() = ToProto(status);
  }
  return response;
}

template <typename Response, typename Rows, typename One>
Response RunRows(Tx& tx, const Rows& rows, const One& one) {
  return RunRows<Response>(tx, rows, one, [](const auto&, const auto&) {});
}

}  // namespace spm
