// A mix of commands that meet each other, and a lane that runs them as one batch or one by one. One
// thread.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <map>
#include <random>
#include <thread>

#include "common/base/embed.h"
#include "common/base/ids.h"
#include "common/write/lane.h"
#include "spm/orders/v1/events.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "tests/support/temp_folder.h"

namespace spm::lane_bench {

using orders::v1::Product;

constexpr int64_t kStart = 1'772'409'600'000'000;

inline const Table<Product>& Things() {
  static const Table<Product> table(
      {.name = "thing",
       .noun = "thing",
       .owner = "",
       .also_readable = "",
       .unique = {"name"},
       .filters = {{"name", "t.name = $"}},
       .orders = {{"id", {"id ASC"}}}},
      {{"name", [](const Product& p) { return Value(p.name()); }},
       {"deleted", [](const Product& p) { return Value(static_cast<int64_t>(p.deleted())); }}});
  return table;
}

constexpr char kThing[] =
    "CREATE TABLE thing (id TEXT PRIMARY KEY, version BIGINT NOT NULL, occurred_us BIGINT NOT "
    "NULL, "
    "name TEXT NOT NULL, deleted SMALLINT NOT NULL, body {{bytes}} NOT NULL);"
    "CREATE TABLE strict_name (name TEXT PRIMARY KEY)";

inline orders::v1::ProductUpdated Updated(const Product& p) {
  orders::v1::ProductUpdated e;
  e.mutable_product()->set_name(p.name());
  return e;
}

// What one command of the mix does. `keys` are small, so that commands meet.
struct Step {
  enum Kind { kCreate, kRename, kDelete, kFlushThenRefuse, kBatch, kSqlError, kTwo } kind;
  int id = 0;
  int other = 0;
  std::string name;
  int64_t etag = 0;
  std::string request_id;
  std::string hash;
};

inline std::string FixedId(int n) { return NamedId("thing " + std::to_string(n)); }

inline StatusOr<Product> Create(Tx& tx, const std::string& id, const std::string& name) {
  ASSIGN_OR_RETURN(auto taken, Things().FindBy(tx, "name", name, Scope::Service()));
  if (taken)
    return Error(StatusCode::kAlreadyExists, "NAME_TAKEN", "name is taken by " + taken->id());
  Product p;
  p.set_id(id);
  p.set_name(name);
  Things().Save(tx, &p, Updated(p));
  return p;
}

inline StatusOr<Product> Rename(Tx& tx, const std::string& id, const std::string& name,
                                int64_t etag) {
  ASSIGN_OR_RETURN(Product p, Things().Get(tx, id, Scope::Service()));
  if (etag != 0 && etag != p.version()) return Aborted("VERSION_CONFLICT", "etag");
  ASSIGN_OR_RETURN(auto taken, Things().FindBy(tx, "name", name, Scope::Service()));
  if (taken && taken->id() != id) return Error(StatusCode::kAlreadyExists, "NAME_TAKEN", "taken");
  p.set_name(name);
  Things().Save(tx, &p, Updated(p), Updated(p));
  return p;
}

inline StatusOr<std::string> Run(const Step& step, Tx& tx, const Call& call) {
  switch (step.kind) {
    case Step::kCreate: {
      ASSIGN_OR_RETURN(Product p, Create(tx, call.NewId(), step.name));
      return p.SerializeAsString();
    }
    case Step::kRename: {
      ASSIGN_OR_RETURN(Product p, Rename(tx, FixedId(step.id), step.name, step.etag));
      return p.SerializeAsString();
    }
    case Step::kDelete: {
      ASSIGN_OR_RETURN(Product p, Things().Get(tx, FixedId(step.id), Scope::Service()));
      p.set_deleted(true);
      Things().Save(tx, &p, Updated(p));
      return p.SerializeAsString();
    }
    case Step::kFlushThenRefuse: {
      RETURN_IF_ERROR(Rename(tx, FixedId(step.id), step.name, 0));
      ASSIGN_OR_RETURN(Rows rows, tx.Query("SELECT COUNT(*) FROM thing"));
      return Precondition("REFUSED", "after " + std::to_string(rows[0].Int(0)));
    }
    case Step::kBatch: {
      std::string outcome;
      for (int i = 0; i < 4; ++i) {
        Status status = tx.RunRow(i, [&]() -> Status {
          RETURN_IF_ERROR(
              Create(tx, call.NewId(), step.name + (i % 2 == 0 ? std::to_string(i) : "")));
          // The third row meets a key that only the database refuses.
          if (i == 2) tx.Write("INSERT INTO strict_name (name) VALUES ($1)", {"fixed"});
          return OkStatus();
        });
        outcome += status.ok() ? "1" : "0";
      }
      return outcome;
    }
    case Step::kSqlError: {
      RETURN_IF_ERROR(Rename(tx, FixedId(step.id), step.name, 0));
      tx.Write("INSERT INTO strict_name (name) VALUES ($1)", {"fixed"});
      return std::string("unreachable unless the key is free");
    }
    case Step::kTwo: {
      ASSIGN_OR_RETURN(Product a, Rename(tx, FixedId(step.id), step.name + "a", 0));
      ASSIGN_OR_RETURN(Product b, Rename(tx, FixedId(step.other), step.name + "b", 0));
      return a.SerializeAsString() + b.SerializeAsString();
    }
  }
  return Internal("unknown step");
}

// One database with its lane.
class Bench {
 public:
  explicit Bench(const std::string& folder) {
    auto db = Db::OpenSqlite(folder + "/lane.db");
    EXPECT_TRUE(db.ok()) << db.status();
    db_ = std::move(*db);
    auto schema = EmbeddedSchema("common/write");
    schema[0].number = 0;
    schema.push_back({1, "thing", kThing});
    EXPECT_TRUE(Migrate(*db_, schema).ok());
  }

