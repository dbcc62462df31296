// Explanations evaluate to the figure, live values equal it, and the state is the same to the bit
// however the events came (X8, P31, G14, T5).
#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "services/performance/rules/registry.h"
#include "spm/performance/v1/events.pb.h"
#include "tests/performance/sales_company.h"

namespace spm::performance {
namespace {

// Roll-ups are written when nothing else is to be done.
void WaitUntilRolledUp(SalesCompany& company) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    auto snapshot = company.services.Find("performance")->db().OpenSnapshot();
    auto left = (*snapshot)->Query(
        "SELECT COUNT(*) FROM fact WHERE seq > (SELECT COALESCE(MAX(seq), 0) FROM rollup_mark)");
    if (left.ok() && (*left)[0].Int(0) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ADD_FAILURE() << "the roll-ups are not written";
}

// All that was derived, without positions and times of recording.
Lines State(SalesCompany& company) {
  WaitUntilRolledUp(company);
  auto snapshot = company.services.Find("performance")->db().OpenSnapshot();
  Lines rows;
  for (const char* sql : {"SELECT event_id, measure, n, count, amount, occurred_day, posted_day, "
                          "rep_id, customer_id, "
                          "product_id, source, pipeline, stage, deal_id, deal_ref FROM fact",
                          "SELECT rep_id, day, measure, stage, amount FROM rollup",
                          "SELECT id, name, sector, country, deleted FROM customer_copy",
                          "SELECT id, name, line, deleted FROM product_copy",
                          "SELECT ref, product_id FROM product_ref",
                          "SELECT kind, stage, version, place, name, closed FROM pipeline_copy",
                          "SELECT source FROM source_copy"}) {
    auto read = (*snapshot)->Query(sql);
    EXPECT_TRUE(read.ok()) << read.status().message();
    for (const Row& row : *read) {
      std::string text = sql + 7;
      for (size_t i = 0; i < row.size(); ++i)
        text += "|" + (std::holds_alternative<int64_t>(row[i]) ? std::to_string(row.Int(i))
                                                               : row.Text(i));
      rows.push_back(text);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

const SalesCompany::Deal kLate{"Z",          "bob",        "acme", "pump",
                               "2017-01-02", "2017-01-20", true,   50'000};
const SalesCompany::Deal kMoved{"Z",          "bob",        "acme", "pipe",
                                "2017-01-02", "2017-06-20", true,   60'000};

TEST(State, EveryFigureExplainsItselfAndEvaluatesToItself) {  // X8 P31
  SalesCompany company;
  company.ImportAll();
  company.Import(kLate);
  company.Correct(kLate, kMoved);
  company.services.WaitIdle();
  int explained = 0;
  for (const MetricDef& metric : Metrics()) {
    for (const Lines& groups :
         {Lines{}, Lines{"rep"}, Lines{"region", "quarter"}, Lines{"month"}, Lines{"stage"},
          Lines{"customer", "product"}, Lines{"sector", "week"}}) {
      const auto query = SalesCompany::Ask({metric.name}, groups);
      auto answer = company.Query(query);
      if (!answer.ok()) continue;  // not a group of this metric
      for (const auto& row : answer->rows()) {
        v1::ExplainMetricRequest request;
        *request.mutable_query() = query;
        *request.mutable_row() = row.groups();
        auto reply = company.Explain(request);
        ASSERT_TRUE(reply.ok()) << reply.status().message();
        EXPECT_EQ(reply->value().SerializeAsString(), row.values(0).SerializeAsString())
            << metric.name;
        EXPECT_EQ(reply->reevaluated().SerializeAsString(), row.values(0).SerializeAsString())
            << metric.name;
        for (const auto& leaf : reply->explanation().parts()) {
          int64_t total = 0;
          for (const auto& fact : leaf.page()) total += fact.amount();
          if (leaf.role() == "target") continue;
          EXPECT_EQ(leaf.page_size(), leaf.facts());
          EXPECT_EQ(total, leaf.total());
          EXPECT_EQ(leaf.hash().size(), 64u);
        }
        ++explained;
      }
    }
  }
  EXPECT_GT(explained, 200);
}

// The figures of some reps come from the roll-ups and the facts that are not in them yet, those of
// all from the facts alone.
TEST(State, ARepsFiguresAreTheSameFromRollUpsAndFromFacts) {
  SalesCompany company;
  company.ImportAll();
  company.Import(kLate);
  company.services.WaitIdle();
  WaitUntilRolledUp(company);
  int rows = 0;
  for (const bool more : {false, true}) {
    if (more) {
      company.Correct(kLate, kMoved);
      company.services.WaitIdle();
    }
    for (const MetricDef& metric : Metrics())
      for (const Lines& groups : {Lines{"rep"}, Lines{"rep", "month"}, Lines{"rep", "stage"}}) {
        const auto query = SalesCompany::Ask({metric.name}, groups);
        auto all = company.Query(query);
        if (!all.ok()) continue;  // not a group of this metric
        for (const char* rep : {"Ann", "Bob"}) {
          auto one = company.Query(SalesCompany::Where(query, "rep", {rep}));
          ASSERT_TRUE(one.ok()) << one.status();
          // The bottleneck is that of the whole answer.
          auto text = [](v1::MetricRow row) {
            for (auto& value : *row.mutable_values()) value.clear_bottleneck();
            return row.SerializeAsString();
          };
          Lines of_all, of_one;
          for (const auto& row : all->rows())
            if (row.groups(0).name() == rep) of_all.push_back(text(row));
          for (const auto& row : one->rows()) of_one.push_back(text(row));
          EXPECT_EQ(of_one, of_all) << metric.name;
          rows += one->rows_size();
        }
      }
  }
  EXPECT_GT(rows, 200);
}

TEST(State, FactsComeByPage) {
  SalesCompany company;
  company.ImportAll();
  v1::ExplainMetricRequest request;
  *request.mutable_query() = SalesCompany::Ask({"win_rate"});
  request.set_page_size(2);
  std::set<std::string> won;
  int pages = 0;
  for (;; ++pages) {
    auto reply = company.Explain(request);
    ASSERT_TRUE(reply.ok());
    for (const auto& fact : reply->explanation().parts(0).page()) {
      EXPECT_TRUE(won.insert(fact.event_id()).second);
      EXPECT_FALSE(fact.deal_id().empty());
    }
    if (reply->next_page_token().empty()) break;
    request.set_page_token(reply->next_page_token());
  }
  EXPECT_EQ(won.size(), 5u);
  EXPECT_EQ(pages, 2);
  *request.mutable_query() = SalesCompany::Ask({"won"});
  EXPECT_FALSE(company.Explain(request).ok());  // the token is of another question
}

TEST(State, AnExplanationAsOfThenKnowsWhatWasKnownThen) {
  SalesCompany company;
  company.ImportAll();
  const int64_t then = company.services.clock().NowUs() + 1000;
  company.services.Advance(kSecondUs);
  company.Import(kLate);
  company.services.WaitIdle();
  for (auto [metric, before, after] : {std::tuple{"won", 5, 6}, {"new_customers", 2, 2}}) {
    v1::ExplainMetricRequest request;
    *request.mutable_query() = SalesCompany::Ask({metric});
    EXPECT_EQ(company.Explain(request)->value().value(), after);
    request.set_as_of_us(then);
    EXPECT_EQ(company.Explain(request)->value().value(), before);
    EXPECT_EQ(company.Explain(request)->reevaluated().value(), before);
  }
  // The earlier win that arrived later has taken the credit since.
  v1::ExplainMetricRequest request;
  *request.mutable_query() = SalesCompany::Ask({"new_customers"}, {}, "2017-01-01", "2017-01-31");
  EXPECT_EQ(company.Explain(request)->value().value(), 1);
  request.set_as_of_us(then);
  EXPECT_EQ(company.Explain(request)->value().value(), 0);
}

Lines StateAfter(const std::vector<SalesCompany::Deal>& deals, MemoryBus::Disorder disorder) {
  SalesCompany company(disorder);
  for (const auto& deal : deals) company.Import(deal);
  company.Import(kLate);
  company.Correct(kLate, kMoved);
  company.services.WaitIdle();
  return State(company);
}

TEST(State, IsTheSameInEveryOrderAndUnderRepeats) {  // P6 T5
  auto deals = SalesCompany::Deals();
  const Lines clean = StateAfter(deals, {});
  EXPECT_GT(clean.size(), 100u);
  std::mt19937 random(7);
  for (uint64_t seed : {1, 2, 3}) {
    std::shuffle(deals.begin(), deals.end(), random);
    EXPECT_EQ(StateAfter(deals, {.seed = seed, .duplicates = 3}), clean) << seed;
  }
}

TEST(State, IsTheSameAfterARebuild) {  // G14
  SalesCompany company;
  company.ImportAll();
  company.Import(kLate);
  company.Correct(kLate, kMoved);
  company.services.WaitIdle();
  const Lines before = State(company);
  auto rebuilt = company.services.Find("performance")->Rebuild();
  ASSERT_TRUE(rebuilt.ok()) << rebuilt.status().message();
  company.services.WaitIdle();
  EXPECT_EQ(State(company), before);
}

// The newest value of each counter; versions must grow. The bus may outlive it.
class Watch {
 public:
  explicit Watch(MemoryBus& bus) {
    bus.SubscribeValues([seen = seen_](const std::string& key, const std::string& bytes) {
      v1::ValueChanged value;
      ASSERT_TRUE(value.ParseFromString(bytes));
      std::lock_guard lock(seen->mutex);
      EXPECT_GT(value.version(), seen->values[key].version()) << key;
      seen->values[key] = value;
    });
  }
  std::map<std::string, v1::ValueChanged> values() {
    std::lock_guard lock(seen_->mutex);
    return seen_->values;
  }

 private:
  struct Seen {
    std::mutex mutex;
    std::map<std::string, v1::ValueChanged> values;
  };
  std::shared_ptr<Seen> seen_ = std::make_shared<Seen>();
};

void ExpectLiveEqualsQueries(SalesCompany& company, Watch& watch, int at_least) {
  company.services.WaitIdle();
  int compared = 0;
  for (const auto& [key, live] : watch.values()) {
    const std::string& period = live.period();
    v1::QueryMetricsRequest query;
    if (period == "now") {
      const std::string today = FormatDay(Zone::Utc().DayAt(company.services.clock().NowUs()));
      query = SalesCompany::Ask({live.metric()}, {}, today, today);
    } else {
      const DayRange range = *ParseBucket(period);
      query =
          SalesCompany::Ask({live.metric()}, {}, FormatDay(range.from), FormatDay(range.end - 1));
    }
    if (live.grain() != "company")
      query = SalesCompany::Where(query, live.grain(), {live.subject()});
    auto answer = company.Query(query);
    ASSERT_TRUE(answer.ok()) << key << ": " << answer.status().message();
    // A group that is absent is 0 or has no value.
    if (answer->rows_size() == 0) {
      EXPECT_EQ(live.value(), 0) << key;
      continue;
    }
    EXPECT_EQ(live.has_value(), answer->rows(0).values(0).has_value()) << key;
    EXPECT_EQ(live.value(), answer->rows(0).values(0).value()) << key;
    ++compared;
  }
  EXPECT_GE(compared, at_least);
}

TEST(State, LiveValuesEqualTheFigures) {  // D1 D2
  SalesCompany company;
  Watch watch(company.services.bus());
  auto deals = SalesCompany::Deals();
  // The same, nine years later: the clock stands in March 2026.
  for (auto& deal : deals) {
    for (std::string* day : {&deal.opened, &deal.closed})
      if (!day->empty()) *day = (*day > "2017-03-01" ? "2026-02-2" : "2026-01-1") + day->substr(9);
    if (!deal.closed.empty() && deal.won) deal.closed = "2026-03-02";
    company.Import(deal);
  }
  ExpectLiveEqualsQueries(company, watch, 60);
  EXPECT_EQ(watch.values()["won|company|2026-03|"].value(), 5);
  EXPECT_EQ(watch.values()["open|rep|now|ann"].value(), 1);
  EXPECT_EQ(watch.values()["won|team|2026|one"].name(), "One");

  v1::SaveTargetPlanRequest request;
  request.mutable_plan()->set_year(2026);
  v1::TargetNode& node = *request.mutable_plan()->add_nodes();
  node.set_subject(v1::TARGET_SUBJECT_COMPANY);
  node.set_parent(-1);
  for (int m = 0; m < 12; ++m) node.add_months_minor(940'002);
  ASSERT_TRUE(company.services
                  .Call<v1::TargetPlan>("spm.performance.v1.TargetService/SaveTargetPlan", request)
                  .ok());
  ExpectLiveEqualsQueries(company, watch, 60);
  EXPECT_EQ(watch.values()["attainment|company|2026-03|"].value(), 0.5);

  company.MovePerson("ann", "two", "2026-03-01");
  ExpectLiveEqualsQueries(company, watch, 60);
  EXPECT_EQ(watch.values()["won|team|2026-03|two"].value(), 4);

  ASSERT_TRUE(company.services.Find("performance")->Rebuild().ok());
  ExpectLiveEqualsQueries(company, watch, 60);

  company.services.Advance(31 * kDayUs);
  auto values = watch.values();
  EXPECT_FALSE(values["won|company|2026-03|"].has_value());  // of no current period any more
  EXPECT_EQ(values["won|company|2026-04|"].value(), 0);
  EXPECT_EQ(values["won|company|2026|"].value(), 5);
}

}  // namespace
}  // namespace spm::performance
