// What a refusal or a fault of one command, task or row does to its neighbours: nothing.
#include <gtest/gtest.h>

#include <set>

#include "common/write/lane.h"
#include "tests/common/write/one_lane.h"

namespace spm {
namespace {

using testing::OneLane;
using Notes = std::vector<std::string>;

OneLane::Run Takes(const std::string& name) {
  return [name](Tx& tx, const Call&) -> StatusOr<std::string> {
    OneLane::Note(tx, name);
    return name;
  };
}

// A refusal that looks like a fault of the machinery is still its command's own.
TEST(LaneFaults, ARefusalAfterAQueryThatSawItsWritesHarmsNobodyElse) {
  OneLane one;
  auto replies = one.Together({Takes("a"),
                               [](Tx& tx, const Call&) -> StatusOr<std::string> {
                                 OneLane::Note(tx, "never");
                                 RETURN_IF_ERROR(OneLane::Look(tx));
                                 return Exhausted("CAP_REACHED", "the cap is reached");
                               },
                               Takes("b")});
  EXPECT_TRUE(replies[0].ok()) << replies[0].status();
  EXPECT_EQ(Reason(replies[1].status()), "CAP_REACHED");
  EXPECT_TRUE(replies[2].ok()) << replies[2].status();
  EXPECT_EQ(one.Notes(), (Notes{"a", "b"}));
}

TEST(LaneFaults, ATaskThatRefusesAfterAQueryHarmsNobodyElse) {
  OneLane one;
  std::vector<std::promise<Status>> done(2);
  one.Behind([&] {
    one.lane().Submit(Task{.name = "bad",
                           .request_id = "",
                           .run = [](Tx& tx, const Call&) -> Status {
                             OneLane::Note(tx, "never");
                             RETURN_IF_ERROR(OneLane::Look(tx));
                             return Unavailable("away");
                           },
                           .done = [&](Status s) { done[0].set_value(std::move(s)); }});
    one.lane().Submit(Task{.name = "good",
                           .request_id = "",
                           .run =
                               [](Tx& tx, const Call&) {
                                 OneLane::Note(tx, "a");
                                 return OkStatus();
                               },
                           .done = [&](Status s) { done[1].set_value(std::move(s)); }});
  });
  EXPECT_EQ(done[0].get_future().get().code(), StatusCode::kUnavailable);
  Status good = done[1].get_future().get();
  EXPECT_TRUE(good.ok()) << good;
  EXPECT_EQ(one.Notes(), Notes{"a"});
}

// Runs rows that each write what `names` says; "!" is refused by the database. With `look`, each
// row asks the database after its write.
StatusOr<std::string> Rows(OneLane& one, const std::vector<std::string>& names, bool look,
                           std::vector<std::string>* errors) {
  EXPECT_TRUE(one.Do(Takes("!")).ok());
  return one.Do(
      [&, look](Tx& tx, const Call&) -> StatusOr<std::string> {
        std::string outcomes;
        errors->clear();
        for (size_t i = 0; i < names.size(); ++i) {
          Status status = tx.RunRow(static_cast<int>(i), [&]() -> Status {
            OneLane::Note(tx, names[i]);
            return look ? OneLane::Look(tx) : OkStatus();
          });
          outcomes += status.ok() ? "1" : "0";
          if (!status.ok()) errors->push_back(std::string(status.message()));
        }
        return outcomes;
      },
      static_cast<int>(names.size()) + 1);
}

TEST(LaneFaults, TheRowThatTheDatabaseRefusesIsRefusedAlone) {
  for (bool look : {false, true}) {
    OneLane one;
    std::vector<std::string> errors;
    auto reply = Rows(one, {"a", "!", "b", "c", "!", "d"}, look, &errors);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(*reply, "101101") << "look " << look;
    EXPECT_EQ(one.Notes(), (Notes{"!", "a", "b", "c", "d"}));
    // The caller of the batch learns no SQL.
    ASSERT_EQ(errors.size(), 2u);
    EXPECT_EQ(errors[0].find("INSERT"), std::string::npos) << errors[0];
  }
}

TEST(LaneFaults, WhatIsWrittenBeforeTheRowsIsNotBlamedOnOne) {
  OneLane one;
  ASSERT_TRUE(one.Do(Takes("!")).ok());
  auto reply = one.Do(
      [](Tx& tx, const Call&) -> StatusOr<std::string> {
        OneLane::Note(tx, "!");
        std::string outcomes;
        for (int i = 0; i < 3; ++i)
          outcomes += tx.RunRow(
                            i,
                            [&] {
                              OneLane::Note(tx, std::to_string(i));
                              return OkStatus();
                            }).ok()
                          ? "1"
                          : "0";
        return outcomes;
      },
      4);
  EXPECT_EQ(reply.status().code(), StatusCode::kInternal);
  EXPECT_EQ(one.Notes(), Notes{"!"});
}

TEST(LaneFaults, AnExceptionIsItsCommandsAlone) {
  OneLane one;
  auto replies = one.Together({Takes("a"),
                               [](Tx& tx, const Call&) -> StatusOr<std::string> {
                                 OneLane::Note(tx, "never");
                                 throw std::runtime_error("boom");
                               },
                               Takes("b")});
  EXPECT_TRUE(replies[0].ok());
  EXPECT_EQ(replies[1].status().code(), StatusCode::kInternal);
  EXPECT_TRUE(replies[2].ok());
  EXPECT_EQ(one.Notes(), (Notes{"a", "b"}));
}

TEST(LaneFaults, TasksOfOneNameAndMomentMakeDifferentIds) {
  OneLane one;
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(one.lane()
                    .Run("make",
                         [&ids](Tx&, const Call& call) {
                           ids.insert(call.NewId());
                           return OkStatus();
                         })
                    .ok());
  EXPECT_EQ(ids.size(), 3u);
}

// G8: with the bus away commands go on until the outbox's limit, then RESOURCE_EXHAUSTED.
TEST(LaneLimits, CommandsAreRefusedWhileTheOutboxIsFull) {
  OneLane one(/*max_outbox=*/2);
  auto event = [](Tx& tx, const Call& call) -> StatusOr<std::string> {
    tx.AddEvent(call.NewId(), 1, orders::v1::ProductCreated());
    return std::string();
  };
  ASSERT_TRUE(one.Do(event).ok());
  ASSERT_TRUE(one.Do(event).ok());
  auto full = one.Do(event);
  EXPECT_EQ(full.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Reason(full.status()), "OUTBOX_FULL");
  // What is delivered is deleted all the same: it is what empties the outbox.
  auto waiting = (*one.db().OpenSnapshot())->Query("SELECT part, seq FROM outbox");
  ASSERT_TRUE(waiting.ok()) << waiting.status();
  ASSERT_EQ(waiting->size(), 2u);
  for (const Row& row : *waiting) {
    std::promise<Status> deleted;
    one.lane().Submit(Delivered{static_cast<int>(row.Int(0)),
                                {row.Int(1)},
                                [&deleted](const Status& status) { deleted.set_value(status); }});
    EXPECT_TRUE(deleted.get_future().get().ok());
  }
  EXPECT_EQ(one.lane().outbox(), 0);
  EXPECT_TRUE(one.Do(event).ok());
}

// What is delivered goes with the next commit, also where the batch fails and its commands run one
// by one.
TEST(LaneDelivered, IsDeletedBesideACommandThatFails) {
  OneLane one;
  ASSERT_TRUE(one.Do([](Tx& tx, const Call& call) -> StatusOr<std::string> {
                   tx.AddEvent(call.NewId(), 1, orders::v1::ProductCreated());
                   return std::string();
                 })
                  .ok());
  auto waiting = (*one.db().OpenSnapshot())->Query("SELECT part, seq FROM outbox");
  ASSERT_EQ(waiting->size(), 1u);
  const Row row = (*waiting)[0];
  std::promise<Status> deleted;
  std::promise<StatusOr<std::string>> wrong, right;
  one.Behind([&] {
    one.lane().Submit(Delivered{static_cast<int>(row.Int(0)),
                                {row.Int(1)},
                                [&deleted](const Status& status) { deleted.set_value(status); }});
    for (auto* reply : {&wrong, &right})
      one.lane().Submit(OneLane::CommandOf(
          [reply, &wrong](Tx& tx, const Call&) -> StatusOr<std::string> {
            OneLane::Note(tx, "once");
            if (reply == &wrong) OneLane::Note(tx, "once");
            return std::string();
          },
          [reply](StatusOr<std::string> r) { reply->set_value(std::move(r)); }));
  });
  EXPECT_TRUE(deleted.get_future().get().ok());
  EXPECT_FALSE(wrong.get_future().get().ok());
  EXPECT_TRUE(right.get_future().get().ok());
  EXPECT_EQ(one.lane().outbox(), 0);
  EXPECT_EQ((*one.db().OpenSnapshot())->Query("SELECT 1 FROM outbox")->size(), 0u);
}

}  // namespace
}  // namespace spm
