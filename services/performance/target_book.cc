#include "services/performance/target_book.h"

#include "common/base/time.h"
#include "services/performance/rules/target.h"

namespace spm::performance {
namespace {

// The company's target; where the plan does not state it, the sum of the nodes at the top of the
// coarsest kind that is there.
std::map<std::string, Months> CompanyOf(const v1::TargetPlan& plan) {
  std::map<std::string, Months> company;
  for (v1::TargetSubject kind :
       {v1::TARGET_SUBJECT_COMPANY, v1::TARGET_SUBJECT_REGION, v1::TARGET_SUBJECT_TEAM,
        v1::TARGET_SUBJECT_PERSON, v1::TARGET_SUBJECT_PRODUCT}) {
    for (const v1::TargetNode& node : plan.nodes()) {
      if (node.subject() != kind || node.parent() >= 0) continue;
      Months& months = company.try_emplace("", Months{}).first->second;
      for (int m = 0; m < 12; ++m) months[m] += node.months_minor(m);
    }
    if (!company.empty()) break;
  }
  return company;
}

}  // namespace

const std::map<std::string, Months>& TargetTree::Of(v1::TargetSubject kind) const {
  static const std::map<std::string, Months> none;
  auto at = subjects.find(kind);
  return at == subjects.end() ? none : at->second;
}

TargetBook::TargetBook(std::vector<TargetRevision> revisions) {
  for (const TargetRevision& revision : revisions) {
    TargetTree tree;
    tree.version = revision.plan.version();
    tree.effective_day = revision.effective_day;
    tree.saved_us = revision.saved_us;
    for (const v1::TargetNode& node : revision.plan.nodes()) {
      if (node.subject() == v1::TARGET_SUBJECT_COMPANY) continue;
      Months& months =
          tree.subjects[node.subject()].try_emplace(node.subject_id(), Months{}).first->second;
      for (int m = 0; m < 12; ++m) months[m] += node.months_minor(m);
    }
    tree.subjects[v1::TARGET_SUBJECT_COMPANY] = CompanyOf(revision.plan);
    years_[revision.plan.year()].push_back(std::move(tree));
  }
}

const TargetTree* TargetBook::At(int32_t month, int64_t as_of_us) const {
  auto year = years_.find(YmdOf(month).year);
  if (year == years_.end()) return nullptr;
  std::vector<int32_t> days;
  for (const TargetTree& tree : year->second) {
    if (as_of_us && tree.saved_us > as_of_us) break;
    days.push_back(tree.effective_day);
  }
  const int n = InForce(days, month);
  return n < 0 ? nullptr : &year->second[n];
}

StatusOr<std::shared_ptr<const TargetBook>> TargetCache::Get(Reader& reader) {
  ASSIGN_OR_RETURN(std::string state, ReadTargetState(reader));
  std::lock_guard lock(mutex_);
  if (book_ && state == state_) return book_;
  ASSIGN_OR_RETURN(auto revisions, ReadRevisions(reader));
  book_ = std::make_shared<const TargetBook>(std::move(revisions));
  state_ = std::move(state);
  return book_;
}

}  // namespace spm::performance
