// What QueryMetrics answers, from the events of deals to rows.
#include "tests/performance/sales_company.h"

namespace spm::performance {
namespace {

class Figures : public ::testing::Test {
 protected:
  void SetUp() override { company.ImportAll(); }
  Lines Rows(const v1::QueryMetricsRequest& query) { return company.Rows(query); }
  static v1::QueryMetricsRequest Ask(const std::vector<std::string>& metrics,
                                     const Lines& groups = {},
                                     const std::string& from = "2017-01-01",
                                     const std::string& to = "2017-12-31") {
    return SalesCompany::Ask(metrics, groups, from, to);
  }
  SalesCompany company;
};

TEST_F(Figures, TotalsFollowTheDefinitions) {
  EXPECT_EQ(
      Rows(Ask({"won", "lost", "closed", "win_rate", "revenue", "list_value", "new_customers"})),
      (Lines{fmt::format("=5 1 6 {} 4700.01 5000 2", 5.0 / 6)}));
  EXPECT_EQ(Rows(Ask({"average_deal_size", "discount_rate"})),
            (Lines{fmt::format("={} {}", 470001.0 / 500, 29999.0 / 500000)}));
}

TEST_F(Figures, CycleIsTheMeanAndTheMedianOverWon) {  // L10
  // Days: A 31, B 19, C 38, E 31, H 119.
  EXPECT_EQ(Rows(Ask({"cycle_days", "cycle_days_median"})), (Lines{"=47.6 31"}));
  EXPECT_EQ(Rows(Ask({"cycle_days_median"}, {"rep"})), (Lines{"Ann=25", "Bob=38", "Cid=75"}));
}

TEST_F(Figures, GroupsAreNamedAndSorted) {
  EXPECT_EQ(Rows(Ask({"won", "revenue"}, {"rep"})),
            (Lines{"Ann=2 1900", "Bob=1 1100", "Cid=2 1700.01"}));
  EXPECT_EQ(Rows(Ask({"won"}, {"region", "quarter"})), (Lines{"East,2017-Q2=2", "West,2017-Q1=3"}));
  EXPECT_EQ(Rows(Ask({"won"}, {"quarter", "team"})), (Lines{"2017-Q1,One=3", "2017-Q2,Two=2"}));
  EXPECT_EQ(Rows(Ask({"won"}, {"manager", "product_line", "sector"})),
            (Lines{"Max,Machines,metal=1", "Max,Parts,retail=1", "Mona,Machines,retail=2",
                   "Mona,Parts,metal=1"}));
  EXPECT_EQ(Rows(Ask({"won"}, {"country"})), (Lines{"Chile=2", "Peru=3"}));
  EXPECT_EQ(Rows(Ask({"won"}, {"source"})), (Lines{"fair=4", "web=1"}));
  EXPECT_EQ(Rows(Ask({"won"}, {"week"}, "2017-02-01", "2017-02-28")),
            (Lines{"2017-W06=1", "2017-W08=1"}));
}

TEST_F(Figures, ABucketThatTheRangeCutsCountsItsPart) {
  EXPECT_EQ(Rows(Ask({"won"}, {"quarter"}, "2017-02-11", "2017-04-10")),
            (Lines{"2017-Q1=2", "2017-Q2=1"}));
}

TEST_F(Figures, StockIsAsOfTheEndOfTheRangeOrOfEachBucket) {
  EXPECT_EQ(Rows(Ask({"open", "pipeline_value"})), (Lines{"=2 2000"}));
  EXPECT_EQ(Rows(Ask({"open"}, {"quarter"})),
            (Lines{"2017-Q1=3", "2017-Q2=2", "2017-Q3=2", "2017-Q4=2"}));
  EXPECT_EQ(Rows(Ask({"open"}, {"month"}, "2017-01-01", "2017-02-10")),
            (Lines{"2017-01=2", "2017-02=3"}));
  EXPECT_EQ(Rows(Ask({"open"}, {"customer"})), (Lines{"Bolt Inc=1", "-=1"}));
  EXPECT_EQ(Rows(Ask({"open"}, {"stage"})), (Lines{"The quote=2"}));
}

TEST_F(Figures, ConversionIsOfTheCohortAndTheLowestStageIsFlagged) {  // L9 D3
  auto answer = company.Query(Ask({"stage_entered", "stage_conversion"}, {"stage"}));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(Rows(Ask({"stage_entered", "stage_conversion"}, {"stage"})),
            (Lines{"The need=8 1", "The quote=8 0.625", "The won=5 -", "The lost=1 -"}));
  EXPECT_FALSE(answer->rows(0).values(1).bottleneck());
  EXPECT_TRUE(answer->rows(1).values(1).bottleneck());
  EXPECT_EQ(answer->rows(2).values(1).null_reason(), "LAST_STAGE");
}

TEST_F(Figures, FiltersTakeIdsAndNames) {
  EXPECT_EQ(Rows(SalesCompany::Where(Ask({"won"}), "region", {"West"})), (Lines{"=3"}));
  EXPECT_EQ(Rows(SalesCompany::Where(Ask({"won"}), "rep", {"ann", "Cid"})), (Lines{"=4"}));
  EXPECT_EQ(Rows(SalesCompany::Where(Ask({"won"}), "product", {"crm:P-pump"})), (Lines{"=3"}));
  EXPECT_EQ(Rows(SalesCompany::Where(Ask({"open"}), "customer", {""})), (Lines{"=1"}));
  EXPECT_EQ(
      Rows(SalesCompany::Where(SalesCompany::Where(Ask({"won"}, {"rep"}), "sector", {"retail"}),
                               "product_line", {"Machines"})),
      (Lines{"Ann=1", "Bob=1"}));
}

TEST_F(Figures, BadQuestionsNameTheFieldAndTheRemedy) {
  const auto refused = [&](const v1::QueryMetricsRequest& query, const Lines& words) {
    auto answer = company.Query(query);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.status().code(), StatusCode::kInvalidArgument);
    for (const std::string& word : words)
      EXPECT_NE(std::string(answer.status().message()).find(word), std::string::npos)
          << answer.status().message();
  };
  refused(Ask({}), {"metrics"});
  refused(Ask({"winrate"}), {"winrate", "win_rate"});
  refused(Ask({"won"}, {"city"}), {"group_by[0]", "city", "country"});
  refused(Ask({"won"}, {"stage"}), {"stage", "rep, manager, team"});
  refused(Ask({"won"}, {"rep", "rep"}), {"twice"});
  refused(Ask({"won"}, {"rep", "team", "region", "month"}), {"three"});
  refused(Ask({"won"}, {}, "2017-02-02", "2017-02-01"), {"to"});
  refused(SalesCompany::Where(Ask({"won"}), "region", {"Nowhere"}),
          {"filters[0].values[0]", "Nowhere"});
  refused(SalesCompany::Where(Ask({"won"}), "sector", {"space"}), {"space"});
  refused(SalesCompany::Where(Ask({"won"}), "month", {"2017-01"}), {"from"});
  refused(SalesCompany::Where(Ask({"won"}), "rep", {}), {"values"});
  company.Person("ann2", "Ann", "one", false, base::v1::ROLE_REP);
  company.services.WaitIdle();
  refused(SalesCompany::Where(Ask({"won"}), "rep", {"Ann"}), {"ann, ann2"});
}

TEST_F(Figures, GrowthIsAgainstTheBucketBeforeAndTheYearBefore) {  // P7
  EXPECT_EQ(Rows(Ask({"growth_mom"}, {"month"}, "2017-01-01", "2017-05-31")),
            (Lines{"2017-02=-", "2017-03=" + fmt::format("{}", -80000.0 / 190000),
                   "2017-04=" + fmt::format("{}", 60001.0 / 110000), "2017-05=-1"}));
  EXPECT_EQ(Rows(Ask({"growth_mom"}, {}, "2017-03-01", "2017-03-31")),
            (Lines{"=" + fmt::format("{}", -80000.0 / 190000)}));
  EXPECT_EQ(Rows(Ask({"growth_mom"}, {}, "2017-03-01", "2017-04-30")),
            (Lines{"=" + fmt::format("{}", 90001.0 / 190000)}));
  EXPECT_EQ(Rows(Ask({"growth_yoy"}, {"year"}, "2017-01-01", "2018-12-31")),
            (Lines{"2017=-", "2018=-1"}));
  auto answer = company.Query(Ask({"growth_mom"}, {"month"}, "2017-02-01", "2017-02-28"));
  EXPECT_EQ(answer->rows(0).values(0).null_reason(), "ZERO_BASE");
  EXPECT_FALSE(company.Query(Ask({"growth_mom"}, {"rep"}, "2017-03-02", "2017-03-31")).ok());
  EXPECT_FALSE(company.Query(Ask({"growth_mom"}, {"week"})).ok());
}

TEST_F(Figures, EmptyGroupsAreShownWhenAskedFor) {
  EXPECT_EQ(Rows(Ask({"won"}, {"rep"}, "2016-01-01", "2016-12-31")), Lines{});
  auto query = Ask({"won", "win_rate"}, {"rep"}, "2016-01-01", "2016-12-31");
  query.set_include_empty(true);
  EXPECT_EQ(Rows(query), (Lines{"Ann=0 -", "Bob=0 -", "Cid=0 -"}));
  query = SalesCompany::Where(Ask({"won"}, {"team", "quarter"}, "2016-01-01", "2016-06-30"),
                              "region", {"East"});
  query.set_include_empty(true);
  EXPECT_EQ(Rows(query), (Lines{"Two,2016-Q1=0", "Two,2016-Q2=0"}));
  query = Ask({"won"}, {}, "2016-01-01", "2016-06-30");
  EXPECT_EQ(Rows(query), Lines{});
  query.set_include_empty(true);
  EXPECT_EQ(Rows(query), (Lines{"=0"}));
}

TEST_F(Figures, AnotherTeamTakesFiguresFromTheDayOfTheMoveAndStockAsOfTheDay) {
  company.MovePerson("ann", "two", "2017-02-15");
  company.services.WaitIdle();
  EXPECT_EQ(Rows(Ask({"won"}, {"team"}, "2017-01-01", "2017-02-28")), (Lines{"One=1", "Two=1"}));
  EXPECT_EQ(Rows(Ask({"open"}, {"team"}, "2017-01-01", "2017-02-14")), (Lines{"One=2", "Two=1"}));
  EXPECT_EQ(Rows(Ask({"open"}, {"team"}, "2017-01-01", "2017-02-15")), (Lines{"One=1", "Two=2"}));
}

TEST_F(Figures, ADealThatChangesHandsTakesTheStockFromThatDayOn) {
  company.Assign(SalesCompany::Deals()[6], "bob", "2017-06-10");
  company.services.WaitIdle();
  EXPECT_EQ(Rows(Ask({"open"}, {"rep"}, "2017-01-01", "2017-06-09")), (Lines{"Ann=1", "Cid=1"}));
  EXPECT_EQ(Rows(Ask({"open"}, {"rep"}, "2017-01-01", "2017-06-10")), (Lines{"Bob=1", "Cid=1"}));
}

TEST_F(Figures, LeadsCountBySource) {  // L12
  company.Lead("l1", "ann", "fair", "2017-01-05");
  company.Lead("l2", "", "fair", "2017-01-06");
  company.Lead("l3", "cid", "web", "2017-02-06");
  company.services.WaitIdle();
  EXPECT_EQ(Rows(Ask({"leads_created"}, {"source"})), (Lines{"fair=2", "web=1"}));
  EXPECT_EQ(Rows(Ask({"leads_created"}, {"region"})), (Lines{"East=1", "West=1", "-=1"}));
  EXPECT_EQ(Rows(Ask({"leads_created"})), (Lines{"=3"}));
}

TEST_F(Figures, EveryAnswerSaysHowFreshItIsAndWhatItCovers) {  // D9
  auto answer = company.Query(Ask({"won"}));
  EXPECT_EQ(answer->scope(), "company");
  EXPECT_GE(answer->freshness().recorded_us(), testing::Services::kStart);
  EXPECT_EQ(answer->freshness().pending(), 0);
}

TEST_F(Figures, TheLeaderboardRanksWithoutSharing) {
  v1::GetLeaderboardRequest request;
  request.set_period("2017");
  auto board = company.services.Call<v1::GetLeaderboardResponse>(
      "spm.performance.v1.MetricService/GetLeaderboard", request, "cid");
  ASSERT_TRUE(board.ok()) << board.status().message();
  Lines rows;
  for (const auto& row : board->rows())
    rows.push_back(fmt::format("{} {} {} {}", row.rank(), row.name(), row.revenue(), row.won()));
  EXPECT_EQ(rows, (Lines{"1 Ann 1900 2", "2 Cid 1700.01 2", "3 Bob 1100 1"}));
  request.set_metric("won");
  request.set_page_size(2);
  board = company.services.Call<v1::GetLeaderboardResponse>(
      "spm.performance.v1.MetricService/GetLeaderboard", request);
  ASSERT_EQ(board->rows_size(), 2);
  EXPECT_EQ(board->rows(0).name(), "Ann");  // as many as Cid: by name
  for (auto [group, metric, period] : {std::tuple{"stage", "won", "2017"},
                                       {"rep", "nothing", "2017"},
                                       {"rep", "won", "2017-13"}}) {
    request.set_group_by(group);
    request.set_metric(metric);
    request.set_period(period);
    EXPECT_EQ(company.services
                  .Call<v1::GetLeaderboardResponse>(
                      "spm.performance.v1.MetricService/GetLeaderboard", request)
                  .status()
                  .code(),
              StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace spm::performance
