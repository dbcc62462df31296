// A lane on a database of its own with one table, for tests of what a lane does under faults. One
// thread.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/write/lane.h"
#include "spm/orders/v1/events.pb.h"
#include "tests/support/temp_folder.h"

namespace spm::testing {

class OneLane {
 public:
  static constexpr int64_t kStart = 1'772'409'600'000'000;
  using Run = std::function<StatusOr<std::string>(Tx&, const Call&)>;
  using Replies = std::vector<StatusOr<std::string>>;

  explicit OneLane(int64_t max_outbox = 2'000'000) {
    auto db = Db::OpenSqlite(folder_.path() + "/lane.db");
    EXPECT_TRUE(db.ok()) << db.status();
    db_ = std::move(*db);
    auto schema = EmbeddedSchema("common/write");
    schema[0].number = 0;
    schema.push_back({1, "note", "CREATE TABLE note (name TEXT PRIMARY KEY)"});
    EXPECT_TRUE(Migrate(*db_, schema).ok());
    lane_ = std::make_unique<Lane>(Lane::Options{.service = "test",
                                                 .db = db_.get(),
                                                 .clock = &clock_,
                                                 .make_call =
                                                     [](const Caller& caller, int64_t now_us) {
                                                       Call call;
                                                       call.caller = caller;
                                                       call.now_us = now_us;
                                                       return call;
                                                     },
                                                 .wake_relay = nullptr,
                                                 .max_outbox = max_outbox,
                                                 .crash = nullptr});
    EXPECT_TRUE(lane_->Start().ok());
  }

  Lane& lane() { return *lane_; }
  Db& db() { return *db_; }

  static Command CommandOf(Run run, std::function<void(StatusOr<std::string>)> done, int rows = 1) {
    return Command{.method = "test/Do",
                   .request_id = RandomUuid(),
                   .hash = "h",
                   .caller = {.id = "tester", .name = "", .roles = {}},
                   .trace = "",
                   .wanted = {},
                   .rows = rows,
                   .cancelled = nullptr,
                   .run = std::move(run),
                   .done = std::move(done)};
  }
  StatusOr<std::string> Do(Run run, int rows = 1) {
    std::promise<StatusOr<std::string>> reply;
    lane_->Submit(CommandOf(
        std::move(run), [&reply](StatusOr<std::string> r) { reply.set_value(std::move(r)); },
        rows));
    return reply.get_future().get();
  }

  // Keeps the lane busy while `submit` runs, so that it takes what was submitted as one batch.
  void Behind(const std::function<void()>& submit) {
    std::promise<void> entered, gate;
    auto open = gate.get_future().share();
    lane_->Submit(Task{.name = "gate",
                       .request_id = "",
                       .run =
                           [&entered, open](Tx&, const Call&) {
                             entered.set_value();
                             open.wait();
                             return OkStatus();
                           },
                       .done = nullptr});
    entered.get_future().wait();
    submit();
    gate.set_value();
  }
  Replies Together(const std::vector<Run>& runs) {
    std::vector<std::promise<StatusOr<std::string>>> promises(runs.size());
    Behind([&] {
      for (size_t i = 0; i < runs.size(); ++i)
        lane_->Submit(CommandOf(
            runs[i], [p = &promises[i]](StatusOr<std::string> r) { p->set_value(std::move(r)); }));
    });
    Replies replies;
    for (auto& p : promises) replies.push_back(p.get_future().get());
    return replies;
  }

  std::vector<std::string> Notes() {
    auto snapshot = db_->OpenSnapshot();
    auto rows = (*snapshot)->Query("SELECT name FROM note ORDER BY name");
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<std::string> notes;
    for (const Row& row : *rows) notes.push_back(row.Text(0));
    return notes;
  }

  static void Note(Tx& tx, const std::string& name) {
    tx.WriteOne("INSERT INTO note (name) VALUES ($1)", {name});
  }
  // Sees what is written, so it is sent before.
  static Status Look(Tx& tx) { return tx.Query("SELECT COUNT(*) FROM note").status(); }

 private:
  TempFolder folder_;
  std::unique_ptr<Db> db_;
  ManualClock clock_{kStart};
  std::unique_ptr<Lane> lane_;
};

}  // namespace spm::testing
