// Targets as revisions, and what they come to in figures (P1, P4, P6).
#include "tests/performance/sales_company.h"

namespace spm::performance {
namespace {

class Targets : public ::testing::Test {
 protected:
  static void Add(v1::TargetPlan* plan, v1::TargetSubject subject, const std::string& id,
                  int parent, int64_t month) {
    v1::TargetNode& node = *plan->add_nodes();
    node.set_subject(subject);
    node.set_subject_id(id);
    node.set_parent(parent);
    for (int m = 0; m < 12; ++m) node.add_months_minor(month);
  }
  // Each rep `month`; regions and company the sums.
  static v1::SaveTargetPlanRequest Plan(int64_t month, const std::string& from = "") {
    v1::SaveTargetPlanRequest request;
    v1::TargetPlan* plan = request.mutable_plan();
    plan->set_year(2017);
    if (!from.empty()) SetDate(D(from), plan->mutable_effective_from());
    Add(plan, v1::TARGET_SUBJECT_COMPANY, "", -1, 3 * month);
    Add(plan, v1::TARGET_SUBJECT_REGION, "west", 0, 2 * month);
    Add(plan, v1::TARGET_SUBJECT_REGION, "east", 0, month);
    Add(plan, v1::TARGET_SUBJECT_TEAM, "one", 1, 2 * month);
    Add(plan, v1::TARGET_SUBJECT_PERSON, "ann", 3, month);
    Add(plan, v1::TARGET_SUBJECT_PERSON, "bob", 3, month);
    Add(plan, v1::TARGET_SUBJECT_PRODUCT, "crm:P-pump", 0, 3 * month);
    return request;
  }
  StatusOr<v1::TargetPlan> Save(const v1::SaveTargetPlanRequest& request) {
    auto saved = company.services.Call<v1::TargetPlan>(
        "spm.performance.v1.TargetService/SaveTargetPlan", request);
    company.services.WaitIdle();
    return saved;
  }
  StatusOr<v1::TargetPlan> Get(const std::string& on, const std::string& as = "") {
    v1::GetTargetPlanRequest request;
    request.set_year(2017);
    if (!on.empty()) SetDate(D(on), request.mutable_on());
    return company.services.Call<v1::TargetPlan>("spm.performance.v1.TargetService/GetTargetPlan",
                                                 request, as);
  }
  Lines Rows(const Lines& groups, const std::string& from, const std::string& to,
             const std::string& as = "") {
    return company.Rows(SalesCompany::Ask({"target", "attainment"}, groups, from, to), as);
  }
  SalesCompany company;
};

TEST_F(Targets, AreSavedByReferenceAndAnsweredById) {
  auto saved = Save(Plan(100'000));
  ASSERT_TRUE(saved.ok()) << saved.status().message();
  EXPECT_EQ(saved->version(), 1);
  EXPECT_EQ(saved->author(), "local");
  EXPECT_EQ(saved->nodes(6).subject_id(), "pump");
  EXPECT_EQ(Get("")->nodes_size(), 7);
}

TEST_F(Targets, ThatDoNotAddUpAreRefusedAndLeaveNoTrace) {  // P1
  auto request = Plan(100'000);
  request.mutable_plan()->mutable_nodes(4)->set_months_minor(0, 99'999);
  auto refused = Save(request);
  EXPECT_EQ(Reason(refused.status()), "TARGET_SUM");
  EXPECT_EQ(Get("").status().code(), StatusCode::kNotFound);
  request = Plan(100'000);
  request.mutable_plan()->mutable_nodes(4)->set_subject_id("nobody");
  EXPECT_NE(std::string(Save(request).status().message()).find("plan.nodes[4].subject_id"),
            std::string::npos);
  request = Plan(100'000);
  request.mutable_plan()->mutable_nodes(1)->set_subject_id("one");
  EXPECT_NE(std::string(Save(request).status().message()).find("no region"), std::string::npos);
}

TEST_F(Targets, TheSamePlanAgainIsNoNewRevision) {
  ASSERT_TRUE(Save(Plan(100'000)).ok());
  EXPECT_EQ(Save(Plan(100'000))->version(), 1);
  EXPECT_EQ(company.services.Journal("performance", "spm.performance.v1.TargetPlanSaved").size(),
            1u);
  auto late = Plan(120'000);
  late.set_etag("7");
  EXPECT_EQ(Save(late).status().code(), StatusCode::kAborted);
  late.set_etag("1");
  EXPECT_EQ(Save(late)->version(), 2);
}

TEST_F(Targets, AnOldDateIsAnsweredByTheRevisionOfThatDate) {  // P4
  ASSERT_TRUE(Save(Plan(100'000)).ok());
  ASSERT_TRUE(Save(Plan(200'000, "2017-04-01")).ok());
  EXPECT_EQ(Get("2017-03-31")->version(), 1);
  EXPECT_EQ(Get("2017-04-01")->version(), 2);
  EXPECT_EQ(Get("")->version(), 2);
  EXPECT_EQ(Rows({"month"}, "2017-03-01", "2017-04-30"),
            (Lines{"2017-03=3000 0", "2017-04=6000 0"}));
  EXPECT_EQ(Rows({}, "2017-03-01", "2017-04-30"), (Lines{"=9000 0"}));
}

TEST_F(Targets, AttainmentIsRevenueOverTarget) {  // P6 D2
  company.ImportAll();
  ASSERT_TRUE(Save(Plan(100'000)).ok());
  // Ann won 1,900 in February, Bob 1,100 in March; a rep's target is 1,000 a month.
  EXPECT_EQ(Rows({"rep"}, "2017-02-01", "2017-02-28"), (Lines{"Ann=1000 1.9", "Bob=1000 0"}));
  EXPECT_EQ(Rows({"team"}, "2017-01-01", "2017-03-31"), (Lines{"One=6000 0.5"}));
  EXPECT_EQ(Rows({"region", "month"}, "2017-03-01", "2017-03-31"),
            (Lines{"East,2017-03=1000 0", "West,2017-03=2000 0.55"}));
  EXPECT_EQ(Rows({}, "2017-01-01", "2017-12-31"),
            (Lines{fmt::format("=36000 {}", 470001.0 / 3600000)}));
  EXPECT_EQ(Rows({"product"}, "2017-01-01", "2017-12-31"),
            (Lines{"Pipe=- -", fmt::format("Pump=36000 {}", 300000.0 / 3600000)}));
  EXPECT_EQ(
      company.Rows(SalesCompany::Where(
          SalesCompany::Ask({"target"}, {"rep"}, "2017-02-01", "2017-02-28"), "team", {"One"})),
      (Lines{"Ann=1000", "Bob=1000"}));
}

TEST_F(Targets, NeedWholeMonthsAndGroupsThatTargetsHave) {
  ASSERT_TRUE(Save(Plan(100'000)).ok());
  auto cut = company.Query(SalesCompany::Ask({"attainment"}, {}, "2017-02-01", "2017-02-27"));
  EXPECT_NE(std::string(cut.status().message()).find("whole months"), std::string::npos);
  for (const char* group : {"customer", "day", "week", "sector", "source", "manager"})
    EXPECT_EQ(company.Query(SalesCompany::Ask({"target"}, {group})).status().code(),
              StatusCode::kInvalidArgument)
        << group;
}

TEST_F(Targets, OfOthersAreNotSeen) {  // D8
  company.ImportAll();
  ASSERT_TRUE(Save(Plan(100'000)).ok());
  EXPECT_EQ(Rows({}, "2017-02-01", "2017-02-28", "ann"), (Lines{"=1000 1.9"}));
  EXPECT_EQ(Rows({}, "2017-02-01", "2017-02-28", "mona"), (Lines{"=2000 0.95"}));
  EXPECT_EQ(Rows({"rep"}, "2017-02-01", "2017-02-28", "ann"), (Lines{"Ann=1000 1.9"}));
  EXPECT_EQ(Get("", "ann")->nodes_size(), 1);
  v1::TargetPlan mona = *Get("", "mona");
  ASSERT_EQ(mona.nodes_size(), 3);
  EXPECT_EQ(mona.nodes(0).subject_id(), "one");
  EXPECT_EQ(mona.nodes(0).parent(), -1);
  EXPECT_EQ(mona.nodes(1).parent(), 0);
}

TEST_F(Targets, AnExplanationNamesTheRevisionsThatAnswer) {  // P31
  company.ImportAll();
  ASSERT_TRUE(Save(Plan(100'000)).ok());
  const int64_t then = company.services.clock().NowUs() + 1000;
  company.services.Advance(kSecondUs);
  ASSERT_TRUE(Save(Plan(200'000, "2017-03-01")).ok());
  v1::ExplainMetricRequest request;
  *request.mutable_query() = SalesCompany::Ask({"attainment"}, {}, "2017-02-01", "2017-03-31");
  auto reply = company.Explain(request);
  ASSERT_TRUE(reply.ok()) << reply.status().message();
  EXPECT_EQ(reply->value().SerializeAsString(), reply->reevaluated().SerializeAsString());
  EXPECT_EQ(reply->value().value(), 300'000.0 / 900'000);
  ASSERT_EQ(reply->explanation().parts_size(), 3);
  EXPECT_EQ(reply->explanation().parts(1).version(), "1");
  EXPECT_EQ(reply->explanation().parts(1).total(), 300'000);
  EXPECT_EQ(reply->explanation().parts(2).version(), "2");
  EXPECT_EQ(reply->explanation().parts(2).total(), 600'000);
  request.set_as_of_us(then);
  reply = company.Explain(request);
  EXPECT_EQ(reply->value().value(), 0.5);
  EXPECT_EQ(reply->reevaluated().value(), 0.5);
}

TEST_F(Targets, WithoutACompanyItIsTheSumOfTheTop) {
  v1::SaveTargetPlanRequest request;
  request.mutable_plan()->set_year(2017);
  Add(request.mutable_plan(), v1::TARGET_SUBJECT_REGION, "west", -1, 5);
  Add(request.mutable_plan(), v1::TARGET_SUBJECT_REGION, "east", -1, 7);
  Add(request.mutable_plan(), v1::TARGET_SUBJECT_PERSON, "ann", -1, 3);
  ASSERT_TRUE(Save(request).ok());
  auto answer = company.Query(SalesCompany::Ask({"target"}, {}, "2017-01-01", "2017-01-31"));
  EXPECT_EQ(answer->rows(0).values(0).exact(), 12);
}

TEST_F(Targets, SplitsWithoutLoss) {  // P2
  v1::SplitTargetRequest request;
  request.set_amount_minor(100);
  auto split = company.services.Call<v1::SplitTargetResponse>(
      "spm.performance.v1.TargetService/SplitTarget", request);
  Lines months;
  for (int64_t m : split->months_minor()) months.push_back(std::to_string(m));
  EXPECT_EQ(months, (Lines{"9", "9", "9", "9", "8", "8", "8", "8", "8", "8", "8", "8"}));
  request.set_amount_minor(-1);
  EXPECT_FALSE(
      company.services
          .Call<v1::SplitTargetResponse>("spm.performance.v1.TargetService/SplitTarget", request)
          .ok());
}

TEST_F(Targets, BenchmarksAreImportedOnceAndReplaced) {  // D6
  v1::BatchImportBenchmarksRequest request;
  v1::Benchmark& row = *request.add_rows();
  row.set_metric("win_rate");
  row.set_period("2017-Q2");
  row.set_value("0.55");
  row.set_source("Institute");
  SetDate(D("2018-01-01"), row.mutable_published_on());
  *request.add_rows() = row;
  request.mutable_rows(1)->clear_source();
  const auto run = [&] {
    auto reply = company.services.Call<v1::BatchImportBenchmarksResponse>(
        "spm.performance.v1.TargetService/BatchImportBenchmarks", request);
    EXPECT_TRUE(reply.ok()) << reply.status().message();
    return *reply;
  };
  auto reply = run();
  EXPECT_EQ(reply.results(0).outcome(), base::v1::RowResult::OUTCOME_CREATED);
  EXPECT_EQ(reply.results(1).outcome(), base::v1::RowResult::OUTCOME_REFUSED);
  EXPECT_NE(reply.results(1).error().message().find("source"), std::string::npos);
  EXPECT_EQ(run().results(0).outcome(), base::v1::RowResult::OUTCOME_UNCHANGED);
  request.mutable_rows(0)->set_value("0.56");
  EXPECT_EQ(run().results(0).outcome(), base::v1::RowResult::OUTCOME_UPDATED);
  auto list = company.services.Call<v1::ListBenchmarksResponse>(
      "spm.performance.v1.TargetService/ListBenchmarks", v1::ListBenchmarksRequest());
  ASSERT_EQ(list->benchmarks_size(), 1);
  EXPECT_EQ(list->benchmarks(0).value(), "0.56");
}

}  // namespace
}  // namespace spm::performance
