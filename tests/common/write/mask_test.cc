#include "common/write/mask.h"

#include <gtest/gtest.h>

#include "spm/leads/v1/customer.pb.h"

namespace spm {
namespace {

const std::vector<std::string> kAllowed = {"name", "sector"};

leads::v1::Customer Before() {
  leads::v1::Customer customer;
  customer.set_name("Acme");
  customer.set_sector("pumps");
  customer.set_owner_id("ann");
  return customer;
}

Status Apply(const std::vector<std::string>& paths, const leads::v1::Customer& from,
             leads::v1::Customer* to) {
  google::protobuf::FieldMask mask;
  for (const auto& path : paths) mask.add_paths(path);
  return ApplyMask(mask, kAllowed, from, to);
}

TEST(Mask, CopiesWhatItNamesEmptyIncluded) {
  leads::v1::Customer to = Before(), from;
  from.set_name("Acme Pumps");
  ASSERT_TRUE(Apply({"name", "sector"}, from, &to).ok());
  EXPECT_EQ(to.name(), "Acme Pumps");
  EXPECT_EQ(to.sector(), "");
  EXPECT_EQ(to.owner_id(), "ann");
}

TEST(Mask, WithoutOneWhatIsGivenIsCopied) {
  leads::v1::Customer to = Before(), from;
  from.set_name("Acme Pumps");
  ASSERT_TRUE(Apply({}, from, &to).ok());
  EXPECT_EQ(to.name(), "Acme Pumps");
  EXPECT_EQ(to.sector(), "pumps");
  // What was read and is sent back unchanged is no change.
  from.set_owner_id("ann");
  EXPECT_TRUE(Apply({}, from, &to).ok());
}

TEST(Mask, WhatCannotBeChangedIsRefusedAndNotPassedOver) {
  leads::v1::Customer to = Before(), from = Before();
  from.set_owner_id("bob");
  const Status given = Apply({}, from, &to);
  EXPECT_EQ(given.message(),
            "customer.owner_id: cannot be changed by an update, which may change name, sector; "
            "leave it out");
  const Status named = Apply({"owner_id"}, from, &to);
  EXPECT_EQ(named.message(), "update_mask: cannot update owner_id; it may name name, sector");
  const Status nothing = Apply({}, leads::v1::Customer(), &to);
  EXPECT_EQ(nothing.message(), "update_mask: names nothing to update; it may name name, sector");
  EXPECT_EQ(to.SerializeAsString(), Before().SerializeAsString());
}

}  // namespace
}  // namespace spm
