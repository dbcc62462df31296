#include "services/performance/rules/ranking.h"

#include <algorithm>
#include <numeric>

namespace spm::performance {

std::vector<size_t> Rank(const std::vector<Standing>& standings, bool higher_is_better) {
  std::vector<size_t> order(standings.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) {
    const Standing &a = standings[i], &b = standings[j];
    if (a.value.has_value() != b.value.has_value()) return a.value.has_value();
    if (a.value != b.value) return higher_is_better ? *a.value > *b.value : *a.value < *b.value;
    if (a.name != b.name) return a.name < b.name;
    return a.id < b.id;
  });
  return order;
}

}  // namespace spm::performance
