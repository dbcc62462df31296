#include "services/leads/rules/grade.h"

#include <gtest/gtest.h>

#include "services/leads/rules/defaults.h"

namespace spm::leads {
namespace {

// L1: all boundaries of budget, cycle and grade, on both sides.
TEST(GradeLead, GradesByIntentBudgetAndCycle) {
  const v1::GradePolicy policy = DefaultGrade();
  struct Case {
    GradeInput lead;
    v1::Grade grade;
    int32_t points;
  };
  const Case cases[] = {
      {{100, 50'000'000, 30}, v1::GRADE_A, 100}, {{100, 49'999'999, 30}, v1::GRADE_A, 91},
      {{100, 50'000'000, 31}, v1::GRADE_A, 91},  {{0, std::nullopt, 0}, v1::GRADE_D, 0},
      {{100, std::nullopt, 0}, v1::GRADE_C, 40}, {{98, std::nullopt, 0}, v1::GRADE_D, 39},
      {{99, std::nullopt, 0}, v1::GRADE_C, 40},  // 39.6 rounds up.
      {{0, 99'999, 0}, v1::GRADE_D, 0},          {{0, 100'000, 0}, v1::GRADE_D, 6},
      {{0, 999'999, 0}, v1::GRADE_D, 6},         {{0, 1'000'000, 0}, v1::GRADE_D, 12},
      {{0, 9'999'999, 0}, v1::GRADE_D, 12},      {{0, 10'000'000, 0}, v1::GRADE_D, 21},
      {{0, std::nullopt, 90}, v1::GRADE_D, 21},  {{0, std::nullopt, 91}, v1::GRADE_D, 12},
      {{0, std::nullopt, 180}, v1::GRADE_D, 12}, {{0, std::nullopt, 181}, v1::GRADE_D, 6},
      {{0, std::nullopt, 365}, v1::GRADE_D, 6},  {{0, std::nullopt, 366}, v1::GRADE_D, 0},
      {{50, 50'000'000, 30}, v1::GRADE_A, 80},   {{47, 50'000'000, 30}, v1::GRADE_B, 79},
      {{0, 50'000'000, 30}, v1::GRADE_B, 60},    {{20, 50'000'000, 90}, v1::GRADE_C, 59},
  };
  for (const Case& c : cases) {
    const Graded got = GradeLead(c.lead, policy);
    EXPECT_EQ(got.grade, c.grade) << c.points;
    EXPECT_EQ(got.points, c.points);
  }
}

TEST(GradeLead, TakesTheHighestBudgetBoundInWhateverOrderTheyStand) {
  v1::GradePolicy policy = DefaultGrade();
  policy.mutable_budget_bands()->SwapElements(0, 3);
  policy.mutable_cycle_bands()->SwapElements(0, 3);
  EXPECT_EQ(GradeLead({0, 50'000'000, 10}, policy).points, 60);
}

TEST(GradeLead, FollowsThePolicyItIsGiven) {
  v1::GradePolicy policy = DefaultGrade();
  policy.set_grade_a_points(41);
  EXPECT_EQ(GradeLead({50, std::nullopt, 60}, policy).grade, v1::GRADE_A);
  policy.set_grade_a_points(42);
  EXPECT_EQ(GradeLead({50, std::nullopt, 60}, policy).grade, v1::GRADE_C);
}

}  // namespace
}  // namespace spm::leads
