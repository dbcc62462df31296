#include "common/write/journal.h"

#include <limits>

#include "common/base/ids.h"

namespace spm {
namespace {

constexpr char kColumns[] =
    "j.seq, j.aggregate_id, j.version, j.type, j.occurred_us, j.recorded_us, j.actor, "
    "j.request_id, j.policies, j.trace, j.payload FROM journal j";

std::vector<base::v1::Event> Decode(const Rows& rows) {
  std::vector<base::v1::Event> events;
  events.reserve(rows.size());
  for (const Row& row : rows) {
    base::v1::Event& e = events.emplace_back();
    e.set_seq(row.Int(0));
    e.set_aggregate_id(row.Text(1));
    e.set_version(row.Int(2));
    e.set_type(row.Text(3));
    e.set_occurred_us(row.Int(4));
    e.set_recorded_us(row.Int(5));
    e.set_actor(row.Text(6));
    e.set_request_id(row.Text(7));
    e.set_policies(row.Text(8));
    e.set_trace(row.Text(9));
    e.set_payload(row.Text(10));
  }
  return events;
}

}  // namespace

int PartOf(const std::string& aggregate_id) {
  return static_cast<int>(Murmur2(aggregate_id) % kOutboxParts);
}

Status AppendJournal(Connection& connection, int64_t first_seq,
                     const std::vector<JournalEvent>& events) {
  std::vector<Params> journal, outbox;
  journal.reserve(events.size());
  outbox.reserve(events.size());
  for (const JournalEvent& e : events) {
    int64_t seq = first_seq + static_cast<int64_t>(journal.size());
    journal.push_back({seq, e.event.aggregate_id, e.event.version, e.event.type,
                       e.event.occurred_us, e.recorded_us, e.actor, e.request_id, e.policies,
                       e.trace, Bytes{e.event.payload}});
    outbox.push_back({static_cast<int64_t>(PartOf(e.event.aggregate_id)), seq});
  }
  RETURN_IF_ERROR(connection.ExecuteMany(
      "INSERT INTO journal (seq, aggregate_id, version, type, occurred_us, recorded_us, actor, "
      "request_id, policies, trace, payload) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      journal));
  RETURN_IF_ERROR(connection.ExecuteMany("INSERT INTO outbox (part, seq) VALUES ($1, $2)", outbox));
  return OkStatus();
}

StatusOr<std::vector<base::v1::Event>> ReadJournal(Reader& reader, int64_t from_seq, int limit,
                                                   const std::vector<std::string>& types) {
  const std::string select = std::string("SELECT ") + kColumns + " WHERE ";
  const std::string order = " ORDER BY j.seq LIMIT ";
  Rows rows;
  if (types.empty()) {
    ASSIGN_OR_RETURN(rows, reader.Query(select + "j.seq > $1" + order + "$2",
                                        {from_seq, static_cast<int64_t>(limit)}));
  } else {
    ASSIGN_OR_RETURN(rows, reader.QueryIn(select + "j.type {{in}} AND j.seq > $2" + order + "$3",
                                          types, {from_seq, static_cast<int64_t>(limit)}));
  }
  return Decode(rows);
}

StatusOr<std::vector<base::v1::Event>> ReadAggregates(Reader& reader,
                                                      const std::vector<std::string>& ids,
                                                      int64_t from_version) {
  ASSIGN_OR_RETURN(Rows rows, reader.QueryIn(std::string("SELECT ") + kColumns +
                                                 " WHERE j.aggregate_id {{in}} AND j.version >= $2 "
                                                 "ORDER BY j.aggregate_id, j.version",
                                             ids, {from_version}));
  return Decode(rows);
}

StatusOr<std::vector<base::v1::Event>> ReadByTime(Reader& reader,
                                                  const std::vector<std::string>& ids,
                                                  const std::optional<EventPosition>& after,
                                                  int limit) {
  const EventPosition from = after.value_or(EventPosition{std::numeric_limits<int64_t>::min(), 0});
  ASSIGN_OR_RETURN(
      Rows rows,
      reader.QueryIn(
          std::string("SELECT ") + kColumns +
              " WHERE j.aggregate_id {{in}} AND (j.occurred_us > $2 OR "
              "(j.occurred_us = $2 AND j.seq > $3)) ORDER BY j.occurred_us, j.seq LIMIT $4",
          ids, {from.occurred_us, from.seq, static_cast<int64_t>(limit)}));
  return Decode(rows);
}

StatusOr<std::vector<base::v1::Event>> ReadOutbox(Reader& reader, int part, int limit) {
  ASSIGN_OR_RETURN(Rows rows,
                   reader.Query(std::string("SELECT ") + kColumns +
                                    " JOIN outbox o ON o.seq = j.seq WHERE o.part = $1 "
                                    "ORDER BY o.seq LIMIT $2",
                                {static_cast<int64_t>(part), static_cast<int64_t>(limit)}));
  return Decode(rows);
}

}  // namespace spm
