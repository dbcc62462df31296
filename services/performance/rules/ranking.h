// The order of a leaderboard. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace spm::performance {

struct Standing {
  std::string id, name;
  // Absent: no value, which comes last.
  std::optional<double> value;
};

// Positions of `standings` from rank 1 on, without shared ranks: the better value first (the higher
// one, or the lower one where `higher_is_better` is false), then the name, then the id.
std::vector<size_t> Rank(const std::vector<Standing>& standings, bool higher_is_better);

}  // namespace spm::performance
