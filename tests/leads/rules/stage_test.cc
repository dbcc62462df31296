#include "services/leads/rules/stage.h"

#include <gtest/gtest.h>

#include "services/leads/rules/defaults.h"

namespace spm::leads {
namespace {

v1::Opportunity DealIn(const std::string& stage, v1::StageKind kind = v1::STAGE_KIND_OPEN) {
  v1::Opportunity deal;
  deal.set_stage(stage);
  deal.set_stage_kind(kind);
  deal.add_history()->set_stage(stage);
  return deal;
}

void Done(v1::Opportunity* deal, const std::string& stage, const std::string& item) {
  v1::ChecklistDone* done = deal->add_done();
  done->set_stage(stage);
  done->set_item(item);
}

using Ids = std::vector<std::string>;

// L6
TEST(AllowedStages, NextInOrderWonAfterTheLastAndLostFromAny) {
  const v1::PipelinePolicy pipeline = DefaultPipeline();
  EXPECT_EQ(AllowedStages(pipeline, "need"), (Ids{"quote", "lost"}));
  EXPECT_EQ(AllowedStages(pipeline, "quote"), (Ids{"negotiate", "lost"}));
  EXPECT_EQ(AllowedStages(pipeline, "negotiate"), (Ids{"sign", "lost"}));
  EXPECT_EQ(AllowedStages(pipeline, "sign"), (Ids{"won", "lost"}));
  EXPECT_EQ(AllowedStages(SixStepPipeline(), "close"), (Ids{"after_sales", "lost"}));
  EXPECT_EQ(AllowedStages(pipeline, "forgotten"),
            (Ids{"need", "quote", "negotiate", "sign", "won", "lost"}));
}

// L6: every pair of stages.
TEST(CheckTransition, RefusesEveryPairButTheLegalOnes) {
  for (const auto& pipeline : {DefaultPipeline(), SixStepPipeline()})
    for (int from = 0; from < pipeline.stages_size(); ++from)
      for (int to = 0; to < pipeline.stages_size(); ++to) {
        const auto &a = pipeline.stages(from), &b = pipeline.stages(to);
        const Status status = CheckTransition(pipeline, DealIn(a.id(), a.kind()), b.id());
        if (a.kind() != v1::STAGE_KIND_OPEN) {
          EXPECT_EQ(Reason(status), "DEAL_CLOSED");
        } else if (to == from + 1 || b.kind() == v1::STAGE_KIND_LOST) {
          EXPECT_TRUE(status.ok()) << a.id() << " to " << b.id();
        } else {
          EXPECT_EQ(Reason(status), "ILLEGAL_STAGE") << a.id() << " to " << b.id();
          EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
        }
      }
  const Status unknown = CheckTransition(DefaultPipeline(), DealIn("need"), "nowhere");
  EXPECT_EQ(Reason(unknown), "ILLEGAL_STAGE");
  EXPECT_NE(std::string(unknown.message()).find("quote, lost"), std::string::npos);
}

// L7
TEST(CheckChecklist, HoldsBackUntilMandatoryItemsAreDone) {
  const v1::PipelinePolicy pipeline = DefaultPipeline();
  v1::Opportunity deal = DealIn("quote");
  EXPECT_EQ(OpenItems(pipeline, deal), (Ids{"solution_presented", "quote_sent"}));
  const Status refused = CheckChecklist(pipeline, deal, "negotiate", "");
  EXPECT_EQ(Reason(refused), "CHECKLIST_OPEN");
  EXPECT_NE(std::string(refused.message()).find("solution_presented, quote_sent"),
            std::string::npos);
  Done(&deal, "quote", "solution_presented");
  Done(&deal, "need", "quote_sent");  // Of another stage.
  EXPECT_EQ(OpenItems(pipeline, deal), (Ids{"quote_sent"}));
  EXPECT_EQ(Reason(CheckChecklist(pipeline, deal, "negotiate", "")), "CHECKLIST_OPEN");
  Done(&deal, "quote", "quote_sent");
  EXPECT_TRUE(CheckChecklist(pipeline, deal, "negotiate", "").ok());
}

// L7
TEST(CheckChecklist, AReasonOverridesAndLosingAsksNothing) {
  const v1::PipelinePolicy pipeline = DefaultPipeline();
  EXPECT_TRUE(CheckChecklist(pipeline, DealIn("quote"), "negotiate", "in a hurry").ok());
  EXPECT_TRUE(CheckChecklist(pipeline, DealIn("quote"), "lost", "").ok());
  EXPECT_EQ(Reason(CheckChecklist(pipeline, DealIn("sign"), "won", "")), "CHECKLIST_OPEN");
}

TEST(OpenItems, OptionalOnesDoNotCount) {
  v1::Opportunity deal = DealIn("need");
  Done(&deal, "need", "need_confirmed");
  EXPECT_TRUE(OpenItems(DefaultPipeline(), deal).empty());
}

TEST(StagesEntered, PassedOverStagesCountOnce) {
  const v1::PipelinePolicy pipeline = DefaultPipeline();
  const v1::Opportunity fresh;
  EXPECT_EQ(StagesEntered(pipeline, fresh, "need"), (Ids{"need"}));
  EXPECT_EQ(StagesEntered(pipeline, fresh, "negotiate"), (Ids{"need", "quote", "negotiate"}));
  EXPECT_EQ(StagesEntered(pipeline, fresh, "won"),
            (Ids{"need", "quote", "negotiate", "sign", "won"}));
  EXPECT_EQ(StagesEntered(pipeline, fresh, "lost"), (Ids{"lost"}));
  v1::Opportunity deal = DealIn("need");
  EXPECT_EQ(StagesEntered(pipeline, deal, "quote"), (Ids{"quote"}));
  EXPECT_EQ(StagesEntered(pipeline, deal, "sign"), (Ids{"quote", "negotiate", "sign"}));
  EXPECT_EQ(StagesEntered(pipeline, deal, "need"), (Ids{"need"}));
}

}  // namespace
}  // namespace spm::leads
