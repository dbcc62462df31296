#include <algorithm>

#include "services/suite/import/amounts.h"
#include "services/suite/import/mapping_parser.h"

namespace spm::suite {

using leads::v1::PipelinePolicy;
using leads::v1::PipelineStage;

void MappingParser::ReadPipelines(const YAML::Node& node) {
  yaml_.Entries(node, "pipelines", [this](const std::string& id, const YAML::Node& value) {
    PipelinePolicy pipeline;
    pipeline.set_id(id);
    pipeline.set_name(id);
    yaml_.Keys(
        value, "pipeline " + id,
        {{"name", [&](const YAML::Node& v) { pipeline.set_name(yaml_.Text(v, "name")); }},
         {"name_zh", [&](const YAML::Node& v) { pipeline.set_name_zh(yaml_.Text(v, "name_zh")); }},
         {"stages", [&](const YAML::Node& v) {
            if (!v.IsSequence()) yaml_.Fault(v, "stages takes a list");
            for (const auto& stage : v) ReadStage(stage, pipeline.add_stages());
          }}});
    const auto count = [&](leads::v1::StageKind kind) {
      return std::count_if(pipeline.stages().begin(), pipeline.stages().end(),
                           [kind](const auto& s) { return s.kind() == kind; });
    };
    if (count(leads::v1::STAGE_KIND_OPEN) == 0 || count(leads::v1::STAGE_KIND_WON) == 0)
      yaml_.Fault(value, "pipeline " + id + " needs stages of kind open and won");
    mapping_.pipelines.push_back(std::move(pipeline));
  });
}

void MappingParser::ReadStage(const YAML::Node& node, PipelineStage* stage) {
  yaml_.Keys(
      node, "stage",
      {{"id", [&](const YAML::Node& v) { stage->set_id(yaml_.Text(v, "id")); }},
       {"name", [&](const YAML::Node& v) { stage->set_name(yaml_.Text(v, "name")); }},
       {"name_zh", [&](const YAML::Node& v) { stage->set_name_zh(yaml_.Text(v, "name_zh")); }},
       {"kind",
        [&](const YAML::Node& v) {
          const std::string kind = yaml_.Text(v, "kind");
          if (kind != "open" && kind != "won" && kind != "lost")
            yaml_.Fault(v, "kind of a stage is open, won or lost");
          stage->set_kind(kind == "open"  ? leads::v1::STAGE_KIND_OPEN
                          : kind == "won" ? leads::v1::STAGE_KIND_WON
                                          : leads::v1::STAGE_KIND_LOST);
        }},
       {"win_probability",
        [&](const YAML::Node& v) {
          NumberFormat plain;
          plain.thousands = 0;
          auto decimal = ReadDecimal(yaml_.Text(v, "win_probability"), plain, "");
          auto bp = decimal.ok() ? InUnitsOf(*decimal, 4, plain) : StatusOr<int64_t>(-1);
          if (!bp.ok() || *bp < 0 || *bp > 10000)
            return yaml_.Fault(v, "win_probability is a fraction from 0 to 1, such as 0.25");
          stage->set_win_probability_bp(static_cast<int32_t>(*bp));
        }},
       {"stall_days",
        [&](const YAML::Node& v) {
          stage->set_stall_days(static_cast<int32_t>(yaml_.Integer(v, "stall_days", 0, 3650)));
        }},
       {"checklist", [&](const YAML::Node& v) { ReadChecklist(v, stage); }}});
  if (stage->id().empty()) yaml_.Fault(node, "a stage has no id");
  if (stage->name().empty()) stage->set_name(stage->id());
  if (stage->kind() == leads::v1::STAGE_KIND_UNSPECIFIED)
    stage->set_kind(leads::v1::STAGE_KIND_OPEN);
  if (stage->kind() == leads::v1::STAGE_KIND_WON) stage->set_win_probability_bp(10000);
}

void MappingParser::ReadChecklist(const YAML::Node& node, PipelineStage* stage) {
  if (!node.IsSequence()) return yaml_.Fault(node, "checklist takes a list");
  for (const auto& entry : node) {
    auto* item = stage->add_checklist();
    yaml_.Keys(entry, "checklist",
               {{"id", [&](const YAML::Node& v) { item->set_id(yaml_.Text(v, "id")); }},
                {"title", [&](const YAML::Node& v) { item->set_title(yaml_.Text(v, "title")); }},
                {"mandatory",
                 [&](const YAML::Node& v) { item->set_mandatory(yaml_.YesNo(v, "mandatory")); }}});
    if (item->id().empty()) yaml_.Fault(entry, "an item of the checklist has no id");
  }
}

}  // namespace spm::suite
