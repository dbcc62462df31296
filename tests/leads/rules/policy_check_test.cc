#include "services/leads/rules/policy_check.h"

#include <gtest/gtest.h>

#include <functional>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/leads/rules/defaults.h"

namespace spm::leads {
namespace {

// The fields that an error names, in order.
std::string Named(const Status& status) {
  std::string names;
  google::rpc::BadRequest bad;
  const google::rpc::Status proto = ToProto(status);
  for (const auto& any : proto.details()) {
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& v : bad.field_violations()) names += (names.empty() ? "" : " ") + v.field();
  }
  return names;
}

template <typename P>
struct Case {
  std::function<void(P*)> change;
  // Empty where it is fine.
  std::string wrong;
};

template <typename P>
void Check(const P& shipped, const std::function<Status(const P&)>& check,
           const std::vector<Case<P>>& cases) {
  EXPECT_TRUE(check(shipped).ok()) << check(shipped);
  for (size_t i = 0; i < cases.size(); ++i) {
    P policy = shipped;
    cases[i].change(&policy);
    EXPECT_EQ(Named(check(policy)), cases[i].wrong) << "case " << i << ": " << check(policy);
  }
}

TEST(PolicyCheck, AGradePolicyAddsUpAndAscends) {
  using P = v1::GradePolicy;
  Check<P>(
      DefaultGrade(), CheckGrade,
      {
          {[](P* p) { p->set_intent_weight(41); }, "body.intent_weight"},
          {[](P* p) { p->set_intent_weight(39); }, "body.intent_weight"},
          {[](P* p) {
             p->set_intent_weight(100);
             p->set_budget_weight(0);
             p->set_cycle_weight(0);
           },
           ""},
          {[](P* p) {
             p->set_intent_weight(101);
             p->set_budget_weight(-1);
             p->set_cycle_weight(0);
           },
           "body.intent_weight body.budget_weight"},
          {[](P* p) { p->mutable_budget_bands(1)->set_bound(100'001); }, ""},
          {[](P* p) { p->mutable_budget_bands(1)->set_bound(100'000); },
           "body.budget_bands[1].bound"},
          {[](P* p) { p->mutable_budget_bands(1)->set_bound(99'999); },
           "body.budget_bands[1].bound"},
          {[](P* p) { p->mutable_budget_bands(0)->set_bound(0); }, ""},
          {[](P* p) { p->mutable_budget_bands(0)->set_bound(-1); }, "body.budget_bands[0].bound"},
          {[](P* p) { p->mutable_budget_bands(3)->set_points(101); },
           "body.budget_bands[3].points"},
          {[](P* p) { p->mutable_budget_bands(0)->set_points(-1); }, "body.budget_bands[0].points"},
          {[](P* p) { p->mutable_budget_bands(0)->set_points(40); }, ""},
          {[](P* p) { p->mutable_budget_bands(0)->set_points(41); }, "body.budget_bands[1].points"},
          {[](P* p) { p->mutable_cycle_bands(1)->set_points(100); }, ""},
          {[](P* p) {
             p->mutable_cycle_bands(0)->set_points(99);
             p->mutable_cycle_bands(1)->set_points(100);
           },
           "body.cycle_bands[1].points"},
          {[](P* p) { p->mutable_cycle_bands(1)->set_bound(30); }, "body.cycle_bands[1].bound"},
          {[](P* p) { p->set_grade_a_points(61); }, ""},
          {[](P* p) { p->set_grade_a_points(60); }, "body.grade_a_points"},
          {[](P* p) { p->set_grade_b_points(41); }, ""},
          {[](P* p) { p->set_grade_b_points(40); }, "body.grade_b_points"},
          {[](P* p) { p->set_grade_a_points(100); }, ""},
          {[](P* p) { p->set_grade_a_points(101); }, "body.grade_a_points"},
          {[](P* p) { p->set_grade_c_points(0); }, ""},
          {[](P* p) { p->set_grade_c_points(-1); }, "body.grade_c_points"},
      });
}

TEST(PolicyCheck, AnAssignmentPolicyAddsUpAndLetsEverybodyHoldALead) {
  using P = v1::AssignmentPolicy;
  Check<P>(DefaultAssignment(), CheckAssignment,
           {
               {[](P* p) { p->set_capacity(1); }, ""},
               {[](P* p) { p->set_capacity(0); }, "body.capacity"},
               {[](P* p) { p->set_capacity(1'000'000); }, ""},
               {[](P* p) { p->set_capacity(1'000'001); }, "body.capacity"},
               {[](P* p) { p->set_load_weight(21); }, "body.region_weight"},
               {[](P* p) { p->set_load_weight(19); }, "body.region_weight"},
               {[](P* p) {
                  p->set_load_weight(-1);
                  p->set_skill_weight(46);
                },
                "body.load_weight"},
           });
}

TEST(PolicyCheck, AContactPolicyIsWithinAYear) {
  using P = v1::ContactPolicy;
  Check<P>(DefaultContact(), CheckContact,
           {
               {[](P* p) { p->set_first_contact_hours(0); }, ""},
               {[](P* p) { p->set_first_contact_hours(-1); }, "body.first_contact_hours"},
               {[](P* p) { p->set_first_contact_hours(8784); }, ""},
               {[](P* p) { p->set_first_contact_hours(8785); }, "body.first_contact_hours"},
               {[](P* p) { p->set_default_country("86"); }, ""},
               {[](P* p) { p->set_default_country("1"); }, ""},
               {[](P* p) { p->set_default_country("852"); }, ""},
               {[](P* p) { p->set_default_country("8521"); }, "body.default_country"},
               {[](P* p) { p->set_default_country("+86"); }, "body.default_country"},
               {[](P* p) { p->set_default_country("086"); }, "body.default_country"},
               {[](P* p) { p->set_default_country("CN"); }, "body.default_country"},
           });
}

TEST(PolicyCheck, AClosePolicyHasGraceOfUpToAYear) {
  using P = v1::ClosePolicy;
  Check<P>(DefaultClose(), CheckClose,
           {
               {[](P* p) { p->set_grace_days(-1); }, "body.grace_days"},
               {[](P* p) { p->set_grace_days(366); }, ""},
               {[](P* p) { p->set_grace_days(367); }, "body.grace_days"},
           });
}

// L6, L7: what deals go through.
TEST(PolicyCheck, APipelineHasABeginningAndEnds) {
  using P = v1::PipelinePolicy;
  const auto check = [](const P& p) { return CheckPipeline("default", p); };
  EXPECT_TRUE(CheckPipeline("s4", SixStepPipeline()).ok());
  Check<P>(
      DefaultPipeline(), check,
      {
          {[](P* p) { p->set_id("other"); }, "body.id"},
          {[](P* p) { p->set_name(""); }, "body.name"},
          {[](P* p) { p->mutable_stages(1)->set_id(""); }, "body.stages[1].id"},
          {[](P* p) { p->mutable_stages(1)->set_id(" quote"); }, "body.stages[1].id"},
          {[](P* p) { p->mutable_stages(1)->set_id(std::string(64, 'x')); }, ""},
          {[](P* p) { p->mutable_stages(1)->set_id(std::string(65, 'x')); }, "body.stages[1].id"},
          {[](P* p) { p->mutable_stages(1)->set_id("报价"); }, ""},
          {[](P* p) { p->mutable_stages(2)->set_id("need"); }, "body.stages[2].id"},
          {[](P* p) { p->mutable_stages(2)->set_name(""); }, "body.stages[2].name"},
          {[](P* p) { p->mutable_stages(0)->set_kind(v1::STAGE_KIND_UNSPECIFIED); },
           "body.stages[0].kind body.stages[0].checklist body.stages[1] body.stages[2] "
           "body.stages[3]"},
          {[](P* p) { p->mutable_stages(0)->set_win_probability_bp(10'000); }, ""},
          {[](P* p) { p->mutable_stages(0)->set_win_probability_bp(10'001); },
           "body.stages[0].win_probability_bp"},
          {[](P* p) { p->mutable_stages(0)->set_win_probability_bp(-1); },
           "body.stages[0].win_probability_bp"},
          {[](P* p) { p->mutable_stages(4)->set_win_probability_bp(9'999); },
           "body.stages[4].win_probability_bp"},
          {[](P* p) { p->mutable_stages(5)->set_win_probability_bp(1); },
           "body.stages[5].win_probability_bp"},
          {[](P* p) { p->mutable_stages(0)->set_stall_days(0); }, ""},
          {[](P* p) { p->mutable_stages(0)->set_stall_days(-1); }, "body.stages[0].stall_days"},
          {[](P* p) { p->mutable_stages(0)->set_stall_days(3650); }, ""},
          {[](P* p) { p->mutable_stages(0)->set_stall_days(3651); }, "body.stages[0].stall_days"},
          {[](P* p) { p->mutable_stages(0)->mutable_checklist(1)->set_id("need_confirmed"); },
           "body.stages[0].checklist[1].id"},
          {[](P* p) { p->mutable_stages(0)->mutable_checklist(0)->set_id(""); },
           "body.stages[0].checklist[0].id"},
          // The same item in two stages is two items.
          {[](P* p) { p->mutable_stages(1)->mutable_checklist(0)->set_id("need_confirmed"); }, ""},
          {[](P* p) { p->mutable_stages(4)->add_checklist()->set_id("x"); },
           "body.stages[4].checklist"},
          // Open after an end.
          {[](P* p) { p->mutable_stages()->SwapElements(3, 4); }, "body.stages[4]"},
          {[](P* p) { p->mutable_stages()->DeleteSubrange(4, 1); }, "body.stages"},
          {[](P* p) { p->mutable_stages()->DeleteSubrange(5, 1); }, "body.stages"},
          {[](P* p) { p->mutable_stages()->DeleteSubrange(0, 4); }, "body.stages"},
          {[](P* p) { p->mutable_stages()->DeleteSubrange(1, 3); }, ""},
      });
}

TEST(PolicyCheck, GoesByTheKind) {
  EXPECT_TRUE(CheckPolicyBody("grade", DefaultGrade()).ok());
  EXPECT_TRUE(CheckPolicyBody("assignment", DefaultAssignment()).ok());
  EXPECT_TRUE(CheckPolicyBody("contact", DefaultContact()).ok());
  EXPECT_TRUE(CheckPolicyBody("close", DefaultClose()).ok());
  EXPECT_TRUE(CheckPolicyBody("pipeline:s4", SixStepPipeline()).ok());
  EXPECT_EQ(Named(CheckPolicyBody("pipeline:x", SixStepPipeline())), "body.id");
  EXPECT_EQ(Named(CheckPolicyBody("grade:west", DefaultGrade())), "kind");
}

// A stage in which somebody's deals stand cannot be taken away from under them.
TEST(PolicyCheck, AStageWithOpenDealsStaysAnOpenStage) {
  const v1::PipelinePolicy pipeline = DefaultPipeline();
  EXPECT_TRUE(CheckStanding(pipeline, {}).ok());
  EXPECT_TRUE(CheckStanding(pipeline, {{"need", 3}, {"sign", 1}, {"gone", 0}}).ok());
  const Status gone = CheckStanding(pipeline, {{"need", 3}, {"gone", 1}, {"old", 7}});
  EXPECT_EQ(gone.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Reason(gone), "STAGE_IN_USE");
  EXPECT_NE(gone.message().find("gone (1 deal), old (7 deals)"), std::string::npos) << gone;
  EXPECT_EQ(Reason(CheckStanding(pipeline, {{"won", 1}})), "STAGE_IN_USE")
      << "it is there, but closed";
}

}  // namespace
}  // namespace spm::leads
