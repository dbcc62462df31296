#include "services/leads/rules/defaults.h"

#include <initializer_list>
#include <string>

namespace spm::leads {
namespace {

constexpr int32_t kStallDays = 7;

struct Item {
  std::string id, title;
  bool mandatory = true;
};

void AddStage(v1::PipelinePolicy* pipeline, const std::string& id, const std::string& name,
              const std::string& name_zh, int32_t win_probability_bp,
              std::initializer_list<Item> items) {
  v1::PipelineStage* stage = pipeline->add_stages();
  stage->set_id(id);
  stage->set_name(name);
  stage->set_name_zh(name_zh);
  stage->set_kind(v1::STAGE_KIND_OPEN);
  stage->set_win_probability_bp(win_probability_bp);
  stage->set_stall_days(kStallDays);
  for (const Item& item : items) {
    v1::ChecklistItem* one = stage->add_checklist();
    one->set_id(item.id);
    one->set_title(item.title);
    one->set_mandatory(item.mandatory);
  }
}

void AddEnd(v1::PipelinePolicy* pipeline, const std::string& id, const std::string& name,
            const std::string& name_zh, v1::StageKind kind) {
  v1::PipelineStage* stage = pipeline->add_stages();
  stage->set_id(id);
  stage->set_name(name);
  stage->set_name_zh(name_zh);
  stage->set_kind(kind);
  stage->set_win_probability_bp(kind == v1::STAGE_KIND_WON ? 10'000 : 0);
}

void AddBand(google::protobuf::RepeatedPtrField<v1::GradePolicy::Band>* bands, int64_t bound,
             int32_t points) {
  v1::GradePolicy::Band* band = bands->Add();
  band->set_bound(bound);
  band->set_points(points);
}

}  // namespace

v1::GradePolicy DefaultGrade() {
  v1::GradePolicy policy;
  policy.set_intent_weight(40);
  policy.set_budget_weight(30);
  policy.set_cycle_weight(30);
  AddBand(policy.mutable_budget_bands(), 100'000, 20);
  AddBand(policy.mutable_budget_bands(), 1'000'000, 40);
  AddBand(policy.mutable_budget_bands(), 10'000'000, 70);
  AddBand(policy.mutable_budget_bands(), 50'000'000, 100);
  AddBand(policy.mutable_cycle_bands(), 30, 100);
  AddBand(policy.mutable_cycle_bands(), 90, 70);
  AddBand(policy.mutable_cycle_bands(), 180, 40);
  AddBand(policy.mutable_cycle_bands(), 365, 20);
  policy.set_grade_a_points(80);
  policy.set_grade_b_points(60);
  policy.set_grade_c_points(40);
  return policy;
}

v1::AssignmentPolicy DefaultAssignment() {
  v1::AssignmentPolicy policy;
  policy.set_capacity(200);
  policy.set_region_weight(35);
  policy.set_skill_weight(25);
  policy.set_record_weight(20);
  policy.set_load_weight(20);
  return policy;
}

v1::ContactPolicy DefaultContact() {
  v1::ContactPolicy policy;
  policy.set_first_contact_hours(24);
  return policy;
}

v1::ClosePolicy DefaultClose() {
  v1::ClosePolicy policy;
  policy.set_grace_days(0);
  return policy;
}

v1::PipelinePolicy DefaultPipeline() {
  v1::PipelinePolicy pipeline;
  pipeline.set_id("default");
  pipeline.set_name("Standard sales");
  pipeline.set_name_zh("标准销售");
  AddStage(&pipeline, "need", "Need", "需求确认", 1000,
           {{"need_confirmed", "Confirm the need with the customer / 与客户确认需求"},
            {"competitors_known", "Find out who else is asked / 了解竞争对手", false}});
  AddStage(&pipeline, "quote", "Quote", "报价", 3000,
           {{"solution_presented", "Present the solution / 介绍方案"},
            {"quote_sent", "Send the quote / 发出报价"}});
  AddStage(&pipeline, "negotiate", "Negotiate", "谈判", 6000,
           {{"decider_met", "Meet the decider / 与决策人面谈"},
            {"terms_agreed", "Agree on terms / 商定条款"}});
  AddStage(&pipeline, "sign", "Sign", "签约", 8000,
           {{"contract_sent", "Send the contract / 发出合同"}});
  AddEnd(&pipeline, "won", "Won", "赢单", v1::STAGE_KIND_WON);
  AddEnd(&pipeline, "lost", "Lost", "输单", v1::STAGE_KIND_LOST);
  return pipeline;
}

v1::PipelinePolicy SixStepPipeline() {
  v1::PipelinePolicy pipeline;
  pipeline.set_id("s4");
  pipeline.set_name("Six steps");
  pipeline.set_name_zh("六步销售");
  AddStage(&pipeline, "acquire", "Acquire", "获客", 500,
           {{"contact_made", "Make contact / 建立联系", false}});
  AddStage(&pipeline, "discover", "Discover the need", "需求挖掘", 1500,
           {{"need_confirmed", "Confirm the need with the customer / 与客户确认需求"}});
  AddStage(&pipeline, "present", "Present", "产品展示", 3500,
           {{"solution_presented", "Present the solution / 介绍方案"}});
  AddStage(&pipeline, "objection", "Handle objections", "异议处理", 5500,
           {{"objections_answered", "Answer every objection / 答复所有异议"}});
  AddStage(&pipeline, "close", "Close", "促成成交", 8000,
           {{"terms_agreed", "Agree on terms / 商定条款"}});
  AddEnd(&pipeline, "after_sales", "Won, after-sales", "成交与售后", v1::STAGE_KIND_WON);
  AddEnd(&pipeline, "lost", "Lost", "输单", v1::STAGE_KIND_LOST);
  return pipeline;
}

}  // namespace spm::leads