  void Open(std::function<bool(const char*)> crash = nullptr) {
    lane_ = std::make_unique<Lane>(Lane::Options{.service = "test",
                                                 .db = db_.get(),
                                                 .clock = &clock_,
                                                 .make_call =
                                                     [this](const Caller& caller, int64_t now_us) {
                                                       Call call;
                                                       call.caller = caller;
                                                       call.now_us = now_us;
                                                       call.company = company_;
                                                       call.policies = policies_;
                                                       return call;
                                                     },
                                                 .wake_relay = nullptr,
                                                 .crash = std::move(crash)});
    ASSERT_TRUE(lane_->Start().ok());
  }

  void Seed(int things) {
    Status seeded = lane_->Run("seed", [&](Tx& tx, const Call&) -> Status {
      for (int i = 0; i < things; ++i)
        RETURN_IF_ERROR(Create(tx, FixedId(i), "seed" + std::to_string(i)));
      tx.Write("INSERT INTO strict_name (name) VALUES ('fixed')", {});
      return OkStatus();
    });
    ASSERT_TRUE(seeded.ok()) << seeded;
  }

  using Answers = std::vector<std::pair<size_t, StatusOr<std::string>>>;

  Command CommandOf(const Step& step, size_t n, Answers* answers, std::vector<size_t>* ran) {
    Command c;
    c.method = "test/Do";
    c.request_id = step.request_id;
    c.hash = step.hash;
    c.caller.id = "tester";
    if (step.kind != Step::kCreate && step.kind != Step::kBatch)
      c.wanted.push_back({&Things(), "", FixedId(step.id)});
    c.wanted.push_back({&Things(), "name", step.name});
    c.rows = step.kind == Step::kBatch ? 4 : 1;
    c.run = [step, n, ran](Tx& tx, const Call& call) {
      if (ran != nullptr) ran->push_back(n);
      return lane_bench::Run(step, tx, call);
    };
    c.done = [this, n, answers](StatusOr<std::string> reply) {
      std::lock_guard lock(mutex_);
      answers->emplace_back(n, std::move(reply));
    };
    return c;
  }

  // All at once: they wait behind a task, so that the lane takes them as one batch.
  Answers Together(const std::vector<Step>& steps, const std::vector<size_t>& which,
                   std::vector<size_t>* ran = nullptr) {
    Answers answers;
    std::promise<void> gate;
    auto open = gate.get_future().share();
    std::promise<void> entered;
    lane_->Submit(Task{.name = "gate",
                       .request_id = "",
                       .run =
                           [open, &entered](Tx&, const Call&) {
                             entered.set_value();
                             open.wait();
                             return OkStatus();
                           },
                       .done = nullptr});
    entered.get_future().wait();
    for (size_t n : which) lane_->Submit(CommandOf(steps[n], n, &answers, ran));
    gate.set_value();
    lane_->Stop();
    return answers;
  }

