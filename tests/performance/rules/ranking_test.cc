#include "services/performance/rules/ranking.h"

#include <gtest/gtest.h>

namespace spm::performance {
namespace {

std::vector<std::string> Order(const std::vector<Standing>& standings, bool higher = true) {
  std::vector<std::string> ids;
  for (size_t at : Rank(standings, higher)) ids.push_back(standings[at].id);
  return ids;
}

TEST(Ranking, TheBetterValueComesFirst) {
  EXPECT_EQ(Order({{"a", "A", 1}, {"b", "B", 2}}), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(Order({{"a", "A", 1}, {"b", "B", 2}}, false), (std::vector<std::string>{"a", "b"}));
}

TEST(Ranking, EqualValuesGoByNameThenId) {  // P17
  EXPECT_EQ(Order({{"3", "Bob", 1}, {"2", "Ann", 1}, {"1", "Bob", 1}}),
            (std::vector<std::string>{"2", "1", "3"}));
}

TEST(Ranking, NoValueComesLastEitherWay) {
  for (bool higher : {true, false})
    EXPECT_EQ(Order({{"a", "A", std::nullopt}, {"b", "B", -5}}, higher),
              (std::vector<std::string>{"b", "a"}));
}

}  // namespace
}  // namespace spm::performance
