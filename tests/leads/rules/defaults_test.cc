#include "services/leads/rules/defaults.h"

#include <gtest/gtest.h>

#include <set>

#include "services/leads/rules/stage.h"

namespace spm::leads {
namespace {

TEST(Defaults, WeightsAddUpTo100) {
  const auto grade = DefaultGrade();
  EXPECT_EQ(grade.intent_weight() + grade.budget_weight() + grade.cycle_weight(), 100);
  const auto fit = DefaultAssignment();
  EXPECT_EQ(fit.region_weight() + fit.skill_weight() + fit.record_weight() + fit.load_weight(),
            100);
}

TEST(Defaults, ADealIsOverdueOnTheDayAfter) { EXPECT_EQ(DefaultClose().grace_days(), 0); }

TEST(Defaults, PipelinesBeginOpenAndCanBeWonAndLost) {
  for (const auto& pipeline : {DefaultPipeline(), SixStepPipeline()}) {
    std::set<std::string> ids;
    std::set<int> kinds;
    for (const auto& stage : pipeline.stages()) {
      ids.insert(stage.id());
      kinds.insert(stage.kind());
      EXPECT_FALSE(stage.name().empty());
      EXPECT_FALSE(stage.name_zh().empty());
      EXPECT_EQ(stage.stall_days(), stage.kind() == v1::STAGE_KIND_OPEN ? 7 : 0);
    }
    EXPECT_EQ(ids.size(), static_cast<size_t>(pipeline.stages_size()));
    EXPECT_EQ(kinds.size(), 3U);
    EXPECT_EQ(FirstStage(pipeline), &pipeline.stages(0));
  }
}

}  // namespace
}  // namespace spm::leads