  Answers OneByOne(const std::vector<Step>& steps, const std::vector<size_t>& which) {
    Answers answers;
    for (size_t n : which) {
      lane_->Submit(CommandOf(steps[n], n, &answers, nullptr));
      while (!lane_->idle()) std::this_thread::yield();
    }
    lane_->Stop();
    return answers;
  }

  // Everything that matters of the database, as text.
  std::string State() {
    std::string text;
    auto snapshot = db_->OpenSnapshot();
    for (const char* sql : {"SELECT id, version, name, deleted, body FROM thing ORDER BY id",
                            "SELECT seq, aggregate_id, version, type, occurred_us, actor, "
                            "request_id, payload FROM journal "
                            "ORDER BY seq",
                            "SELECT part, seq FROM outbox ORDER BY part, seq",
                            "SELECT id, scope, hash, reply FROM handled ORDER BY id",
                            "SELECT name FROM strict_name"}) {
      auto rows = (*snapshot)->Query(sql);
      EXPECT_TRUE(rows.ok()) << rows.status();
      for (const Row& row : *rows) {
        for (size_t i = 0; i < row.size(); ++i)
          text += (std::holds_alternative<int64_t>(row[i]) ? std::to_string(row.Int(i))
                                                           : Hex(row.Text(i))) +
                  " ";
        text += "\n";
      }
    }
    return text;
  }

  // Those of `ran` whose reply is stored; where one ran twice, its last run counts.
  std::vector<size_t> Committed(const std::vector<Step>& steps, const std::vector<size_t>& ran) {
    auto snapshot = db_->OpenSnapshot();
    auto rows = (*snapshot)->Query("SELECT id, hash FROM handled");
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::map<std::string, std::string> handled;
    for (const Row& row : *rows) handled[row.Text(0)] = row.Text(1);
    std::vector<size_t> order;
    for (size_t i = 0; i < ran.size(); ++i) {
      bool last = std::find(ran.begin() + static_cast<long>(i) + 1, ran.end(), ran[i]) == ran.end();
      auto found = handled.find(steps[ran[i]].request_id);
      if (last && found != handled.end() && found->second == steps[ran[i]].hash)
        order.push_back(ran[i]);
    }
    return order;
  }

  Lane& lane() { return *lane_; }

 private:
  std::unique_ptr<Db> db_;
  std::unique_ptr<Lane> lane_;
  ManualClock clock_{kStart};
  std::shared_ptr<const CompanySettings> company_ = std::make_shared<CompanySettings>();
  std::shared_ptr<const PolicyBook> policies_ = std::make_shared<PolicyBook>();
  std::mutex mutex_;
};

constexpr int kThings = 6;

inline std::vector<Step> RandomMix(uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  std::vector<Step> steps;
  for (int i = 0; i < count; ++i) {
    if (!steps.empty() && random() % 8 == 0) {
      // A repeat, now and then altered.
      Step again = steps[random() % steps.size()];
      if (random() % 3 == 0) again.hash += "x";
      steps.push_back(again);
      continue;
    }
    Step step;
    step.kind = static_cast<Step::Kind>(random() % 7);
    step.id = static_cast<int>(random() % kThings);
    step.other = static_cast<int>((step.id + 1 + random() % (kThings - 1)) % kThings);
    step.name = "n" + std::to_string(random() % 10);
    step.etag = random() % 3 == 0 ? static_cast<int64_t>(random() % 6) : 0;
    step.request_id = NamedId("r" + std::to_string(seed) + "/" + std::to_string(i));
    step.hash = "h" + std::to_string(i);
    steps.push_back(step);
  }
  return steps;
}

inline std::string Show(const StatusOr<std::string>& reply) {
  return reply.ok() ? "OK " + Hex(*reply)
                    : CodeName(reply.status().code()) + " " + Reason(reply.status());
}

inline std::vector<size_t> All(size_t n) {
  std::vector<size_t> all(n);
  for (size_t i = 0; i < n; ++i) all[i] = i;
  return all;
}

inline std::vector<size_t> OrderOf(const Bench::Answers& answers) {
  std::vector<size_t> order;
  for (const auto& [n, reply] : answers) order.push_back(n);
  return order;
}

inline void ExpectSame(const Bench::Answers& a, const Bench::Answers& b, uint64_t seed) {
  ASSERT_EQ(a.size(), b.size()) << "seed " << seed;
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].first, b[i].first) << "seed " << seed;
    EXPECT_EQ(Show(a[i].second), Show(b[i].second)) << "seed " << seed << " command " << a[i].first;
  }
}

}  // namespace spm::lane_bench
