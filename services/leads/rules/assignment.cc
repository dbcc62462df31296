#include "services/leads/rules/assignment.h"

#include <algorithm>

#include "common/base/money.h"

namespace spm::leads {
namespace {

constexpr int32_t kFull = 100;
constexpr size_t kNamed = 5;

int32_t RecordPoints(const Candidate& candidate) {
  if (candidate.closed > 0)
    return static_cast<int32_t>(MulDiv(candidate.won, kFull, candidate.closed));
  return candidate.maturity > 0 ? std::min(candidate.maturity, 4) * 25 : kFull / 2;
}

int32_t LoadPoints(const Candidate& candidate) {
  if (candidate.capacity <= 0) return 0;
  const int32_t room = std::max(candidate.capacity - candidate.open_leads, 0);
  return static_cast<int32_t>(MulDiv(room, kFull, candidate.capacity));
}

std::string PointsText(int32_t fit) {
  const int32_t rest = fit % kFull;
  return std::to_string(fit / kFull) + (rest < 10 ? ".0" : ".") + std::to_string(rest);
}

}  // namespace

bool MayReceive(const Candidate& candidate) {
  return candidate.active && candidate.open_leads < candidate.capacity;
}

int32_t CapacityOf(int32_t own, const v1::AssignmentPolicy& policy) {
  return own > 0 ? own : policy.capacity();
}

int32_t FitOf(const Candidate& candidate, const v1::AssignmentPolicy& policy) {
  return policy.region_weight() * (candidate.in_region ? kFull : 0) +
         policy.skill_weight() * (candidate.skilled ? kFull : 0) +
         policy.record_weight() * RecordPoints(candidate) +
         policy.load_weight() * LoadPoints(candidate);
}

std::optional<Choice> ChooseOwner(const std::vector<Candidate>& candidates,
                                  const v1::AssignmentPolicy& policy) {
  std::vector<std::pair<int32_t, std::string>> ranking;
  for (const Candidate& candidate : candidates)
    if (MayReceive(candidate)) ranking.emplace_back(-FitOf(candidate, policy), candidate.id);
  if (ranking.empty()) return std::nullopt;
  std::sort(ranking.begin(), ranking.end());
  Choice choice{ranking.front().second, "fit:"};
  for (size_t i = 0; i < ranking.size() && i < kNamed; ++i)
    choice.reason +=
        (i == 0 ? " " : ", ") + ranking[i].second + " " + PointsText(-ranking[i].first);
  if (ranking.size() > kNamed)
    choice.reason += " and " + std::to_string(ranking.size() - kNamed) + " more";
  return choice;
}

}  // namespace spm::leads
