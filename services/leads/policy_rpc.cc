#include "services/leads/policy_rpc.h"

#include <algorithm>
#include <array>

#include "common/policy/difference.h"
#include "services/leads/policy_store.h"
#include "services/leads/rules/assignment.h"
#include "services/leads/rules/policy_check.h"
#include "services/leads/rules/stage.h"
#include "services/leads/rules/standing.h"

namespace spm::leads {
namespace {

constexpr char kPipeline[] = "pipeline:";
constexpr int kPage = 500;
constexpr int64_t kWholeBp = 10'000;

std::string PipelineId(const std::string& kind) { return kind.substr(sizeof(kPipeline) - 1); }

template <typename P>
const P& Current(const PolicyQuestion& q) {
  return q.current == nullptr ? P::default_instance() : static_cast<const P&>(*q.current);
}
template <typename P>
const P& Candidate(const PolicyQuestion& q) {
  return static_cast<const P&>(*q.candidate);
}

// Each page in a view of its own, so that none is held for long.
template <typename Visit>
Status EachLead(const PolicyQuestion& q, const Visit& visit) {
  std::string after;
  while (true) {
    ASSIGN_OR_RETURN(auto snapshot, q.db->OpenSnapshot());
    ASSIGN_OR_RETURN(auto leads, OpenLeadsAfter(*snapshot, after, kPage));
    snapshot.reset();
    for (const v1::Lead& lead : leads) visit(lead);
    if (static_cast<int>(leads.size()) < kPage) return OkStatus();
    after = leads.back().id();
  }
}

template <typename Visit>
Status EachDeal(const PolicyQuestion& q, const std::string& pipeline, const Visit& visit) {
  std::string after;
  while (true) {
    ASSIGN_OR_RETURN(auto snapshot, q.db->OpenSnapshot());
    ASSIGN_OR_RETURN(auto deals, OpenDealsAfter(*snapshot, pipeline, after, kPage));
    snapshot.reset();
    for (const v1::Opportunity& deal : deals) visit(deal);
    if (static_cast<int>(deals.size()) < kPage) return OkStatus();
    after = deals.back().id();
  }
}

std::string GradeName(v1::Grade grade) {
  return ShortName(*v1::Grade_descriptor()->FindValueByNumber(grade));
}

Status PreviewGrade(const PolicyQuestion& q, base::v1::PreviewPolicyResponse* reply) {
  const auto& candidate = Candidate<v1::GradePolicy>(q);
  const Currency& currency = q.call->company->currency;
  constexpr std::array kGrades = {v1::GRADE_A, v1::GRADE_B, v1::GRADE_C, v1::GRADE_D};
  std::array<int64_t, kGrades.size()> before{}, after{};
  int64_t examined = 0, moved = 0;
  Effect regraded("leads_regraded", "leads", q.examples);
  RETURN_IF_ERROR(EachLead(q, [&](const v1::Lead& lead) {
    const v1::Grade grade = GradeLead(GradeInputOf(lead, currency), candidate).grade;
    for (size_t i = 0; i < kGrades.size(); ++i) {
      before[i] += lead.grade() == kGrades[i];
      after[i] += grade == kGrades[i];
    }
    ++examined;
    if (grade == lead.grade()) return;
    ++moved;
    regraded.Example(lead.id(), lead.name(), GradeName(lead.grade()), GradeName(grade));
  }));
  regraded.Set(0, moved, examined);
  regraded.AddTo(reply);
  for (size_t i = 0; i < kGrades.size(); ++i) {
    Effect effect("leads_" + GradeName(kGrades[i]), "leads", 0);
    effect.Set(before[i], after[i], examined);
    effect.AddTo(reply);
  }
  return OkStatus();
}

Status PreviewAssignment(const PolicyQuestion& q, base::v1::PreviewPolicyResponse* reply) {
  Effect full("people_without_room", "people", q.examples);
  Effect over("people_over_capacity", "people", q.examples);
  std::vector<const org::v1::Person*> reps;
  std::vector<std::string> ids;
  for (const auto& [id, person] : q.call->directory->people()) {
    const bool sells = std::find(person.roles().begin(), person.roles().end(),
                                 base::v1::ROLE_REP) != person.roles().end();
    if (!sells || person.inactive()) continue;
    reps.push_back(&person);
    ids.push_back(id);
  }
  ASSIGN_OR_RETURN(auto snapshot, q.db->OpenSnapshot());
  ASSIGN_OR_RETURN(auto held, OpenLeadsHeld(*snapshot, ids));
  snapshot.reset();
  for (const org::v1::Person* rep : reps) {
    const int32_t open = held[rep->id()];
    const int32_t now = CapacityOf(rep->capacity(), Current<v1::AssignmentPolicy>(q));
    const int32_t then = CapacityOf(rep->capacity(), Candidate<v1::AssignmentPolicy>(q));
    full.Count(rep->id(), rep->name(), open >= now, open >= then);
    over.Count(rep->id(), rep->name(), open > now, open > then);
  }
  full.AddTo(reply);
  over.AddTo(reply);
  return OkStatus();
}

Status PreviewContact(const PolicyQuestion& q, base::v1::PreviewPolicyResponse* reply) {
  Effect overdue("leads_contact_overdue", "leads", q.examples);
  const int64_t now_us = q.call->now_us;
  RETURN_IF_ERROR(EachLead(q, [&](const v1::Lead& lead) {
    overdue.Count(lead.id(), lead.name(),
                  IsContactOverdueAt(lead, Current<v1::ContactPolicy>(q), now_us),
                  IsContactOverdueAt(lead, Candidate<v1::ContactPolicy>(q), now_us));
  }));
  overdue.AddTo(reply);
  return OkStatus();
}

Status PreviewClose(const PolicyQuestion& q, base::v1::PreviewPolicyResponse* reply) {
  Effect overdue("deals_overdue", "deals", q.examples);
  const int64_t now_us = q.call->now_us;
  const Zone& zone = q.call->company->zone;
  RETURN_IF_ERROR(EachDeal(q, "", [&](const v1::Opportunity& deal) {
    overdue.Count(deal.id(), deal.name(),
                  IsCloseOverdueAt(deal, Current<v1::ClosePolicy>(q), zone, now_us),
                  IsCloseOverdueAt(deal, Candidate<v1::ClosePolicy>(q), zone, now_us));
  }));
  overdue.AddTo(reply);
  return OkStatus();
}

// Values times chances, summed exactly and rounded once, half away from zero.
class Weighted {
 public:
  void Add(int64_t minor, int32_t chance_bp) { sum_ += static_cast<__int128>(minor) * chance_bp; }
  int64_t Minor() const {
    const __int128 half = sum_ < 0 ? -kWholeBp / 2 : kWholeBp / 2;
    return static_cast<int64_t>((sum_ + half) / kWholeBp);
  }

