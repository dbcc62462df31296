#include "services/performance/rules/target.h"

#include <gtest/gtest.h>

#include <numeric>

namespace spm::performance {
namespace {

v1::TargetNode Node(v1::TargetSubject subject, const std::string& id, int parent, int64_t month) {
  v1::TargetNode node;
  node.set_subject(subject);
  node.set_subject_id(id);
  node.set_parent(parent);
  for (int m = 0; m < 12; ++m) node.add_months_minor(month);
  return node;
}

// Company 100 = two regions 60 + 40; two people 25 + 35 in the first.
v1::TargetPlan Plan() {
  v1::TargetPlan plan;
  plan.set_year(2017);
  *plan.add_nodes() = Node(v1::TARGET_SUBJECT_COMPANY, "", -1, 100);
  *plan.add_nodes() = Node(v1::TARGET_SUBJECT_REGION, "west", 0, 60);
  *plan.add_nodes() = Node(v1::TARGET_SUBJECT_REGION, "east", 0, 40);
  *plan.add_nodes() = Node(v1::TARGET_SUBJECT_PERSON, "ann", 1, 25);
  *plan.add_nodes() = Node(v1::TARGET_SUBJECT_PERSON, "bob", 1, 35);
  return plan;
}
std::string Refusal(const v1::TargetPlan& plan) { return std::string(CheckPlan(plan).message()); }

TEST(Target, ChildrenThatAddUpAreTaken) { EXPECT_TRUE(CheckPlan(Plan()).ok()); }  // P1

TEST(Target, OneMinorUnitOffIsRefusedWithNodeMonthAndDifference) {  // P1
  for (int64_t off : {1, -1}) {
    v1::TargetPlan plan = Plan();
    plan.mutable_nodes(3)->set_months_minor(5, 25 + off);
    Status status = CheckPlan(plan);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(Reason(status), "TARGET_SUM");
    EXPECT_NE(Refusal(plan).find("plan.nodes[1].months_minor[5]"), std::string::npos)
        << Refusal(plan);
    EXPECT_NE(Refusal(plan).find("June"), std::string::npos);
    EXPECT_NE(Refusal(plan).find("difference of " + std::to_string(-off)), std::string::npos);
  }
}

TEST(Target, EachKindOfChildrenAddsUpByItself) {
  v1::TargetPlan plan = Plan();
  *plan.add_nodes() = Node(v1::TARGET_SUBJECT_PRODUCT, "pump", 0, 100);
  EXPECT_TRUE(CheckPlan(plan).ok());
  plan.mutable_nodes(5)->set_months_minor(0, 99);
  EXPECT_EQ(Reason(CheckPlan(plan)), "TARGET_SUM");
}

TEST(Target, QuartersAndTheYearAreTheMonthsSums) {
  v1::TargetPlan plan = Plan();
  for (int q = 0; q < 4; ++q) plan.mutable_nodes(0)->add_quarters_minor(300);
  plan.mutable_nodes(0)->set_year_minor(1200);
  EXPECT_TRUE(CheckPlan(plan).ok());
  plan.mutable_nodes(0)->set_year_minor(1201);
  EXPECT_EQ(Reason(CheckPlan(plan)), "TARGET_SUM");
  plan.mutable_nodes(0)->set_year_minor(1200);
  plan.mutable_nodes(0)->set_quarters_minor(2, 301);
  EXPECT_NE(Refusal(plan).find("quarter 3"), std::string::npos);
}

TEST(Target, TheTreeMustBeOne) {
  const auto refused = [](auto change, const char* field) {
    v1::TargetPlan plan = Plan();
    change(plan);
    EXPECT_NE(Refusal(plan).find(field), std::string::npos) << Refusal(plan);
  };
  refused([](auto& p) { p.clear_nodes(); }, "plan.nodes");
  refused([](auto& p) { p.mutable_nodes(1)->set_parent(9); }, "plan.nodes[1].parent");
  refused([](auto& p) { p.mutable_nodes(1)->set_parent(1); }, "plan.nodes[1].parent");
  refused([](auto& p) { p.mutable_nodes(1)->set_parent(3); }, ".parent");
  refused([](auto& p) { p.mutable_nodes(0)->set_parent(1); }, "plan.nodes[0].parent");
  refused([](auto& p) { p.mutable_nodes(1)->clear_subject(); }, "plan.nodes[1].subject");
  refused([](auto& p) { p.mutable_nodes(1)->clear_subject_id(); }, "plan.nodes[1].subject_id");
  refused([](auto& p) { p.mutable_nodes(2)->set_subject_id("west"); }, "plan.nodes[2].subject_id");
  refused([](auto& p) { p.mutable_nodes(2)->add_months_minor(1); }, "plan.nodes[2].months_minor");
  refused([](auto& p) { p.mutable_nodes(2)->set_months_minor(0, -1); },
          "plan.nodes[2].months_minor");
}

TEST(Target, WeightsAddUpToOneAndTheMonthsToTheYear) {  // P2
  for (int64_t amount : {0, 1, 7, 100, 999'999'999}) {
    for (auto& weights : std::vector<std::vector<std::string>>{
             {},
             {"1"},
             {"0.5", "0.3", "0.2"},
             {"0.333333333333", "0.333333333333", "0.333333333334"}}) {
      auto months = SplitByMonths(amount, weights);
      ASSERT_TRUE(months.ok()) << months.status().message();
      EXPECT_EQ(std::accumulate(months->begin(), months->end(), int64_t{0}), amount);
      EXPECT_EQ(months->size(), weights.empty() ? 12u : weights.size());
    }
  }
  EXPECT_EQ(*SplitByMonths(10, {"0.5", "0.5"}), (std::vector<int64_t>{5, 5}));
  EXPECT_EQ(*SplitByMonths(11, {"0.5", "0.5"}), (std::vector<int64_t>{6, 5}));
}

TEST(Target, WeightsThatMissOneAreRefused) {  // P2
  for (auto& weights : std::vector<std::vector<std::string>>{
           {"0.5", "0.499999999999"}, {"0.5", "0.500000000001"}, {"1", "0.1"}, {"0.5"}}) {
    auto refused = SplitByMonths(100, weights);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(std::string(refused.status().message()).find("exactly 1"), std::string::npos);
  }
  for (const char* text : {"", ".", "a", "-0.5", "2", "0.1e1", "0.0000000000001", "0.5.5"})
    EXPECT_FALSE(SplitByMonths(100, {text}).ok()) << text;
}

TEST(Target, AnOldDateIsAnsweredByTheRevisionOfThatDate) {  // P4
  const std::vector<int32_t> days{kFromEver, 100, 200};
  EXPECT_EQ(InForce(days, 99), 0);
  EXPECT_EQ(InForce(days, 100), 1);
  EXPECT_EQ(InForce(days, 199), 1);
  EXPECT_EQ(InForce(days, 200), 2);
  EXPECT_EQ(InForce({50}, 49), -1);
  EXPECT_EQ(InForce({}, 49), -1);
  // A newer revision that holds from earlier on replaces the later one.
  EXPECT_EQ(InForce({kFromEver, 200, 100}, 250), 2);
}

}  // namespace
}  // namespace spm::performance
