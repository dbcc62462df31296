#include "common/policy/policies.h"

#include <gtest/gtest.h>

#include "common/base/embed.h"
#include "common/db/db.h"
#include "common/write/call.h"
#include "google/protobuf/any.pb.h"
#include "spm/performance/v1/policy.pb.h"
#include "tests/support/temp_folder.h"

namespace spm {
namespace {

using performance::v1::LeaderboardPolicy;

PolicyVersion Version(const std::string& kind, int64_t version, int64_t effective_us, bool beyond) {
  auto body = std::make_shared<LeaderboardPolicy>();
  body->set_beyond_scope(beyond);
  return {kind, version, effective_us, body, "ann", "why"};
}

std::shared_ptr<PolicyBook> Book() {
  auto book = std::make_shared<PolicyBook>();
  book->Add(Version("board", 1, 0, true));
  book->Add(Version("board", 2, 1000, false));
  // Published in the same moment: the later one stands.
  book->Add(Version("board", 3, 1000, true));
  book->Add(Version("board", 4, 5000, false));
  book->Add(Version("board:west", 1, 0, false));
  return book;
}

TEST(PolicyBook, AnswersWithTheVersionInForce) {
  auto book = Book();
  struct {
    int64_t at_us, version;
  } cases[] = {{-1'000'000, 1}, {0, 1}, {999, 1}, {1000, 3}, {4999, 3}, {5000, 4}, {9'000'000, 4}};
  for (const auto& c : cases) {
    const PolicyVersion* found = book->At("board", c.at_us);
    ASSERT_NE(found, nullptr) << c.at_us;
    EXPECT_EQ(found->version, c.version) << c.at_us;
  }
  EXPECT_EQ(book->At("nothing", 0), nullptr);
  EXPECT_EQ(book->Newest("board")->version, 4);
  EXPECT_EQ(book->Newest("nothing"), nullptr);
}

TEST(PolicyBook, ListsByKindAndFindsFamilies) {
  auto book = Book();
  EXPECT_EQ(book->List("board").size(), 4u);
  EXPECT_EQ(book->List("").size(), 5u);
  EXPECT_EQ(book->Kinds("board:"), std::vector<std::string>{"board:west"});
  EXPECT_EQ(book->Kinds("board"), (std::vector<std::string>{"board", "board:west"}));
  EXPECT_TRUE(book->Kinds("c").empty());
}

TEST(PolicyBook, ACallNotesWhichVersionsItUsed) {
  Call call;
  call.now_us = 2000;
  call.policies = Book();
  EXPECT_TRUE(call.Policy<LeaderboardPolicy>("board").beyond_scope());
  EXPECT_FALSE(call.FindPolicy<LeaderboardPolicy>("board:west")->beyond_scope());
  EXPECT_EQ(call.FindPolicy<LeaderboardPolicy>("board:east"), nullptr);
  call.Policy<LeaderboardPolicy>("board");
  EXPECT_EQ(call.policies_used(), "board@3,board:west@1");
  EXPECT_THROW(call.Policy<LeaderboardPolicy>("nothing"), std::logic_error);
}

TEST(PolicyBook, IsReadFromTheDatabaseAndRefusesWhatItCannotDecode) {
  testing::TempFolder folder;
  auto db = Db::OpenSqlite(folder.path() + "/a.db");
  ASSERT_TRUE(Migrate(**db, EmbeddedSchema("common/write")).ok());
  auto connection = std::move(*(*db)->Connect());
  auto insert = [&](const std::string& kind, int64_t version, const std::string& bytes) {
    auto done = connection->Execute(
        "INSERT INTO policy (kind, version, effective_us, body, author, reason) "
        "VALUES ($1, $2, $3, $4, 'ann', 'why')",
        {kind, version, (version - 1) * 100, Bytes{bytes}});
    ASSERT_TRUE(done.ok()) << done.status();
  };
  google::protobuf::Any any;
  LeaderboardPolicy body;
  any.PackFrom(body);
  // Versions are numbers: 10 comes after 9.
  for (int64_t v = 1; v <= 10; ++v) insert("board", v, any.SerializeAsString());
  auto book = PolicyBook::Load(*connection);
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ((*book)->Newest("board")->version, 10);
  EXPECT_EQ((*book)->At("board", 850)->version, 9);
  EXPECT_EQ((*book)->At("board", 850)->author, "ann");
  any.set_type_url("type.googleapis.com/spm.gone.v1.Gone");
  insert("gone", 1, any.SerializeAsString());
  auto broken = PolicyBook::Load(*connection);
  EXPECT_EQ(broken.status().code(), StatusCode::kInternal);
  EXPECT_NE(broken.status().message().find("gone@1"), std::string::npos);
}

}  // namespace
}  // namespace spm
