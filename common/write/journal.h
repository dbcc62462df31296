// The journal of a service: every event for ever, in order; history, audit record and the source of
// rebuilds. Appended by the lane, read by all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/db/db.h"
#include "common/db/tx.h"
#include "spm/base/v1/common.pb.h"

namespace spm {

struct JournalEvent {
  PendingEvent event;
  int64_t recorded_us = 0;
  std::string actor;
  std::string request_id;
  std::string policies;
  std::string trace;
};

// Parts of an outbox; an aggregate stays in its part for ever.
constexpr int kOutboxParts = 16;
int PartOf(const std::string& aggregate_id);

// Appends events and their outbox rows from `first_seq` on.
Status AppendJournal(Connection& connection, int64_t first_seq,
                     const std::vector<JournalEvent>& events);

// Events after `from_seq`, at most `limit`; only of `types` where there are any.
StatusOr<std::vector<base::v1::Event>> ReadJournal(Reader& reader, int64_t from_seq, int limit,
                                                   const std::vector<std::string>& types = {});
// Events of aggregates from a version on, by aggregate and version.
StatusOr<std::vector<base::v1::Event>> ReadAggregates(Reader& reader,
                                                      const std::vector<std::string>& ids,
                                                      int64_t from_version = 1);
// Where an event stands in the order of time; what happened at the same moment goes by the journal.
struct EventPosition {
  int64_t occurred_us = 0;
  int64_t seq = 0;
};
// Events of aggregates by when they happened, after a position, at most `limit`.
StatusOr<std::vector<base::v1::Event>> ReadByTime(Reader& reader,
                                                  const std::vector<std::string>& ids,
                                                  const std::optional<EventPosition>& after,
                                                  int limit);
// Events waiting in a part of the outbox, in journal order, at most `limit`.
StatusOr<std::vector<base::v1::Event>> ReadOutbox(Reader& reader, int part, int limit);

}  // namespace spm
