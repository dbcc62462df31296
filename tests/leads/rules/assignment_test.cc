#include "services/leads/rules/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "services/leads/rules/defaults.h"

namespace spm::leads {
namespace {

Candidate Rep(const std::string& id) {
  Candidate rep;
  rep.id = id;
  rep.capacity = 10;
  return rep;
}

// L5
TEST(MayReceive, RefusesWhoHasLeftOrHoldsTheCap) {
  struct Case {
    bool active;
    int32_t open, capacity;
    bool may;
  };
  const Case cases[] = {{true, 0, 1, true},    {true, 1, 1, false},   {true, 9, 10, true},
                        {true, 10, 10, false}, {true, 11, 10, false}, {false, 0, 10, false},
                        {true, 0, 0, false}};
  for (const Case& c : cases) {
    Candidate rep = Rep("a");
    rep.active = c.active;
    rep.open_leads = c.open;
    rep.capacity = c.capacity;
    EXPECT_EQ(MayReceive(rep), c.may) << c.open << " of " << c.capacity;
  }
}

TEST(CapacityOf, ThePersonsOwnFigureComesFirst) {
  EXPECT_EQ(CapacityOf(7, DefaultAssignment()), 7);
  EXPECT_EQ(CapacityOf(0, DefaultAssignment()), 200);
}

// L5
TEST(FitOf, AddsRegionSkillRecordAndLoad) {
  const v1::AssignmentPolicy policy = DefaultAssignment();
  Candidate rep = Rep("a");
  EXPECT_EQ(FitOf(rep, policy), 20 * 50 + 20 * 100);  // Unknown record, all free.
  rep.in_region = true;
  EXPECT_EQ(FitOf(rep, policy), 3500 + 3000);
  rep.skilled = true;
  EXPECT_EQ(FitOf(rep, policy), 6000 + 3000);
  rep.maturity = 4;
  EXPECT_EQ(FitOf(rep, policy), 6000 + 2000 + 2000);
  rep.maturity = 1;
  EXPECT_EQ(FitOf(rep, policy), 6000 + 500 + 2000);
  rep.closed = 4;
  rep.won = 3;
  EXPECT_EQ(FitOf(rep, policy), 6000 + 1500 + 2000);
  rep.open_leads = 5;
  EXPECT_EQ(FitOf(rep, policy), 6000 + 1500 + 1000);
  rep.open_leads = 12;
  EXPECT_EQ(FitOf(rep, policy), 6000 + 1500);
}

TEST(ChooseOwner, TakesTheBestFitThatMayReceive) {
  Candidate best = Rep("a"), next = Rep("b"), worst = Rep("c");
  best.in_region = best.skilled = true;
  next.in_region = true;
  const auto policy = DefaultAssignment();
  EXPECT_EQ(ChooseOwner({worst, next, best}, policy)->owner_id, "a");
  best.active = false;
  EXPECT_EQ(ChooseOwner({worst, next, best}, policy)->owner_id, "b");
  next.open_leads = next.capacity;
  EXPECT_EQ(ChooseOwner({worst, next, best}, policy)->owner_id, "c");
  worst.open_leads = worst.capacity;
  EXPECT_FALSE(ChooseOwner({worst, next, best}, policy).has_value());
  EXPECT_FALSE(ChooseOwner({}, policy).has_value());
}

TEST(ChooseOwner, BreaksTiesByIdWhateverTheOrder) {
  std::vector<Candidate> reps = {Rep("c"), Rep("a"), Rep("b")};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(ChooseOwner(reps, DefaultAssignment())->owner_id, "a");
    std::next_permutation(reps.begin(), reps.end(),
                          [](const Candidate& x, const Candidate& y) { return x.id < y.id; });
  }
}

TEST(ChooseOwner, SaysWhy) {
  Candidate one = Rep("a"), two = Rep("b");
  two.in_region = true;
  one.closed = 3;
  one.won = 1;
  EXPECT_EQ(ChooseOwner({one, two}, DefaultAssignment())->reason, "fit: b 65.00, a 26.60");
}

}  // namespace
}  // namespace spm::leads
