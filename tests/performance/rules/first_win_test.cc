#include "services/performance/rules/first_win.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace spm::performance {
namespace {

Fact Win(const std::string& deal, int version, const std::string& customer, int32_t day,
         const std::string& ref, int32_t count = 1, int32_t n = 0) {
  Fact f;
  f.event_id = deal + "." + std::to_string(version);
  f.n = n;
  f.deal_id = deal;
  f.customer_id = customer;
  f.occurred_day = day;
  f.deal_ref = ref;
  f.rep_id = "rep of " + deal;
  f.count = count;
  f.amount = count;
  return f;
}

TEST(FirstWin, IsTheEarliestInEveryOrderOfArrival) {
  std::vector<Fact> wins{Win("d1", 1, "acme", 20, "B"), Win("d2", 1, "acme", 19, "C"),
                         Win("d3", 1, "acme", 21, "A")};
  std::sort(wins.begin(), wins.end(), [](auto& a, auto& b) { return a.deal_id < b.deal_id; });
  do {
    auto credits = FirstWins(wins);
    ASSERT_EQ(credits.size(), 1u);
    EXPECT_EQ(credits["acme"].deal_id, "d2");
    EXPECT_EQ(credits["acme"].event_id, "d2.1");
    EXPECT_EQ(credits["acme"].rep_id, "rep of d2");
    EXPECT_EQ(credits["acme"].measure, Measure::kNewCustomers);
    EXPECT_EQ(credits["acme"].occurred_day, 19);
  } while (std::next_permutation(wins.begin(), wins.end(),
                                 [](auto& a, auto& b) { return a.deal_id < b.deal_id; }));
}

TEST(FirstWin, TiesGoToTheExternalIdThenToTheDeal) {
  EXPECT_EQ(
      FirstWins({Win("d1", 1, "acme", 20, "B"), Win("d2", 1, "acme", 20, "A")})["acme"].deal_id,
      "d2");
  EXPECT_EQ(FirstWins({Win("d2", 1, "acme", 20, ""), Win("d1", 1, "acme", 20, "")})["acme"].deal_id,
            "d1");
}

TEST(FirstWin, AWinTakenBackDoesNotCount) {
  EXPECT_TRUE(
      FirstWins({Win("d1", 1, "acme", 20, "A"), Win("d1", 2, "acme", 20, "A", -1)}).empty());
  auto credits = FirstWins({Win("d1", 1, "acme", 20, "A"), Win("d1", 2, "acme", 20, "A", -1),
                            Win("d1", 2, "acme", 25, "A", 1, 1), Win("d2", 1, "acme", 24, "B")});
  EXPECT_EQ(credits["acme"].deal_id, "d2");
}

TEST(FirstWin, BookedAnewOnTheSameDayItIsTheLatestEventThatGivesTheCredit) {
  auto credits = FirstWins({Win("d1", 9, "acme", 20, "A"), Win("d1", 10, "acme", 20, "A", -1),
                            Win("d1", 10, "acme", 20, "A", 1, 1)});
  EXPECT_EQ(credits["acme"].event_id, "d1.10");
  EXPECT_EQ(credits["acme"].n, 0);
}

TEST(FirstWin, ARepeatedFactCountsOnce) {
  EXPECT_TRUE(FirstWins({Win("d1", 1, "acme", 20, "A"), Win("d1", 1, "acme", 20, "A"),
                         Win("d1", 2, "acme", 20, "A", -1)})
                  .empty());
}

TEST(FirstWin, WinsOfNobodyGiveNoCredit) {
  EXPECT_TRUE(FirstWins({Win("d1", 1, "", 20, "A")}).empty());
}

}  // namespace
}  // namespace spm::performance
