#include "common/base/ids.h"

#include <gtest/gtest.h>

#include <set>

namespace spm {
namespace {

TEST(Sha256, GivesTheKnownDigests) {
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Murmur2, GivesTheValuesOfTheJavaClient) {
  const std::pair<const char*, int32_t> rows[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  for (const auto& [text, value] : rows)
    EXPECT_EQ(Murmur2(text), static_cast<uint32_t>(value)) << text;
  // Bytes above 127 count as unsigned.
  EXPECT_NE(Murmur2("\xff"), Murmur2("\x7f"));
}

TEST(MakeId, IsTheSameForTheSameCommandAgain) {
  constexpr int64_t kNow = 1'500'000'000'123'456;
  const std::string id = MakeId(kNow, "request", 0);
  EXPECT_EQ(id, MakeId(kNow, "request", 0));
  EXPECT_NE(id, MakeId(kNow, "request", 1));
  EXPECT_NE(id, MakeId(kNow, "requesu", 0));
  EXPECT_TRUE(IsId(id));
  EXPECT_EQ(id[14], '7');
  EXPECT_EQ(id.substr(0, 13), "015d3ef7-987b");
  EXPECT_FALSE(IsUuidV4(id));
}

TEST(MakeId, SortsByTime) {
  std::string last;
  for (int64_t ms = 1'500'000'000'000; ms < 1'500'000'001'000; ms += 7) {
    const std::string id = MakeId(ms * 1000, "seed", 3);
    EXPECT_LT(last, id);
    last = id;
  }
}

TEST(NamedId, IsTheSameForTheSameText) {
  EXPECT_EQ(NamedId("crm/42"), NamedId("crm/42"));
  EXPECT_NE(NamedId("crm/42"), NamedId("crm/43"));
  EXPECT_TRUE(IsId(NamedId("")));
  EXPECT_EQ(NamedId("x")[14], '8');
}

TEST(RandomUuid, IsAFreshVersion4) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = RandomUuid();
    ASSERT_TRUE(IsUuidV4(id)) << id;
    ASSERT_TRUE(IsId(id));
    ASSERT_TRUE(seen.insert(id).second);
  }
}

TEST(UuidV4, ChecksVersionVariantAndForm) {
  EXPECT_TRUE(IsUuidV4("c1a2f3b4-5d6e-4f70-8a91-b2c3d4e5f601"));
  EXPECT_TRUE(IsUuidV4("C1A2F3B4-5D6E-4F70-BA91-B2C3D4E5F601"));
  for (const char* text :
       {"", "c1a2f3b4-5d6e-1f70-8a91-b2c3d4e5f601", "c1a2f3b4-5d6e-7f70-8a91-b2c3d4e5f601",
        "c1a2f3b4-5d6e-4f70-7a91-b2c3d4e5f601", "c1a2f3b4-5d6e-4f70-ca91-b2c3d4e5f601",
        "c1a2f3b45d6e4f708a91b2c3d4e5f601", "c1a2f3b4-5d6e-4f70-8a91-b2c3d4e5f60",
        "c1a2f3b4-5d6e-4f70-8a91-b2c3d4e5f6012", "g1a2f3b4-5d6e-4f70-8a91-b2c3d4e5f601",
        "c1a2f3b4-5d6e-4f70-8a91+b2c3d4e5f601", "00000000-0000-0000-0000-000000000000"})
    EXPECT_FALSE(IsUuidV4(text)) << text;
}

TEST(Id, IsLowerCaseOnly) {
  EXPECT_TRUE(IsId("00000000-0000-0000-0000-000000000000"));
  EXPECT_FALSE(IsId("C1A2F3B4-5D6E-4F70-8A91-B2C3D4E5F601"));
  EXPECT_FALSE(IsId("c1a2f3b4-5d6e-4f70-8a91-b2c3d4e5f60g"));
}

}  // namespace
}  // namespace spm
