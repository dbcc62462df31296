#include "services/suite/demo/world.h"

#include <gtest/gtest.h>

#include <set>

namespace spm::suite {
namespace {

TEST(World, TheSameSeedGivesTheSameCompany) {
  for (const char* language : {"en", "zh"}) {
    const DemoWorld one = MakeWorld(7, language, 1);
    const DemoWorld two = MakeWorld(7, language, 1);
    ASSERT_EQ(one.customers.size(), two.customers.size());
    for (size_t i = 0; i < one.customers.size(); ++i) {
      EXPECT_EQ(one.customers[i].name, two.customers[i].name);
      EXPECT_EQ(one.customers[i].owner, two.customers[i].owner);
    }
    EXPECT_NE(MakeWorld(8, language, 1).customers[0].name + one.people[0].name,
              one.customers[0].name + MakeWorld(8, language, 1).people[0].name);
  }
}

TEST(World, HasThreeRegionsSixTeamsAndTwentyFourReps) {
  const DemoWorld world = MakeWorld(1, "zh", 7);
  EXPECT_EQ(world.units.size(), 9u);
  EXPECT_EQ(world.Reps().size(), 24u);
  EXPECT_EQ(world.products.size(), 8u);
  EXPECT_EQ(world.customers.size(), 120u);
  std::set<std::string> names;
  std::set<std::string> keys;
  for (const auto& person : world.people) {
    EXPECT_TRUE(names.insert(person.name).second) << person.name;
    EXPECT_TRUE(keys.insert(person.key).second) << person.key;
  }
  for (const auto& customer : world.customers) {
    EXPECT_TRUE(names.insert(customer.name).second) << customer.name;
    EXPECT_TRUE(keys.contains(customer.owner));
  }
  Dice dice(3);
  EXPECT_FALSE(names.contains(world.NewCompanyName(&dice)));
}

}  // namespace
}  // namespace spm::suite
