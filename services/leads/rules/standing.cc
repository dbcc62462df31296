#include "services/leads/rules/standing.h"

#include "services/leads/rules/deadline.h"
#include "services/leads/rules/stage.h"

namespace spm::leads {
namespace {

int64_t Us(const google::protobuf::Timestamp& time) {
  return time.seconds() * kSecondUs + time.nanos() / 1000;
}

bool Passed(const std::optional<int64_t>& due_us, int64_t now_us) {
  return due_us && *due_us <= now_us;
}

}  // namespace

GradeInput GradeInputOf(const v1::Lead& lead, const Currency& currency) {
  GradeInput input{
      .intent = lead.intent(), .budget_minor = std::nullopt, .decision_days = lead.decision_days()};
  // Money of a stored lead was checked when it came in.
  if (lead.has_budget())
    input.budget_minor = ToMinor(lead.budget(), currency, "budget").value_or(0);
  return input;
}

std::optional<int64_t> StallDueOf(const v1::Opportunity& deal, const v1::PipelinePolicy& pipeline) {
  const v1::PipelineStage* stage = FindStage(pipeline, deal.stage());
  if (stage == nullptr || deal.stage_kind() != v1::STAGE_KIND_OPEN) return std::nullopt;
  return StallDueUs(Us(deal.stage_time()), stage->stall_days());
}

bool IsStalledAt(const v1::Opportunity& deal, const v1::PipelinePolicy& pipeline, int64_t now_us) {
  return Passed(StallDueOf(deal, pipeline), now_us);
}

std::optional<int64_t> CloseDueOf(const v1::Opportunity& deal, const v1::ClosePolicy& policy,
                                  const Zone& zone) {
  if (!deal.has_expected_close() || deal.stage_kind() != v1::STAGE_KIND_OPEN) return std::nullopt;
  const auto& day = deal.expected_close();
  return CloseDueUs(DayOf({day.year(), day.month(), day.day()}), policy.grace_days(), zone);
}

bool IsCloseOverdueAt(const v1::Opportunity& deal, const v1::ClosePolicy& policy, const Zone& zone,
                      int64_t now_us) {
  return Passed(CloseDueOf(deal, policy, zone), now_us);
}

std::optional<int64_t> ContactDueOf(const v1::Lead& lead, const v1::ContactPolicy& policy) {
  if (lead.owner_id().empty() || lead.status() != v1::LEAD_STATUS_NEW) return std::nullopt;
  return ContactDueUs(Us(lead.assign_time()), policy);
}

bool IsContactOverdueAt(const v1::Lead& lead, const v1::ContactPolicy& policy, int64_t now_us) {
  return Passed(ContactDueOf(lead, policy), now_us);
}

int32_t ChanceOf(const v1::PipelinePolicy& pipeline, const std::string& stage) {
  const v1::PipelineStage* found = FindStage(pipeline, stage);
  return found == nullptr ? 0 : found->win_probability_bp();
}

}  // namespace spm::leads
