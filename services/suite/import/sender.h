// Sends the rows of one kind in batches: one batch is on its way while the next is read, so the
// order of the rows is kept. One thread.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "google/protobuf/message.h"
#include "services/suite/import/report.h"
#include "services/suite/session.h"
#include "spm/base/v1/common.pb.h"

namespace spm::suite {

// Where a row comes from.
struct Origin {
  std::string file;
  int64_t line = 0;
  std::string key;
};

class BatchSender {
 public:
  // Outcomes are counted in `stats` and `refusals`, which outlive the sender.
  BatchSender(Session* session, std::string source, KindStats* stats,
              std::vector<Refusal>* refusals)
      : session_(session), source_(std::move(source)), stats_(stats), refusals_(refusals) {}
  ~BatchSender();

  // Adds a row (a row message of the kind's request); sends when a batch is full.
  Status Add(const google::protobuf::Message& row, Origin origin);
  // Sends what waits; rows added later come after it.
  Status Flush();
  // Flushes and waits for the last outcome.
  Status Finish();

 private:
  struct Batch {
    std::unique_ptr<google::protobuf::Message> request;
    std::vector<Origin> origins;
    size_t bytes = 0;
  };
  using Answer = std::pair<Status, std::string>;

  Batch NewBatch() const;
  std::future<Answer> Send(const Batch& batch);
  Status Await();
  Status Count(const Batch& batch, const std::string& reply);
  // Refuses the rows that the error names and leaves the others in the batch; false where it names
  // none.
  bool DropNamedRows(const Status& status, Batch* batch);
  void Refuse(const Origin& origin, const Status& status);

  Session* session_;
  std::string source_;
  KindStats* stats_;
  std::vector<Refusal>* refusals_;
  Batch next_;
  Batch sent_;
  std::future<Answer> answer_;
};

// The field that an error names, and what it says of it.
std::pair<std::string, std::string> FieldOf(const Status& status);

}  // namespace spm::suite
