// Who sees what of the figures (D8), by the directory of the fact's day.
#include "tests/performance/sales_company.h"

namespace spm::performance {
namespace {

class ScopeOfFigures : public ::testing::Test {
 protected:
  void SetUp() override { company.ImportAll(); }
  SalesCompany company;
};

TEST_F(ScopeOfFigures, ARepSeesItsOwnAManagerTheTeamAnExecutiveAll) {
  const auto query = SalesCompany::Ask({"won"}, {"rep"});
  EXPECT_EQ(company.Rows(query, "ann"), (Lines{"Ann=2"}));
  EXPECT_EQ(company.Rows(query, "mona"), (Lines{"Ann=2", "Bob=1"}));
  EXPECT_EQ(company.Rows(query, "boss"), (Lines{"Ann=2", "Bob=1", "Cid=2"}));
  EXPECT_EQ(company.Query(query, "ann")->scope(), "own");
  EXPECT_EQ(company.Query(query, "mona")->scope(), "team");
  EXPECT_EQ(company.Query(query, "boss")->scope(), "company");
}

TEST_F(ScopeOfFigures, AFilterOnAnotherShowsNothing) {
  EXPECT_EQ(company.Rows(SalesCompany::Where(SalesCompany::Ask({"won"}), "rep", {"cid"}), "ann"),
            Lines{});
}

TEST_F(ScopeOfFigures, GoesByTheDayOfTheFactAndForStockByTheDayAskedFor) {
  company.MovePerson("ann", "two", "2017-02-15");
  company.services.WaitIdle();
  EXPECT_EQ(company.Rows(SalesCompany::Ask({"won"}, {"rep"}), "max"), (Lines{"Ann=1", "Cid=2"}));
  EXPECT_EQ(company.Rows(SalesCompany::Ask({"open"}, {"rep"}, "2017-01-01", "2017-02-14"), "max"),
            (Lines{"Cid=1"}));
  EXPECT_EQ(company.Rows(SalesCompany::Ask({"open"}, {"rep"}, "2017-01-01", "2017-02-15"), "max"),
            (Lines{"Ann=1", "Cid=1"}));
}

TEST_F(ScopeOfFigures, AnExplanationListsNoFactsOfOthers) {  // G11
  v1::ExplainMetricRequest request;
  *request.mutable_query() = SalesCompany::Ask({"won"}, {"rep"});
  request.add_row()->set_id("cid");
  auto reply = company.Explain(request, "ann");
  ASSERT_TRUE(reply.ok()) << reply.status().message();
  EXPECT_EQ(reply->explanation().parts(0).facts(), 0);
  EXPECT_EQ(reply->value().value(), 0);
  EXPECT_EQ(company.Explain(request, "max")->explanation().parts(0).facts(), 2);
}

Lines Board(SalesCompany& company, const std::string& as) {
  v1::GetLeaderboardRequest request;
  request.set_period("2017");
  auto board = company.services.Call<v1::GetLeaderboardResponse>(
      "spm.performance.v1.MetricService/GetLeaderboard", request, as);
  EXPECT_TRUE(board.ok()) << board.status().message();
  Lines names;
  for (const auto& row : board->rows()) names.push_back(row.name());
  return names;
}

TEST_F(ScopeOfFigures, TheLeaderboardShowsEverybodyUnlessThePolicySaysOtherwise) {
  EXPECT_EQ(Board(company, "bob"), (Lines{"Ann", "Cid", "Bob"}));
  SalesCompany discreet({}, false);
  discreet.ImportAll();
  EXPECT_EQ(Board(discreet, "bob"), (Lines{"Bob"}));
  EXPECT_EQ(Board(discreet, "mona"), (Lines{"Ann", "Bob"}));
}

TEST_F(ScopeOfFigures, VisibilityNamesPeopleAndUnits) {
  const auto of = [&](const std::string& as) {
    return *company.services.Call<v1::Visibility>("spm.performance.v1.MetricService/GetVisibility",
                                                  v1::GetVisibilityRequest(), as);
  };
  EXPECT_TRUE(of("").company());
  EXPECT_TRUE(of("boss").company());
  v1::Visibility mona = of("mona");
  EXPECT_FALSE(mona.company());
  EXPECT_EQ(Lines(mona.rep_ids().begin(), mona.rep_ids().end()), (Lines{"ann", "bob", "mona"}));
  EXPECT_EQ(Lines(mona.team_ids().begin(), mona.team_ids().end()), (Lines{"one"}));
  v1::Visibility ann = of("ann");
  EXPECT_EQ(Lines(ann.rep_ids().begin(), ann.rep_ids().end()), (Lines{"ann"}));
  EXPECT_EQ(ann.team_ids_size(), 0);
}

}  // namespace
}  // namespace spm::performance
