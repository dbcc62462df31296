#include "services/leads/rules/policy_check.h"

#include <algorithm>
#include <set>
#include <vector>

#include "services/leads/rules/stage.h"

namespace spm::leads {
namespace {

constexpr char kPipeline[] = "pipeline:";
constexpr int32_t kAll = 100;
constexpr int32_t kYearDays = 366;
constexpr int32_t kLongestStallDays = 3650;
constexpr int32_t kLargestCapacity = 1'000'000;
constexpr size_t kLongestId = 64;
constexpr int32_t kCertainBp = 10'000;

// Collects what is wrong; `path` is below body.
class Wrong {
 public:
  void Add(const std::string& path, const std::string& remedy) {
    all_.push_back({"body." + path, remedy});
  }
  void Range(const std::string& path, int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most)
      Add(path, "must be " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
                    std::to_string(value));
  }
  Status ToStatus() const { return all_.empty() ? OkStatus() : InvalidFields(all_); }

 private:
  std::vector<Violation> all_;
};

std::string At(const std::string& list, int i) { return list + "[" + std::to_string(i) + "]"; }

using Share = std::pair<const char*, int32_t>;

void CheckShares(const std::vector<Share>& shares, Wrong* wrong) {
  int64_t sum = 0;
  std::string names;
  for (const auto& [name, percent] : shares) {
    wrong->Range(name, percent, 0, kAll);
    sum += percent;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  if (sum != kAll)
    wrong->Add(shares.front().first,
               names + " must add up to 100; they add up to " + std::to_string(sum));
}

// Bounds ascend; points ascend with a budget and descend with a cycle.
void CheckBands(const std::string& list,
                const google::protobuf::RepeatedPtrField<v1::GradePolicy::Band>& bands,
                bool ascending, Wrong* wrong) {
  for (int i = 0; i < bands.size(); ++i) {
    const auto& band = bands[i];
    wrong->Range(At(list, i) + ".points", band.points(), 0, kAll);
    if (band.bound() < 0) wrong->Add(At(list, i) + ".bound", "must not be negative");
    if (i == 0) continue;
    const auto& before = bands[i - 1];
    if (band.bound() == before.bound())
      wrong->Add(At(list, i) + ".bound",
                 std::to_string(band.bound()) + " is there already; give each bound once");
    if (band.bound() < before.bound())
      wrong->Add(At(list, i) + ".bound", "must be above the one before it (" +
                                             std::to_string(before.bound()) +
                                             "); sort the bands by bound");
    if (ascending ? band.points() < before.points() : band.points() > before.points())
      wrong->Add(At(list, i) + ".points", ascending
                                              ? "must not be fewer than those of a smaller budget"
                                              : "must not be more than those of a shorter cycle");
  }
}

void CheckId(const std::string& path, const std::string& id, Wrong* wrong) {
  const bool blank = id.empty() || id.front() == ' ' || id.back() == ' ';
  const bool control = std::any_of(id.begin(), id.end(), [](unsigned char c) { return c < 0x20; });
  if (blank || control || id.size() > kLongestId)
    wrong->Add(path, "must be a word of at most 64 bytes, without blanks at its ends");
}

void CheckStage(const v1::PipelineStage& stage, const std::string& at, Wrong* wrong) {
  CheckId(at + ".id", stage.id(), wrong);
  if (stage.name().empty()) wrong->Add(at + ".name", "must not be empty; it is shown on the page");
  wrong->Range(at + ".stall_days", stage.stall_days(), 0, kLongestStallDays);
  switch (stage.kind()) {
    case v1::STAGE_KIND_OPEN:
      wrong->Range(at + ".win_probability_bp", stage.win_probability_bp(), 0, kCertainBp);
      break;
    case v1::STAGE_KIND_WON:
      if (stage.win_probability_bp() != kCertainBp)
        wrong->Add(at + ".win_probability_bp", "must be 10000 for a won stage");
      break;
    case v1::STAGE_KIND_LOST:
      if (stage.win_probability_bp() != 0)
        wrong->Add(at + ".win_probability_bp", "must be 0 for a lost stage");
      break;
    default:
      wrong->Add(at + ".kind", "must be open, won or lost");
  }
  if (stage.kind() != v1::STAGE_KIND_OPEN && stage.checklist_size() > 0)
    wrong->Add(at + ".checklist", "must be empty: nothing holds a closed deal back");
  std::set<std::string> items;
  for (int i = 0; i < stage.checklist_size(); ++i) {
    const auto& item = stage.checklist(i);
    const std::string path = at + "." + At("checklist", i);
    CheckId(path + ".id", item.id(), wrong);
    if (!items.insert(item.id()).second)
      wrong->Add(path + ".id", "'" + item.id() + "' is there already in this stage");
  }
}

// Open stages first, the ends after them.
void CheckOrder(const v1::PipelinePolicy& pipeline, Wrong* wrong) {
  bool ended = false;
  int open = 0, won = 0, lost = 0;
  for (int i = 0; i < pipeline.stages_size(); ++i) {
    const auto kind = pipeline.stages(i).kind();
    open += kind == v1::STAGE_KIND_OPEN;
    won += kind == v1::STAGE_KIND_WON;
    lost += kind == v1::STAGE_KIND_LOST;
    if (kind != v1::STAGE_KIND_OPEN) ended = true;
    if (kind == v1::STAGE_KIND_OPEN && ended)
      wrong->Add(At("stages", i), "is open and comes after a won or lost stage; put it before");
  }
  if (open == 0) wrong->Add("stages", "must begin with an open stage, in which deals begin");
  if (won == 0) wrong->Add("stages", "must have a stage of kind won");
  if (lost == 0) wrong->Add("stages", "must have a stage of kind lost");
}

template <typename P>
const P& As(const google::protobuf::Message& body) {
  return static_cast<const P&>(body);
}

}  // namespace

Status CheckGrade(const v1::GradePolicy& policy) {
  Wrong wrong;
  CheckShares({{"intent_weight", policy.intent_weight()},
               {"budget_weight", policy.budget_weight()},
               {"cycle_weight", policy.cycle_weight()}},
              &wrong);
  CheckBands("budget_bands", policy.budget_bands(), true, &wrong);
  CheckBands("cycle_bands", policy.cycle_bands(), false, &wrong);
  wrong.Range("grade_a_points", policy.grade_a_points(), 0, kAll);
  wrong.Range("grade_b_points", policy.grade_b_points(), 0, kAll);
  wrong.Range("grade_c_points", policy.grade_c_points(), 0, kAll);
  if (policy.grade_a_points() <= policy.grade_b_points())
    wrong.Add("grade_a_points", "must be above grade_b_points");
  if (policy.grade_b_points() <= policy.grade_c_points())
    wrong.Add("grade_b_points", "must be above grade_c_points");
  return wrong.ToStatus();
}

Status CheckAssignment(const v1::AssignmentPolicy& policy) {
  Wrong wrong;
  wrong.Range("capacity", policy.capacity(), 1, kLargestCapacity);
  CheckShares({{"region_weight", policy.region_weight()},
               {"skill_weight", policy.skill_weight()},
               {"record_weight", policy.record_weight()},
               {"load_weight", policy.load_weight()}},
              &wrong);
  return wrong.ToStatus();
}

Status CheckContact(const v1::ContactPolicy& policy) {
  Wrong wrong;
  wrong.Range("first_contact_hours", policy.first_contact_hours(), 0, kYearDays * 24);
  const std::string& code = policy.default_country();
  const bool digits = code.find_first_not_of("0123456789") == std::string::npos;
  if (!code.empty() && (!digits || code.size() > 3 || code.front() == '0'))
    wrong.Add("default_country",
              "must be a calling code such as 86 (one to three digits, no + and no 0 before it), "
              "or empty for that of the company's zone");
  return wrong.ToStatus();
}

Status CheckClose(const v1::ClosePolicy& policy) {
  Wrong wrong;
  wrong.Range("grace_days", policy.grace_days(), 0, kYearDays);
  return wrong.ToStatus();
}

Status CheckPipeline(const std::string& id, const v1::PipelinePolicy& pipeline) {
  Wrong wrong;
  CheckId("id", pipeline.id(), &wrong);
  if (pipeline.id() != id)
    wrong.Add("id", "must be " + id + ", as the kind " + kPipeline + id + " says");
  if (pipeline.name().empty()) wrong.Add("name", "must not be empty; it is shown on the page");
  std::set<std::string> ids;
  for (int i = 0; i < pipeline.stages_size(); ++i) {
    CheckStage(pipeline.stages(i), At("stages", i), &wrong);
    if (!ids.insert(pipeline.stages(i).id()).second)
      wrong.Add(At("stages", i) + ".id", "'" + pipeline.stages(i).id() + "' is there already");
  }
  CheckOrder(pipeline, &wrong);
  return wrong.ToStatus();
}

Status CheckPolicyBody(const std::string& kind, const google::protobuf::Message& body) {
  if (kind == "grade") return CheckGrade(As<v1::GradePolicy>(body));
  if (kind == "assignment") return CheckAssignment(As<v1::AssignmentPolicy>(body));
  if (kind == "contact") return CheckContact(As<v1::ContactPolicy>(body));
  if (kind == "close") return CheckClose(As<v1::ClosePolicy>(body));
  if (kind.starts_with(kPipeline))
    return CheckPipeline(kind.substr(sizeof(kPipeline) - 1), As<v1::PipelinePolicy>(body));
  return InvalidField("kind",
                      "must be grade, assignment, contact, close or pipeline:<id>, not " + kind);
}

Status CheckStanding(const v1::PipelinePolicy& candidate,
                     const std::map<std::string, int64_t>& standing) {
  std::string lost;
  for (const auto& [id, deals] : standing) {
    const v1::PipelineStage* stage = FindStage(candidate, id);
    if (deals == 0 || (stage != nullptr && stage->kind() == v1::STAGE_KIND_OPEN)) continue;
    lost += (lost.empty() ? "" : ", ") + id + " (" + std::to_string(deals) +
            (deals == 1 ? " deal)" : " deals)");
  }
  if (lost.empty()) return OkStatus();
  return Precondition("STAGE_IN_USE",
                      "body.stages: open deals stand in stages that would no longer be open: " +
                          lost + "; keep these stages, or move the deals on first");
}

}  // namespace spm::leads
