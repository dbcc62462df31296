// Policies of a running process: shipped once, versioned, dated, recorded with each decision.
#include <gtest/gtest.h>

#include "tests/common/app/app_fixture.h"

namespace spm {
namespace {

using base::v1::Policy;
using testing::AppTest;

class Policies : public AppTest {
 protected:
  static constexpr char kPublished[] = "spm.base.v1.PolicyPublished";
  StatusOr<bool> At(int64_t at_us) {
    base::v1::GetPolicyRequest request;
    request.set_service("orders");
    request.set_kind("board");
    request.set_at_us(at_us);
    ASSIGN_OR_RETURN(Policy policy, Call<Policy>("spm.base.v1.PolicyService/GetPolicy", request));
    performance::v1::LeaderboardPolicy body;
    EXPECT_TRUE(policy.body().UnpackTo(&body));
    return body.beyond_scope();
  }
  int Versions() {
    base::v1::ListPoliciesRequest request;
    request.set_service("orders");
    auto reply =
        Call<base::v1::ListPoliciesResponse>("spm.base.v1.PolicyService/ListPolicies", request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? reply->policies_size() : -1;
  }
};

TEST_F(Policies, AreShippedAtTheFirstStartOnly) {
  Start();
  EXPECT_EQ(Versions(), 1);
  EXPECT_EQ(Journal("orders", kPublished).size(), 1u);
  ASSERT_TRUE(Publish(false).ok());
  Restart();
  EXPECT_EQ(Versions(), 2);
  EXPECT_EQ(Journal("orders", kPublished).size(), 2u);
  EXPECT_FALSE(*At(0)) << "what code ships never comes back over what was published";
}

// P4's machinery: an old date answers with the version of that date; version 1 holds from ever.
TEST_F(Policies, AnOldDateAnswersTheVersionOfThatDate) {
  Start();
  auto now = Publish(false);
  ASSERT_TRUE(now.ok()) << now.status();
  EXPECT_EQ(now->version(), 2);
  EXPECT_TRUE(*At(1));
  EXPECT_TRUE(*At(now->effective_us() - 1));
  EXPECT_FALSE(*At(now->effective_us()));
  const int64_t tomorrow = Now() + kDayUs;
  ASSERT_TRUE(Publish(true, tomorrow).ok());
  EXPECT_FALSE(*At(0)) << "not in force yet";
  EXPECT_FALSE(*At(tomorrow - 1));
  EXPECT_TRUE(*At(tomorrow));
}

TEST_F(Policies, DecideFromTheirTimeOnAndTheJournalSaysWhich) {
  Start();
  auto before = Make("a");
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->line(), "open");
  ASSERT_TRUE(Publish(false, Now() + kDayUs).ok());
  EXPECT_EQ(Make("b")->line(), "open");
  ASSERT_TRUE(Advance(kDayUs + kMinuteUs).ok());
  EXPECT_EQ(Make("c")->line(), "closed");
  auto events = Journal("orders", "spm.orders.v1.ProductCreated");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].policies(), "board@1");
  EXPECT_EQ(events[1].policies(), "board@1");
  EXPECT_EQ(events[2].policies(), "board@2");
}

TEST_F(Policies, TheSameBodyChangesNothing) {
  Start();
  ASSERT_TRUE(Publish(false, 0, "first").ok());
  auto again = Publish(false, Now() + kDayUs, "second");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->version(), 2);
  EXPECT_EQ(again->reason(), "first") << "the answer is the version that stands";
  EXPECT_EQ(Versions(), 2);
  EXPECT_EQ(Journal("orders", kPublished).size(), 2u);
}

TEST_F(Policies, ThePastCannotBeChanged) {
  Start();
  auto past = Publish(false, Now() - kDayUs);
  EXPECT_EQ(past.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(past.status().message().find("effective_us"), std::string::npos);
  ASSERT_TRUE(Publish(false, Now() + 2 * kDayUs).ok());
  EXPECT_EQ(Publish(true, Now() + kDayUs).status().code(), StatusCode::kInvalidArgument)
      << "before the newest version takes effect";
  EXPECT_EQ(Versions(), 2);
}

TEST_F(Policies, AKindTakesItsOwnMessageOnly) {
  Start();
  base::v1::CreatePolicyRequest request;
  request.set_service("orders");
  request.set_kind("board");
  request.mutable_body()->PackFrom(org::v1::CompanyPolicy());
  const std::string method = "spm.base.v1.PolicyService/CreatePolicy";
  EXPECT_EQ(Call<Policy>(method, request).status().code(), StatusCode::kInvalidArgument);
  performance::v1::LeaderboardPolicy body;
  request.mutable_body()->PackFrom(body);
  request.set_kind("bord");
  EXPECT_EQ(Call<Policy>(method, request).status().code(), StatusCode::kInvalidArgument);
  // One more of a family begins with version 1, which holds from ever.
  request.set_kind("board:west");
  auto west = Call<Policy>(method, request);
  ASSERT_TRUE(west.ok()) << west.status();
  EXPECT_EQ(west->version(), 1);
  EXPECT_EQ(west->effective_us(), 0);
  request.set_service("org");
  request.set_kind("company");
  EXPECT_EQ(Call<Policy>(method, request).status().code(), StatusCode::kInvalidArgument);
}

// G2 for what does not come through a service's own command.
TEST_F(Policies, ARepeatedPublicationIsOne) {
  Start();
  performance::v1::LeaderboardPolicy body;
  base::v1::CreatePolicyRequest request;
  request.set_request_id(RandomUuid());
  request.set_service("orders");
  request.set_kind("board");
  request.mutable_body()->PackFrom(body);
  const std::string method = "spm.base.v1.PolicyService/CreatePolicy";
  auto first = Call<Policy>(method, request), second = Call<Policy>(method, request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  request.set_reason("other");
  EXPECT_EQ(Reason(Call<Policy>(method, request).status()), "REQUEST_ID_REUSED");
}

TEST_F(Policies, TheCurrencyIsSetWhileNoMoneyIsStored) {
  Start();
  base::v1::SetCurrencyRequest request;
  const std::string method = "spm.base.v1.OperationsService/SetCurrency";
  request.set_currency("EUR");
  auto euro = Call<base::v1::Company>(method, request);
  ASSERT_TRUE(euro.ok()) << euro.status();
  EXPECT_EQ(euro->currency(), "EUR");
  EXPECT_EQ(app_->company()->currency.code, "EUR");
  request.set_currency("XXQ");
  EXPECT_EQ(Call<base::v1::Company>(method, request).status().code(), StatusCode::kInvalidArgument);
  ASSERT_TRUE(Make("money").ok());
  request.set_currency("USD");
  EXPECT_EQ(Reason(Call<base::v1::Company>(method, request).status()), "MONEY_STORED");
  request.set_currency("EUR");
  EXPECT_TRUE(Call<base::v1::Company>(method, request).ok()) << "it is so already";
  Restart();
  EXPECT_EQ(app_->company()->currency.code, "EUR");
}

}  // namespace
}  // namespace spm
