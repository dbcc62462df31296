#include "services/leads/rules/history.h"

#include <algorithm>

#include "services/leads/rules/stage.h"

namespace spm::leads {
namespace {

constexpr char kImport[] = "import";

std::string StageNames(const v1::PipelinePolicy& pipeline) {
  std::string names;
  for (const auto& stage : pipeline.stages()) names += (names.empty() ? "" : ", ") + stage.id();
  return names;
}

Status Unordered(const std::string& field, int32_t day, int32_t before) {
  return InvalidField(field, FormatDay(day) + " lies before the step before it (" +
                                 FormatDay(before) + "); give the steps in order of time");
}

}  // namespace

StatusOr<std::vector<Moment>> CheckHistory(const v1::PipelinePolicy& pipeline,
                                           const std::vector<ToldStep>& told, const Today& today,
                                           const Zone& zone, const std::string& field) {
  if (told.empty()) return InvalidField(field, "has no step; give at least the stage it is in");
  std::vector<Moment> moments;
  for (size_t i = 0; i < told.size(); ++i) {
    const ToldStep& step = told[i];
    const std::string at = field + "[" + std::to_string(i) + "]";
    if (FindStage(pipeline, step.stage) == nullptr)
      return InvalidField(at + ".stage", "pipeline " + pipeline.id() + " has no stage " +
                                             step.stage + "; it has " + StageNames(pipeline));
    Moment moment{step.at_us.value_or(zone.StartOf(step.day)), step.day};
    if (step.at_us) moment.day = zone.DayAt(*step.at_us);
    if (step.at_us ? *step.at_us > today.now_us : step.day > today.day)
      return InvalidField(at + (step.at_us ? ".time" : ".day"),
                          FormatDay(moment.day) + " lies in the future; give a time up to now");
    if (i > 0) {
      const Moment& before = moments.back();
      const bool moments_both = step.at_us && told[i - 1].at_us;
      if (moments_both ? moment.at_us < before.at_us : moment.day < before.day)
        return Unordered(at + (step.at_us ? ".time" : ".day"), moment.day, before.day);
      moment.at_us = std::max(moment.at_us, before.at_us);
    }
    moments.push_back(moment);
  }
  return moments;
}

void LiveThrough(v1::Opportunity* deal, const v1::PipelinePolicy& pipeline,
                 const std::vector<ToldStep>& told, const std::vector<Moment>& moments,
                 const Currency& currency) {
  const bool agreed = deal->has_amount();
  const google::type::Money amount = deal->amount();
  const bool closed = FindStage(pipeline, told.back().stage)->kind() != v1::STAGE_KIND_OPEN;
  if (closed) deal->clear_amount();
  for (size_t i = 0; i < told.size(); ++i) {
    if (i > 0 && told[i].stage == told[i - 1].stage) continue;
    const v1::StageKind kind = FindStage(pipeline, told[i].stage)->kind();
    if (agreed && closed && kind != v1::STAGE_KIND_OPEN) *deal->mutable_amount() = amount;
    MoveDeal(deal,
             {.entered = StagesEntered(pipeline, *deal, told[i].stage),
              .kind = kind,
              .at = moments[i],
              .actor = kImport,
              .override_reason = ""},
             currency);
  }
}

}  // namespace spm::leads
