#include "common/policy/difference.h"

#include <gtest/gtest.h>

#include "spm/leads/v1/policy.pb.h"

namespace spm {
namespace {

using leads::v1::GradePolicy;
using leads::v1::PipelinePolicy;

leads::v1::PipelineStage* AddStage(PipelinePolicy* pipeline, const std::string& id, int days) {
  auto* stage = pipeline->add_stages();
  stage->set_id(id);
  stage->set_kind(leads::v1::STAGE_KIND_OPEN);
  stage->set_stall_days(days);
  return stage;
}

// "path before after", a line each.
std::string Text(const google::protobuf::Message* before, const google::protobuf::Message& after) {
  std::string text;
  for (const auto& c : DifferenceOf(before, after))
    text += c.path() + " '" + c.before() + "' '" + c.after() + "'\n";
  return text;
}

TEST(Difference, TheSameIsNone) {
  PipelinePolicy pipeline;
  AddStage(&pipeline, "need", 7);
  EXPECT_EQ(Text(&pipeline, pipeline), "");
}

TEST(Difference, ElementsGoByTheirIdWhereverTheyStand) {
  PipelinePolicy before, after;
  before.set_name("Old");
  AddStage(&before, "need", 7)->add_checklist()->set_id("asked");
  AddStage(&before, "quote", 7);
  AddStage(&before, "gone", 7);
  after.set_name("New");
  AddStage(&after, "first", 3);
  AddStage(&after, "quote", 7)->set_kind(leads::v1::STAGE_KIND_WON);
  AddStage(&after, "need", 5)->add_checklist()->set_id("asked");
  after.mutable_stages(2)->mutable_checklist(0)->set_mandatory(true);
  EXPECT_EQ(Text(&before, after),
            "name 'Old' 'New'\n"
            "stages[first] '' 'id: first, kind: open, stall_days: 3'\n"
            "stages[quote].kind 'open' 'won'\n"
            "stages[need].checklist[asked].mandatory 'false' 'true'\n"
            "stages[need].stall_days '7' '5'\n"
            "stages[gone] 'id: gone, kind: open, stall_days: 7' ''\n"
            "stages (order) 'need, quote' 'quote, need'\n");
}

TEST(Difference, OtherElementsGoByTheirPlace) {
  GradePolicy before, after;
  for (auto* policy : {&before, &after}) {
    auto* band = policy->add_budget_bands();
    band->set_bound(100);
    band->set_points(20);
  }
  after.mutable_budget_bands(0)->set_points(30);
  after.add_budget_bands()->set_bound(200);
  EXPECT_EQ(Text(&before, after),
            "budget_bands[0].points '20' '30'\nbudget_bands[1] '' 'bound: 200'\n");
}

TEST(Difference, OfNothingIsEverything) {
  GradePolicy policy;
  policy.set_intent_weight(100);
  const std::string text = Text(nullptr, policy);
  EXPECT_NE(text.find("intent_weight '' '100'\n"), std::string::npos) << text;
  EXPECT_NE(text.find("budget_weight '' '0'\n"), std::string::npos) << text;
}

TEST(ShortName, LeavesTheEnumsOwnNameOut) {
  EXPECT_EQ(ShortName(*leads::v1::StageKind_descriptor()->FindValueByName("STAGE_KIND_OPEN")),
            "open");
}

}  // namespace
}  // namespace spm
