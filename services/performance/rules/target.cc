#include "services/performance/rules/target.h"

#include <array>
#include <map>
#include <set>
#include <tuple>

#include "common/base/money.h"

namespace spm::performance {
namespace {

constexpr std::array<const char*, 12> kMonths = {"January",   "February", "March",    "April",
                                                 "May",       "June",     "July",     "August",
                                                 "September", "October",  "November", "December"};
// Months add up to years and trees of 20,000 nodes far below int64.
constexpr int64_t kMaxMonthMinor = 1'000'000'000'000'000;

std::string Node(int i) { return "plan.nodes[" + std::to_string(i) + "]"; }

Status Unequal(const std::string& field, const std::string& what, int64_t is, int64_t should) {
  const std::string text = what + " is " + std::to_string(is) + ", its parts add up to " +
                           std::to_string(should) + ": a difference of " +
                           std::to_string(is - should) + " minor units";
  return Error(StatusCode::kInvalidArgument, "TARGET_SUM", field + ": " + text, {{field, text}});
}

Status CheckNode(const v1::TargetPlan& plan, int i) {
  const v1::TargetNode& node = plan.nodes(i);
  if (node.subject() == v1::TARGET_SUBJECT_UNSPECIFIED)
    return InvalidField(Node(i) + ".subject", "must be COMPANY, REGION, TEAM, PERSON or PRODUCT");
  const bool company = node.subject() == v1::TARGET_SUBJECT_COMPANY;
  if (company != node.subject_id().empty())
    return InvalidField(Node(i) + ".subject_id",
                        company ? "must be empty for the company" : "must name the subject");
  if (company && node.parent() >= 0)
    return InvalidField(Node(i) + ".parent", "must be -1 for the company");
  if (node.parent() < -1 || node.parent() >= plan.nodes_size() || node.parent() == i)
    return InvalidField(Node(i) + ".parent", "must be the index of another node, or -1 for none");
  if (node.months_minor_size() != 12)
    return InvalidField(Node(i) + ".months_minor", "must have twelve amounts, January first");
  for (int64_t amount : node.months_minor())
    if (amount < 0 || amount > kMaxMonthMinor)
      return InvalidField(Node(i) + ".months_minor", "amounts must be between 0 and 10^15");
  return OkStatus();
}

// What the planner stated of quarters and the year.
Status CheckTotals(const v1::TargetNode& node, int i) {
  std::array<int64_t, 4> quarters{};
  int64_t year = 0;
  for (int m = 0; m < 12; ++m) {
    quarters[m / 3] += node.months_minor(m);
    year += node.months_minor(m);
  }
  if (node.quarters_minor_size() != 0 && node.quarters_minor_size() != 4)
    return InvalidField(Node(i) + ".quarters_minor", "must have four amounts, or none");
  for (int q = 0; q < node.quarters_minor_size(); ++q)
    if (node.quarters_minor(q) != quarters[q])
      return Unequal(Node(i) + ".quarters_minor", "quarter " + std::to_string(q + 1),
                     node.quarters_minor(q), quarters[q]);
  if (node.has_year_minor() && node.year_minor() != year)
    return Unequal(Node(i) + ".year_minor", "the year", node.year_minor(), year);
  return OkStatus();
}

Status CheckCycles(const v1::TargetPlan& plan) {
  // 0 unseen, 1 on the way up, 2 known to reach the top.
  std::vector<char> state(plan.nodes_size(), 0);
  for (int i = 0; i < plan.nodes_size(); ++i) {
    std::vector<int> path;
    int at = i;
    for (; at >= 0 && state[at] == 0; at = plan.nodes(at).parent()) {
      state[at] = 1;
      path.push_back(at);
    }
    if (at >= 0 && state[at] == 1)
      return InvalidField(Node(at) + ".parent", "must not be below the node itself");
    for (int n : path) state[n] = 2;
  }
  return OkStatus();
}

}  // namespace

std::string NameOf(v1::TargetSubject subject) {
  switch (subject) {
    case v1::TARGET_SUBJECT_COMPANY:
      return "company";
    case v1::TARGET_SUBJECT_REGION:
      return "region";
    case v1::TARGET_SUBJECT_TEAM:
      return "team";
    case v1::TARGET_SUBJECT_PERSON:
      return "person";
    case v1::TARGET_SUBJECT_PRODUCT:
      return "product";
    default:
      return "subject";
  }
}

Status CheckPlan(const v1::TargetPlan& plan) {
  if (plan.nodes_size() == 0) return InvalidField("plan.nodes", "must have at least one node");
  std::set<std::tuple<int, int, std::string>> seen;
  for (int i = 0; i < plan.nodes_size(); ++i) {
    const v1::TargetNode& node = plan.nodes(i);
    RETURN_IF_ERROR(CheckNode(plan, i));
    RETURN_IF_ERROR(CheckTotals(node, i));
    if (!seen.emplace(node.parent(), node.subject(), node.subject_id()).second)
      return InvalidField(Node(i) + ".subject_id", "is twice under the same parent");
  }
  RETURN_IF_ERROR(CheckCycles(plan));
  // (parent, kind of the children) -> their sums.
  std::map<std::pair<int, int>, std::array<int64_t, 12>> sums;
  for (const v1::TargetNode& node : plan.nodes()) {
    if (node.parent() < 0) continue;
    auto& sum = sums[{node.parent(), node.subject()}];
    for (int m = 0; m < 12; ++m) sum[m] += node.months_minor(m);
  }
  for (const auto& [key, sum] : sums)
    for (int m = 0; m < 12; ++m)
      if (const int64_t own = plan.nodes(key.first).months_minor(m); own != sum[m]) {
        const v1::TargetNode& node = plan.nodes(key.first);
        const std::string children = NameOf(static_cast<v1::TargetSubject>(key.second));
        return Unequal(Node(key.first) + ".months_minor[" + std::to_string(m) + "]",
                       NameOf(node.subject()) + " " + node.subject_id() +
                           (node.subject_id().empty() ? "" : " ") + "in " + kMonths[m] + " (by " +
                           children + ")",
                       own, sum[m]);
      }
  return OkStatus();
}

StatusOr<std::vector<int64_t>> SplitByMonths(int64_t amount_minor,
                                             const std::vector<std::string>& weights) {
  if (weights.empty()) return SplitByWeights(amount_minor, std::vector<int64_t>(12, 1));
  if (weights.size() > 12) return InvalidField("weights", "must be at most twelve");
  constexpr int kDigits = 12;
  constexpr int64_t kOne = 1'000'000'000'000;
  std::vector<int64_t> parts;
  int64_t sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const std::string& text = weights[i];
    const std::string field = "weights[" + std::to_string(i) + "]";
    const size_t dot = text.find('.');
    const std::string whole = text.substr(0, dot);
    std::string decimals = dot == std::string::npos ? "" : text.substr(dot + 1);
    if (text.empty() || (whole != "0" && whole != "1" && !whole.empty()) ||
        decimals.size() > kDigits || (whole.empty() && decimals.empty()) ||
        decimals.find_first_not_of("0123456789") != std::string::npos)
      return InvalidField(field, "must be a decimal from 0 to 1 with at most 12 digits, as 0.08");
    decimals.resize(kDigits, '0');
    parts.push_back((whole == "1" ? kOne : 0) + std::stoll(decimals));
    sum += parts.back();
  }
  if (sum != kOne) {
    std::string is = std::to_string(sum % kOne);
    is = std::to_string(sum / kOne) + "." + std::string(kDigits - is.size(), '0') + is;
    return InvalidField("weights", "must add up to exactly 1; they add up to " + is);
  }
  return SplitByWeights(amount_minor, parts);
}

int InForce(const std::vector<int32_t>& effective_days, int32_t day) {
  for (int i = static_cast<int>(effective_days.size()) - 1; i >= 0; --i)
    if (effective_days[i] <= day) return i;
  return -1;
}

}  // namespace spm::performance
