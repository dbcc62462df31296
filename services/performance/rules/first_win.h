// A customer is new once: on the day of its earliest win. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/performance/rules/fact.h"

namespace spm::performance {

// From all facts of `won`, in any order and with repeats, the one credit of each customer: a fact
// of `new_customers` with the key of the winning deal's event, for its day, rep, product and
// source. Ties on the day go to the smaller external id of the deal, then to the smaller deal id.
// Wins that were taken back do not count, nor do wins of nobody.
std::map<std::string, Fact> FirstWins(const std::vector<Fact>& wins);

}  // namespace spm::performance
