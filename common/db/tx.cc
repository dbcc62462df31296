#include "common/db/tx.h"

namespace spm {
namespace {

std::string RowKey(const std::string& table, const std::string& id) { return table + '\0' + id; }

template <typename M>
auto Copy(const M& map, const std::string& key) {
  auto found = map.find(key);
  return found == map.end() ? std::optional<typename M::mapped_type>()
                            : std::optional<typename M::mapped_type>(found->second);
}

template <typename M, typename U>
void Restore(M& map, U& undo, size_t to) {
  while (undo.size() > to) {
    auto& [key, before] = undo.back();
    if (before) {
      map[key] = *before;
    } else {
      map.erase(key);
    }
    undo.pop_back();
  }
}

}  // namespace

// A query must see what this command wrote, so what is buffered goes out first.
Status Tx::FlushIfNeeded() {
  if (sent_ == writes_.size()) return OkStatus();
  flushed_ = true;
  return Flush();
}

StatusOr<Rows> Tx::Query(const std::string& sql, const Params& params) {
  RETURN_IF_ERROR(FlushIfNeeded());
  auto rows = batch_.connection_.Query(sql, params);
  if (!rows.ok()) failure_ = rows.status();
  return rows;
}

Status Tx::Visit(const std::string& sql, const Params& params,
                 const std::function<bool(const Row&)>& visit) {
  RETURN_IF_ERROR(FlushIfNeeded());
  Status status = batch_.connection_.Visit(sql, params, visit);
  if (!status.ok()) failure_ = status;
  return status;
}

StatusOr<Rows> Tx::QueryIn(const std::string& sql, const std::vector<std::string>& keys,
                           const Params& more) {
  RETURN_IF_ERROR(FlushIfNeeded());
  auto rows = batch_.connection_.QueryIn(sql, keys, more);
  if (!rows.ok()) failure_ = rows.status();
  return rows;
}

void Tx::Write(std::string sql, Params params) {
  writes_.push_back({std::move(sql), std::move(params), false});
}

void Tx::WriteOne(std::string sql, Params params) {
  writes_.push_back({std::move(sql), std::move(params), true});
}

void Tx::WriteMany(std::string sql, std::vector<Params> rows) {
  if (!rows.empty()) writes_.push_back({std::move(sql), {}, false, std::move(rows)});
}

void Tx::AddEvent(const std::string& aggregate_id, int64_t version,
                  const google::protobuf::Message& event) {
  events_.push_back({aggregate_id, version, occurred_us_, event.GetDescriptor()->full_name(),
                     event.SerializeAsString()});
}

void Tx::AddEvent(PendingEvent event) { events_.push_back(std::move(event)); }

void Tx::OnCommit(std::function<void()> then) { then_.push_back(std::move(then)); }

Tx::Mark Tx::Here() const {
  return {writes_.size(), events_.size(), then_.size(), row_undo_.size(), key_undo_.size()};
}

void Tx::UndoTo(const Mark& mark) {
  Restore(batch_.rows_, row_undo_, mark.row_undo);
  Restore(batch_.keys_, key_undo_, mark.key_undo);
  writes_.resize(mark.writes);
  events_.resize(mark.events);
  then_.resize(mark.then);
}

void Tx::Undo() { UndoTo({0, 0, 0, 0, 0}); }

Status Tx::RunRow(int n, const std::function<Status()>& run) {
  if (faults_ != nullptr) {
    auto known = faults_->known.find(n);
    if (known != faults_->known.end()) return known->second;
    // What was buffered before this row must not be blamed on it.
    if (faults_->each) RETURN_IF_ERROR(Flush());
  }
  Mark mark = Here();
  size_t sent = sent_;
  int64_t occurred_us = occurred_us_;
  Status status = run();
  occurred_us_ = occurred_us;
  if (faults_ != nullptr && faults_->each) {
    if (status.ok()) status = Flush();
    if (!failure_.ok()) {
      faults_->failed = n;
      return failure_;
    }
  }
  if (status.ok()) return status;
  if (failure_.ok() && sent_ > sent && sent_ > mark.writes) {
    // Something of the row is in the database already: only the lane can take it back, by running
    // the call again without this row.
    if (faults_ != nullptr) faults_->failed = n;
    failure_ = status;
    refused_ = true;
    return status;
  }
  UndoTo(mark);
  return status;
}

const Loaded* Tx::Cached(const std::string& table, const std::string& id) const {
  auto found = batch_.rows_.find(RowKey(table, id));
  return found == batch_.rows_.end() ? nullptr : &found->second;
}

void Tx::Cache(const std::string& table, const std::string& id, Loaded loaded) {
  batch_.rows_[RowKey(table, id)] = std::move(loaded);
}

void Tx::CacheNew(const std::string& table, const std::string& id, Loaded loaded) {
  std::string key = RowKey(table, id);
  row_undo_.emplace_back(key, Copy(batch_.rows_, key));
  batch_.rows_[key] = std::move(loaded);
}

const std::optional<std::string>* Tx::CachedKey(const std::string& key) const {
  auto found = batch_.keys_.find(key);
  return found == batch_.keys_.end() ? nullptr : &found->second;
}

void Tx::CacheKey(const std::string& key, std::optional<std::string> id) {
  batch_.keys_[key] = std::move(id);
}

void Tx::CacheKeyNew(const std::string& key, std::optional<std::string> id) {
  key_undo_.emplace_back(key, Copy(batch_.keys_, key));
  batch_.keys_[key] = std::move(id);
}

Status Tx::Flush() {
  RETURN_IF_ERROR(failure_);
  for (; sent_ < writes_.size(); ++sent_) {
    const Statement& write = writes_[sent_];
    Connection& to = batch_.connection_;
    auto changed = write.many.empty() ? to.Execute(write.sql, write.params)
                                      : to.ExecuteMany(write.sql, write.many);
    if (changed.ok() && write.one && *changed != 1)
      changed = Internal("one row should have changed, " + std::to_string(*changed) +
                         " did: " + write.sql.substr(0, 200));
    if (!changed.ok()) {
      failure_ = changed.status();
      return failure_;
    }
  }
  return OkStatus();
}

}  // namespace spm