 private:
  __int128 sum_ = 0;
};

Status PreviewPipeline(const PolicyQuestion& q, base::v1::PreviewPolicyResponse* reply) {
  const auto& now = Current<v1::PipelinePolicy>(q);
  const auto& then = Candidate<v1::PipelinePolicy>(q);
  const Currency& currency = q.call->company->currency;
  Effect stalled("deals_stalled", "deals", q.examples);
  Effect held_back("deals_held_back", "deals", q.examples);
  Effect lost("deals_without_stage", "deals", q.examples);
  Effect value("pipeline_weighted", "minor", 0);
  Weighted before, after;
  int64_t examined = 0;
  RETURN_IF_ERROR(EachDeal(q, PipelineId(q.kind), [&](const v1::Opportunity& deal) {
    const auto unknown = [&deal](const v1::PipelinePolicy& p) {
      const v1::PipelineStage* stage = FindStage(p, deal.stage());
      return stage == nullptr || stage->kind() != v1::STAGE_KIND_OPEN;
    };
    stalled.Count(deal.id(), deal.name(), IsStalledAt(deal, now, q.call->now_us),
                  IsStalledAt(deal, then, q.call->now_us));
    held_back.Count(deal.id(), deal.name(), !OpenItems(now, deal).empty(),
                    !OpenItems(then, deal).empty());
    lost.Count(deal.id(), deal.name(), unknown(now), unknown(then));
    const int64_t minor =
        deal.has_value() ? ToMinor(deal.value(), currency, "value").value_or(0) : 0;
    before.Add(minor, ChanceOf(now, deal.stage()));
    after.Add(minor, ChanceOf(then, deal.stage()));
    ++examined;
  }));
  value.Set(before.Minor(), after.Minor(), examined);
  for (const Effect* effect : {&stalled, &held_back, &lost, &value}) effect->AddTo(reply);
  return OkStatus();
}

}  // namespace

Status GuardPolicy(Reader& reader, const std::string& kind,
                   const google::protobuf::Message& candidate) {
  if (!kind.starts_with(kPipeline)) return OkStatus();
  ASSIGN_OR_RETURN(auto standing, StandingDeals(reader, PipelineId(kind)));
  return CheckStanding(static_cast<const v1::PipelinePolicy&>(candidate), standing);
}

Status PreviewPolicy(const PolicyQuestion& question, base::v1::PreviewPolicyResponse* reply) {
  if (question.kind == "grade") return PreviewGrade(question, reply);
  if (question.kind == "assignment") return PreviewAssignment(question, reply);
  if (question.kind == "contact") return PreviewContact(question, reply);
  if (question.kind == "close") return PreviewClose(question, reply);
  if (question.kind.starts_with(kPipeline)) return PreviewPipeline(question, reply);
  return OkStatus();
}

}  // namespace spm::leads
