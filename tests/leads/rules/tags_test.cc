#include "services/leads/rules/tags.h"

#include <gtest/gtest.h>

namespace spm::leads {
namespace {

using Tags = std::vector<std::string>;

// L14
TEST(ChangeTags, AddsOnceInOrderAndRemovalWins) {
  struct Case {
    Tags tags, add, remove, result;
  };
  const Case cases[] = {
      {{}, {"vip"}, {}, {"vip"}},
      {{"vip"}, {"vip", " vip "}, {}, {"vip"}},
      {{"vip", "lost"}, {"potential"}, {"vip"}, {"lost", "potential"}},
      {{"vip"}, {"vip"}, {"vip"}, {}},
      {{"vip"}, {"vi"}, {}, {"vip", "vi"}},
      {{"vip"}, {"VIP"}, {}, {"vip", "VIP"}},
      {{"潜力"}, {}, {"none"}, {"潜力"}},
  };
  for (const Case& c : cases) EXPECT_EQ(*ChangeTags(c.tags, c.add, c.remove, "add"), c.result);
}

TEST(ChangeTags, RefusesEmptyAndTooMany) {
  EXPECT_FALSE(ChangeTags({}, {" "}, {}, "add").ok());
  Tags fifty;
  for (int i = 0; i < 50; ++i) fifty.push_back(std::to_string(i));
  EXPECT_EQ(ChangeTags({}, fifty, {}, "add")->size(), 50U);
  EXPECT_FALSE(ChangeTags(fifty, {"one more"}, {}, "add").ok());
  EXPECT_TRUE(ChangeTags(fifty, {"one more"}, {"0"}, "add").ok());
}

}  // namespace
}  // namespace spm::leads
