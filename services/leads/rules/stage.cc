#include "services/leads/rules/stage.h"

#include <algorithm>

namespace spm::leads {
namespace {

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

const v1::PipelineStage* FindStage(const v1::PipelinePolicy& pipeline, const std::string& id) {
  for (const auto& stage : pipeline.stages())
    if (stage.id() == id) return &stage;
  return nullptr;
}

const v1::PipelineStage* FirstStage(const v1::PipelinePolicy& pipeline) {
  for (const auto& stage : pipeline.stages())
    if (stage.kind() == v1::STAGE_KIND_OPEN) return &stage;
  return nullptr;
}

std::vector<std::string> AllowedStages(const v1::PipelinePolicy& pipeline,
                                       const std::string& from) {
  const bool known = FindStage(pipeline, from) != nullptr;
  std::vector<std::string> next, won, lost;
  bool passed = false;
  for (const auto& stage : pipeline.stages()) {
    if (stage.kind() == v1::STAGE_KIND_WON) won.push_back(stage.id());
    if (stage.kind() == v1::STAGE_KIND_LOST) lost.push_back(stage.id());
    if (stage.kind() == v1::STAGE_KIND_OPEN && (!known || (passed && next.empty())))
      next.push_back(stage.id());
    if (stage.id() == from) passed = true;
  }
  if (next.empty() || !known) next.insert(next.end(), won.begin(), won.end());
  next.insert(next.end(), lost.begin(), lost.end());
  return next;
}

Status CheckTransition(const v1::PipelinePolicy& pipeline, const v1::Opportunity& deal,
                       const std::string& to) {
  if (deal.stage_kind() != v1::STAGE_KIND_OPEN)
    return WithField(
        Precondition("DEAL_CLOSED", "the deal is closed (" + deal.stage() +
                                        ") and stays so; open another deal for new business"),
        "to_stage");
  const std::vector<std::string> allowed = AllowedStages(pipeline, deal.stage());
  if (Contains(allowed, to)) return OkStatus();
  return WithField(
      Precondition("ILLEGAL_STAGE", "a deal in stage " + deal.stage() + " cannot go to " + to +
                                        "; allowed: " + Join(allowed)),
      "to_stage");
}

std::vector<std::string> OpenItems(const v1::PipelinePolicy& pipeline,
                                   const v1::Opportunity& deal) {
  std::vector<std::string> open;
  const v1::PipelineStage* stage = FindStage(pipeline, deal.stage());
  if (stage == nullptr) return open;
  for (const auto& item : stage->checklist()) {
    if (!item.mandatory()) continue;
    const bool done = std::any_of(deal.done().begin(), deal.done().end(), [&](const auto& d) {
      return d.stage() == stage->id() && d.item() == item.id();
    });
    if (!done) open.push_back(item.id());
  }
  return open;
}

Status CheckChecklist(const v1::PipelinePolicy& pipeline, const v1::Opportunity& deal,
                      const std::string& to, const std::string& override_reason) {
  const v1::PipelineStage* next = FindStage(pipeline, to);
  if (next == nullptr || next->kind() == v1::STAGE_KIND_LOST) return OkStatus();
  const std::vector<std::string> open = OpenItems(pipeline, deal);
  if (open.empty() || !override_reason.empty()) return OkStatus();
  return WithField(Precondition("CHECKLIST_OPEN", "stage " + deal.stage() +
                                                      " has open mandatory items: " + Join(open) +
                                                      "; complete them, or give override_reason"),
                   "override_reason");
}

std::vector<std::string> StagesEntered(const v1::PipelinePolicy& pipeline,
                                       const v1::Opportunity& deal, const std::string& to) {
  std::vector<std::string> entered;
  const v1::PipelineStage* target = FindStage(pipeline, to);
  if (target != nullptr && target->kind() != v1::STAGE_KIND_LOST) {
    for (const auto& stage : pipeline.stages()) {
      if (stage.id() == to) break;
      const bool been = std::any_of(deal.history().begin(), deal.history().end(),
                                    [&](const auto& e) { return e.stage() == stage.id(); });
      if (stage.kind() == v1::STAGE_KIND_OPEN && !been) entered.push_back(stage.id());
    }
  }
  entered.push_back(to);
  return entered;
}

}  // namespace spm::leads
