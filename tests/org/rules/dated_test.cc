#include "services/org/rules/dated.h"

#include <gtest/gtest.h>

#include "spm/org/v1/org.pb.h"

namespace spm::org {
namespace {

v1::Placement At(const std::string& parent, int32_t day) {
  v1::Placement p;
  p.set_parent_id(parent);
  if (day != kEver) SetDay(day, p.mutable_from());
  return p;
}

TEST(Dated, HoldsFromItsDayUntilTheDayBeforeTheNext) {
  v1::Unit unit;
  EXPECT_EQ(InForce(unit.placements(), 0), nullptr);
  Place(At("b", 200), unit.mutable_placements());
  Place(At("a", kEver), unit.mutable_placements());
  EXPECT_EQ(InForce(unit.placements(), -5)->parent_id(), "a");
  EXPECT_EQ(InForce(unit.placements(), 199)->parent_id(), "a");
  EXPECT_EQ(InForce(unit.placements(), 200)->parent_id(), "b");
  Place(At("c", 200), unit.mutable_placements());
  ASSERT_EQ(unit.placements_size(), 2);
  EXPECT_EQ(InForce(unit.placements(), 200)->parent_id(), "c");
}

}  // namespace
}  // namespace spm::org
