#include "services/performance/rules/first_win.h"

#include <cstdlib>
#include <set>
#include <tuple>

namespace spm::performance {
namespace {

// Number of the event within its deal: what follows the dot.
int64_t VersionOf(const std::string& event_id) {
  size_t dot = event_id.rfind('.');
  return dot == std::string::npos ? 0 : std::strtoll(event_id.c_str() + dot + 1, nullptr, 10);
}

struct Standing {
  int32_t count = 0;
  const Fact* latest = nullptr;
};

}  // namespace

std::map<std::string, Fact> FirstWins(const std::vector<Fact>& wins) {
  // What still stands of each deal's wins once reversals are netted.
  using Key = std::tuple<std::string, int32_t, std::string, std::string, std::string, std::string,
                         std::string>;
  std::map<Key, Standing> standing;
  std::set<std::pair<std::string, int32_t>> seen;
  for (const Fact& win : wins) {
    if (win.customer_id.empty() || !seen.emplace(win.event_id, win.n).second) continue;
    Standing& s = standing[{win.customer_id, win.occurred_day, win.deal_ref, win.deal_id,
                            win.rep_id, win.product_id, win.source}];
    s.count += win.count;
    if (win.count > 0 && (!s.latest || VersionOf(win.event_id) > VersionOf(s.latest->event_id)))
      s.latest = &win;
  }
  std::map<std::string, Fact> credits;
  for (const auto& [key, s] : standing) {
    // Ascending by day, external id, deal id within a customer: the first is the earliest.
    if (s.count <= 0 || credits.contains(std::get<0>(key))) continue;
    Fact credit = *s.latest;
    credit.measure = Measure::kNewCustomers;
    credit.n = 0;
    credit.count = 1;
    credit.amount = 1;
    credits.emplace(credit.customer_id, std::move(credit));
  }
  return credits;
}

}  // namespace spm::performance
