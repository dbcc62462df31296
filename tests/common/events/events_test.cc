// Relay, bus, dispatch, held events, timers and jobs, between two services of the test's own.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "spm/orders/v1/events.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "tests/support/service_fixture.h"

namespace spm {
namespace {

using orders::v1::Product;
using testing::Services;

constexpr char kSource[] =
    "CREATE TABLE thing (id TEXT PRIMARY KEY, version BIGINT NOT NULL, occurred_us BIGINT NOT "
    "NULL, "
    "body {{bytes}} NOT NULL)";
constexpr char kSink[] =
    "CREATE TABLE seen (aggregate_id TEXT NOT NULL, version BIGINT NOT NULL, n BIGINT NOT NULL);"
    "CREATE TABLE once (name TEXT PRIMARY KEY)";

const Table<Product>& Things() {
  static const Table<Product> table({.name = "thing",
                                     .noun = "thing",
                                     .owner = "",
                                     .also_readable = "",
                                     .unique = {},
                                     .filters = {},
                                     .orders = {{"id", {"id ASC"}}}},
                                    {});
  return table;
}

StatusOr<Product> CreateThing(Tx& tx, const orders::v1::CreateProductRequest& request,
                              const Call& call) {
  Product p = request.product();
  p.set_id(call.NewId());
  orders::v1::ProductCreated e;
  e.mutable_product()->set_name(p.name());
  Things().Save(tx, &p, e);
  return p;
}

StatusOr<Product> UpdateThing(Tx& tx, const orders::v1::UpdateProductRequest& request,
                              const Call& call) {
  ASSIGN_OR_RETURN(Product p, Things().Get(tx, request.product_id(), call.scope));
  p.set_name(request.product().name());
  orders::v1::ProductUpdated e;
  e.mutable_product()->set_name(p.name());
  Things().Save(tx, &p, e);
  return p;
}

// A timer renames its thing; so does a job, once for each thing called "again".
Status OnDue(Tx& tx, const TimerFired& timer, const Call&) {
  ASSIGN_OR_RETURN(Product p, Things().Get(tx, timer.key, Scope::Service()));
  tx.set_occurred_us(timer.due_us);
  orders::v1::ProductUpdated e;
  e.mutable_product()->set_name("due");
  p.set_name("due");
  Things().Save(tx, &p, e);
  return OkStatus();
}

StatusOr<bool> RenameAgain(Tx& tx, const Call&) {
  ASSIGN_OR_RETURN(
      auto page, Things().List(tx, Scope::Service(),
                               {.where = {}, .order = "id", .page_size = 1000, .page_token = ""}));
  for (Product& p : page.rows) {
    if (p.name() != "again") continue;
    p.set_name("done");
    orders::v1::ProductUpdated e;
    e.mutable_product()->set_name("done");
    Things().Save(tx, &p, e);
    return true;
  }
  return false;
}

ServiceSpec Source() {
  ServiceSpec s;
  s.name = "orders";
  s.schema = {{1, "source", kSource}};
  s.follows_org = false;
  s.Command("ProductService/CreateProduct", CreateThing);
  s.Command("ProductService/UpdateProduct", UpdateThing);
  s.Timer("rename", OnDue);
  s.Job("again", 10'000, RenameAgain);
  return s;
}

// What makes the consumer fail, and how.
struct Faults {
  std::set<std::string> poison;
  std::set<std::string> sql;
  std::atomic<int> unavailable{0};
} faults;

Status Take(Tx& tx, const base::v1::Event& meta, const std::string& name) {
  if (faults.unavailable > 0) {
    --faults.unavailable;
    return Unavailable("away");
  }
  if (faults.poison.contains(name)) return InvalidField("name", "is poison");
  if (faults.sql.contains(name)) tx.Write("INSERT INTO once (name) VALUES ('x'), ('x')", {});
  tx.Write("INSERT INTO seen (aggregate_id, version, n) SELECT $1, $2, COUNT(*) FROM seen",
           {meta.aggregate_id(), meta.version()});
  return OkStatus();
}

template <typename E>
Status OnThing(Tx& tx, const Received<E>& r, const Call&) {
  return Take(tx, r.meta, r.event.product().name());
}

ServiceSpec Sink() {
  ServiceSpec s;
  s.name = "performance";
  s.schema = {{1, "sink", kSink}};
  s.follows_org = false;
  s.On<orders::v1::ProductCreated>("orders", OnThing<orders::v1::ProductCreated>);
  s.On<orders::v1::ProductUpdated>("orders", OnThing<orders::v1::ProductUpdated>);
  return s;
}

std::vector<ServiceSpec> Both() {
  faults.poison.clear();
  faults.sql.clear();
  faults.unavailable = 0;
  std::vector<ServiceSpec> specs;
  specs.push_back(Source());
  specs.push_back(Sink());
  return specs;
}

std::string Create(Services& s, const std::string& name) {
  orders::v1::CreateProductRequest request;
  request.mutable_product()->set_name(name);
  auto p = s.Call<Product>("spm.orders.v1.ProductService/CreateProduct", request);
  EXPECT_TRUE(p.ok()) << p.status();
  return p.ok() ? p->id() : "";
}

void Update(Services& s, const std::string& id, const std::string& name) {
  orders::v1::UpdateProductRequest request;
  request.set_product_id(id);
  request.mutable_product()->set_name(name);
  auto p = s.Call<Product>("spm.orders.v1.ProductService/UpdateProduct", request);
  EXPECT_TRUE(p.ok()) << p.status();
}

// Versions of each aggregate in the order in which the consumer took them.
std::map<std::string, std::vector<int64_t>> Seen(Services& s) {
  std::map<std::string, std::vector<int64_t>> seen;
  auto snapshot = s.Find("performance")->db().OpenSnapshot();
  auto rows = (*snapshot)->Query("SELECT aggregate_id, version FROM seen ORDER BY n, rowid");
  EXPECT_TRUE(rows.ok()) << rows.status();
  for (const Row& row : *rows) seen[row.Text(0)].push_back(row.Int(1));
  return seen;
}

std::vector<int64_t> UpTo(int64_t n) {
  std::vector<int64_t> versions;
  for (int64_t v = 1; v <= n; ++v) versions.push_back(v);
  return versions;
}

// G4: exactly once and in version order for each aggregate, whatever the bus repeats and mixes up.
TEST(Events, AreAppliedOnceInOrderUnderRepeatsAndInterleaving) {
  for (uint64_t seed : {1, 2, 3}) {
    Services s(Both(), {.seed = seed, .duplicates = 3});
    std::vector<std::string> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(Create(s, "t"));
    for (int round = 0; round < 6; ++round)
      for (const std::string& id : ids) Update(s, id, "u" + std::to_string(round));
    s.WaitIdle();
    auto seen = Seen(s);
    EXPECT_EQ(seen.size(), ids.size());
    for (const std::string& id : ids) EXPECT_EQ(seen[id], UpTo(7)) << "seed " << seed;
  }
}

// G6: the poison is held, later events of its aggregate wait, the others go on; replay runs in
// order.
TEST(Events, APoisonEventIsHeldAndItsAggregateWaits) {
  Services s(Both());
  faults.poison = {"bad"};
  std::string sick = Create(s, "good"), well = Create(s, "good");
  Update(s, sick, "bad");
  Update(s, sick, "later");
  Update(s, well, "fine");
  s.WaitIdle();
  EXPECT_EQ(Seen(s)[sick], UpTo(1));
  EXPECT_EQ(Seen(s)[well], UpTo(2));
  Dispatch& dispatch = *s.Find("performance")->dispatches()[0];
  // Still bad: nothing moves.
  EXPECT_EQ(*dispatch.Replay(""), 0);
  Update(s, sick, "last");
  s.WaitIdle();
  EXPECT_EQ(Seen(s)[sick], UpTo(1));
  faults.poison.clear();
  EXPECT_EQ(*dispatch.Replay(sick), 3);
  EXPECT_EQ(Seen(s)[sick], UpTo(4));
}

int64_t HeldIn(Services& s) {
  auto snapshot = s.Find("performance")->db().OpenSnapshot();
  return (*(*snapshot)->Query("SELECT COUNT(*) FROM held"))[0].Int(0);
}

// What SPM_TEST_BUS poisons is chosen by the event's id, so that whoever knows the ids can count.
TEST(Events, PoisonOfTheBusIsHeldUntilItIsCured) {
  testing::TempFolder folder;
  const std::string cure = folder.path() + "/cured";
  auto disorder =
      MemoryBus::ParseDisorder("seed=7,duplicates=2,poison=1/4,in=performance,cure=" + cure);
  ASSERT_TRUE(disorder.ok()) << disorder.status();
  Services s(Both(), *disorder);
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(Create(s, "t"));
  for (const std::string& id : ids) Update(s, id, "u");
  s.WaitIdle();
  int64_t held = 0;
  for (const std::string& id : ids) {
    bool sick = false;
    for (int version : {1, 2}) {
      sick = sick || Murmur2(id + "." + std::to_string(version)) % 4 == 0;
      held += sick ? 1 : 0;
    }
  }
  EXPECT_GT(held, 0);
  EXPECT_EQ(HeldIn(s), held);
  Dispatch& dispatch = *s.Find("performance")->dispatches()[0];
  EXPECT_EQ(*dispatch.Replay(""), 0);
  std::ofstream(cure) << "yes";
  EXPECT_EQ(*dispatch.Replay(""), held);
  for (const std::string& id : ids) EXPECT_EQ(Seen(s)[id], UpTo(2));
}

TEST(Events, WhatTheTestBusSaysIsReadStrictly) {
  auto all = MemoryBus::ParseDisorder("seed=7,duplicates=3,poison=1/100,type=a.B,cure=/tmp/x");
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->seed, 7u);
  EXPECT_EQ(all->duplicates, 3);
  EXPECT_EQ(all->poison.share, 1u);
  EXPECT_EQ(all->poison.of, 100u);
  EXPECT_EQ(all->poison.type, "a.B");
  EXPECT_EQ(MemoryBus::ParseDisorder("")->poison.share, 0u);
  for (const char* wrong : {"seed", "seed=", "seed=x", "poison=1", "poison=1/0", "poison=/2",
                            "poison=1/", "bad=1", "=1", ",", "seed=1,,poison=1/2"})
    EXPECT_EQ(MemoryBus::ParseDisorder(wrong).status().code(), StatusCode::kInvalidArgument)
        << wrong;
}

TEST(Events, DiscardMovesTheMarkOverTheFirstHeldEvent) {
  Services s(Both());
  faults.poison = {"bad"};
  std::string sick = Create(s, "good");
  Update(s, sick, "bad");
  Update(s, sick, "later");
  s.WaitIdle();
  Dispatch& dispatch = *s.Find("performance")->dispatches()[0];
  const auto discard = [&](int64_t version) {
    int64_t discarded = 0;
    EXPECT_TRUE(s.Find("performance")
                    ->lane()
                    .Run("discard",
                         [&](Tx& tx, const Call&) -> Status {
                           ASSIGN_OR_RETURN(auto first, dispatch.DiscardFirst(tx, sick, version));
                           discarded = first ? first->event.version() : 0;
                           return OkStatus();
                         })
                    .ok());
    return discarded;
  };
  EXPECT_EQ(discard(3), 0) << "another one is first";
  EXPECT_EQ(discard(2), 2);
  EXPECT_EQ(discard(2), 0) << "a repeat never gives up the next";
  EXPECT_EQ(*dispatch.Replay(sick), 1);
  EXPECT_EQ(Seen(s)[sick], (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(discard(0), 0);
}

// A consumer's SQL error is a fault of the event too, found among its neighbours.
TEST(Events, AnEventThatFailsInSqlIsHeldAlone) {
  Services s(Both());
  faults.sql = {"crooked"};
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(Create(s, i == 17 ? "crooked" : "straight"));
  s.WaitIdle();
  EXPECT_EQ(Seen(s).size(), 39u);
  EXPECT_FALSE(Seen(s).contains(ids[17]));
}

// G7: an infrastructure fault never makes a dead letter.
TEST(Events, AnInfrastructureFaultPausesAndLosesNothing) {
  Services s(Both());
  faults.unavailable = 3;
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(Create(s, "t"));
  s.WaitIdle();
  EXPECT_EQ(Seen(s).size(), 10u);
  auto snapshot = s.Find("performance")->db().OpenSnapshot();
  EXPECT_EQ((*(*snapshot)->Query("SELECT COUNT(*) FROM held"))[0].Int(0), 0);
}

TEST(Events, WhatWaitedInTheOutboxIsDeliveredAfterARestart) {
  testing::TempFolder folder;
  std::string id;
  {
    Services s(Both(), {}, folder.path());
    faults.unavailable = 1'000'000;
    id = Create(s, "t");
    Update(s, id, "u");
  }
  Services s(Both(), {}, folder.path());
  s.WaitIdle();
  EXPECT_EQ(Seen(s)[id], UpTo(2));
}

TEST(Events, AGapIsFilledFromTheOwnersJournal) {
  Services s(Both());
  faults.unavailable = 1'000'000;
  std::string id = Create(s, "t");
  for (int i = 0; i < 3; ++i) Update(s, id, "u");
  faults.unavailable = 0;
  auto events = s.Journal("orders");
  ASSERT_EQ(events.size(), 4u);
  std::promise<Status> done;
  s.Find("performance")->dispatches()[0]->Deliver({{"orders", events[3]}}, [&done](Status status) {
    done.set_value(status);
  });
  ASSERT_TRUE(done.get_future().get().ok());
  EXPECT_EQ(Seen(s)[id], UpTo(4));
  s.WaitIdle();
  EXPECT_EQ(Seen(s)[id], UpTo(4));
}

// What is filled in before an event may itself fail in SQL: that one is held, not the one after it.
TEST(Events, AFilledGapIsHeldFromTheEventAtFault) {
  Services s(Both());
  faults.unavailable = 1'000'000;
  std::string id = Create(s, "t");
  Update(s, id, "crooked");
  Update(s, id, "u");
  Update(s, id, "u");
  auto events = s.Journal("orders");
  ASSERT_EQ(events.size(), 4u);
  faults.sql = {"crooked"};
  faults.unavailable = 0;
  std::promise<Status> done;
  Dispatch& dispatch = *s.Find("performance")->dispatches()[0];
  dispatch.Deliver({{"orders", events[3]}}, [&done](Status status) { done.set_value(status); });
  ASSERT_TRUE(done.get_future().get().ok());
  EXPECT_EQ(Seen(s)[id], UpTo(1));
  // Still at fault: it stays, and says so without an error of the replay.
  EXPECT_EQ(*dispatch.Replay(id), 0);
  auto snapshot = s.Find("performance")->db().OpenSnapshot();
  EXPECT_EQ((*(*snapshot)->Query("SELECT MAX(tries) FROM held WHERE version = 2"))[0].Int(0), 2);
  snapshot->reset();
  faults.sql.clear();
  EXPECT_EQ(*dispatch.Replay(""), 3);
  EXPECT_EQ(Seen(s)[id], UpTo(4));
}

void Set(Services& s, const std::string& id, int64_t due_us) {
  ASSERT_TRUE(s.Find("orders")
                  ->lane()
                  .Run("set",
                       [&](Tx& tx, const Call&) {
                         SetTimer(tx, "rename", id, due_us);
                         return OkStatus();
                       })
                  .ok());
}

TEST(Timers, FireOnceAtTheirTimeAndPublishWithIt) {
  Services s(Both());
  std::string id = Create(s, "t");
  s.WaitIdle();
  Set(s, id, Services::kStart + kHourUs);
  s.Advance(kHourUs - 1);
  EXPECT_EQ(s.Journal("orders").size(), 1u);
  s.Advance(1);
  auto events = s.Journal("orders");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].occurred_us(), Services::kStart + kHourUs);
  EXPECT_EQ(events[1].actor(), "service:orders");
  s.Advance(kDayUs);
  EXPECT_EQ(s.Journal("orders").size(), 2u);
  EXPECT_EQ(Seen(s)[id], UpTo(2));
}

TEST(Timers, SettingOneAgainMovesItAndCancellingRemovesIt) {
  Services s(Both());
  std::string id = Create(s, "t");
  Set(s, id, Services::kStart + kHourUs);
  Set(s, id, Services::kStart + 3 * kHourUs);
  s.Advance(2 * kHourUs);
  EXPECT_EQ(s.Journal("orders").size(), 1u);
  ASSERT_TRUE(s.Find("orders")
                  ->lane()
                  .Run("cancel",
                       [&](Tx& tx, const Call&) {
                         CancelTimer(tx, "rename", id);
                         return OkStatus();
                       })
                  .ok());
  s.Advance(kDayUs);
  EXPECT_EQ(s.Journal("orders").size(), 1u);
}

TEST(Jobs, RunUntilNothingIsLeftAndPublish) {
  Services s(Both());
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(Create(s, "again"));
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (s.Journal("orders").size() < 10 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  s.WaitIdle();
  for (const std::string& id : ids) EXPECT_EQ(Seen(s)[id], UpTo(2));
}

// G14: dropping everything derived and reading the journals again ends where it was.
TEST(Rebuild, EndsWithTheSameRows) {
  auto specs = Both();
  specs[1].drop_projections = [](Tx& tx) { tx.Write("DELETE FROM seen", {}); };
  Services s(std::move(specs));
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(Create(s, "t"));
  for (const std::string& id : ids) Update(s, id, "u");
  s.WaitIdle();
  auto before = Seen(s);
  auto events = s.Find("performance")->Rebuild();
  ASSERT_TRUE(events.ok()) << events.status();
  EXPECT_EQ(*events, 16);
  EXPECT_EQ(Seen(s), before);
}

}  // namespace
}  // namespace spm
