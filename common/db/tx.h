// The transaction of one command: reads through an identity map, buffers writes and events until
// its function has returned OK, and can be undone without the database. Belongs to the lane's
// thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/db/db.h"
#include "google/protobuf/message.h"

namespace spm {

// An event of this transaction, not yet in the journal.
struct PendingEvent {
  std::string aggregate_id;
  int64_t version = 0;
  int64_t occurred_us = 0;
  std::string type;
  std::string payload;
};

// An aggregate as the identity map keeps it; `row` is null where it is known not to exist.
struct Loaded {
  std::shared_ptr<const google::protobuf::Message> row;
  int64_t version = 0;
  int64_t occurred_us = 0;
};

// What the commands of a batch share: the connection, the identity map, the unique keys seen.
class Batch {
 public:
  explicit Batch(Connection& connection) : connection_(connection) {}
  Connection& connection() { return connection_; }

 private:
  friend class Tx;
  Connection& connection_;
  std::unordered_map<std::string, Loaded> rows_;
  // "table\0column\0value" -> id, or nullopt where the key is known to be free.
  std::unordered_map<std::string, std::optional<std::string>> keys_;
};

class Tx : public Reader {
 public:
  Tx(Batch& batch, int64_t now_us) : batch_(batch), now_us_(now_us), occurred_us_(now_us) {}
  Tx(const Tx&) = delete;

  // The lane's time of this command.
  int64_t now_us() const { return now_us_; }
  // When the events saved from here on happened; the lane's time unless an import says otherwise.
  void set_occurred_us(int64_t us) { occurred_us_ = us; }
  int64_t occurred_us() const { return occurred_us_; }

  StatusOr<Rows> Query(const std::string& sql, const Params& params = {}) override;
  Status Visit(const std::string& sql, const Params& params,
               const std::function<bool(const Row&)>& visit) override;
  StatusOr<Rows> QueryIn(const std::string& sql, const std::vector<std::string>& keys,
                         const Params& more = {}) override;

  // Returns nothing: what goes wrong surfaces in the lane.
  void Write(std::string sql, Params params);
  // Exactly one row must change; anything else fails the transaction.
  void WriteOne(std::string sql, Params params);
  // The statement for each of `rows`, all of which have a value for each parameter.
  void WriteMany(std::string sql, std::vector<Params> rows);
  // An event without a row of its own (policies). Tables add theirs by Save.
  void AddEvent(const std::string& aggregate_id, int64_t version,
                const google::protobuf::Message& event);
  // Runs after the commit, before the caller is answered. Must be quick and cannot fail.
  void OnCommit(std::function<void()> then);

  // One row of a batch call: `run` in a child scope, whose writes, events and changes of the map
  // are dropped when it fails. `n` counts the rows from 0.
  Status RunRow(int n, const std::function<Status()>& run);

  // For Table<T>.
  const Loaded* Cached(const std::string& table, const std::string& id) const;
  void Cache(const std::string& table, const std::string& id, Loaded loaded);
  void CacheNew(const std::string& table, const std::string& id, Loaded loaded);
  const std::optional<std::string>* CachedKey(const std::string& key) const;
  void CacheKey(const std::string& key, std::optional<std::string> id);
  void CacheKeyNew(const std::string& key, std::optional<std::string> id);
  void AddEvent(PendingEvent event);

  // For the lane: sends what is buffered; restores the map.
  Status Flush();
  void Undo();
  // True once something was sent before the end, so that a refusal must roll the batch back.
  bool flushed() const { return flushed_; }
  // A statement failed; nothing of the batch may be committed.
  const Status& failure() const { return failure_; }
  // The failure is a row's own refusal after its writes were sent, not the database's.
  bool refused() const { return refused_; }
  std::vector<PendingEvent>& events() { return events_; }
  std::vector<std::function<void()>>& then() { return then_; }
  // Rows that failed in SQL in an earlier run of this call, with their errors; and whether each row
  // is to be sent on its own to find the next one.
  struct RowFaults {
    std::map<int, Status> known;
    bool each = false;
    int failed = -1;
  };
  void set_row_faults(RowFaults* faults) { faults_ = faults; }

 private:
  struct Statement {
    std::string sql;
    Params params;
    bool one = false;
    // Instead of `params`.
    std::vector<Params> many = {};
  };
  struct Mark {
    size_t writes, events, then, row_undo, key_undo;
  };
  Status FlushIfNeeded();
  void UndoTo(const Mark& mark);
  Mark Here() const;

  Batch& batch_;
  int64_t now_us_;
  int64_t occurred_us_;
  std::vector<Statement> writes_;
  std::vector<PendingEvent> events_;
  std::vector<std::function<void()>> then_;
  std::vector<std::pair<std::string, std::optional<Loaded>>> row_undo_;
  std::vector<std::pair<std::string, std::optional<std::optional<std::string>>>> key_undo_;
  size_t sent_ = 0;
  bool flushed_ = false;
  bool refused_ = false;
  Status failure_;
  RowFaults* faults_ = nullptr;
};

}  // namespace spm
