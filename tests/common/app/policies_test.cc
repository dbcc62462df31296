// Policies of a running process: shipped once, versioned, dated, recorded with each decision.
#include <gtest/gtest.h>

#include <future>

#include "tests/common/app/app_fixture.h"

namespace spm {
namespace {

using base::v1::Policy;
using orders::v1::Product;
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

// Two people who have read the same version: the second one reads again.
TEST_F(Policies, ABaseVersionGuardsAgainstAPublicationInBetween) {
  Start();
  base::v1::CreatePolicyRequest request;
  request.set_service("orders");
  request.set_kind("board");
  performance::v1::LeaderboardPolicy body;
  request.mutable_body()->PackFrom(body);
  const std::string method = "spm.base.v1.PolicyService/CreatePolicy";
  request.set_base_version(2);
  EXPECT_EQ(Call<Policy>(method, request).status().code(), StatusCode::kAborted);
  request.set_base_version(1);
  auto second = Call<Policy>(method, request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->version(), 2);
  body.set_beyond_scope(true);
  request.mutable_body()->PackFrom(body);
  auto late = Call<Policy>(method, request);
  EXPECT_EQ(Reason(late.status()), "VERSION_CONFLICT");
  EXPECT_NE(late.status().message().find("newest version of board is 2, not 1"), std::string::npos);
  EXPECT_EQ(Versions(), 2);
}

std::vector<ServiceSpec> Guarded(std::vector<ServiceSpec> specs) {
  specs[1].check_policy = [](const std::string&, const google::protobuf::Message& m) -> Status {
    const auto& body = static_cast<const performance::v1::LeaderboardPolicy&>(m);
    return body.beyond_scope() ? OkStatus() : InvalidField("body.beyond_scope", "must be true");
  };
  specs[1].guard_policy = [](Reader& reader, const std::string&,
                             const google::protobuf::Message&) -> Status {
    ASSIGN_OR_RETURN(Rows rows, reader.Query("SELECT 1 FROM thing LIMIT 1"));
    return rows.empty() ? OkStatus() : Precondition("THING_THERE", "there is a thing");
  };
  specs[1].preview_policy = [](const PolicyQuestion& q, base::v1::PreviewPolicyResponse* reply) {
    Effect effect("things", "things", q.examples);
    effect.Count("1", "one", q.current == nullptr, true);
    effect.AddTo(reply);
    return OkStatus();
  };
  return specs;
}

TEST_F(Policies, ACandidateIsPreviewedAndChangesNothing) {
  Start(Guarded(Specs()));
  base::v1::PreviewPolicyRequest request;
  request.set_service("orders");
  request.set_kind("board:west");
  performance::v1::LeaderboardPolicy body;
  request.mutable_body()->PackFrom(body);
  const std::string method = "spm.base.v1.PolicyService/PreviewPolicy";
  auto wrong = Call<base::v1::PreviewPolicyResponse>(method, request);
  EXPECT_EQ(wrong.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(wrong.status().message().find("body.beyond_scope"), std::string::npos);
  body.set_beyond_scope(true);
  request.mutable_body()->PackFrom(body);
  auto fresh = Call<base::v1::PreviewPolicyResponse>(method, request);
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  EXPECT_EQ(fresh->version(), 1);
  EXPECT_FALSE(fresh->has_in_force());
  ASSERT_EQ(fresh->changes_size(), 1);
  EXPECT_EQ(fresh->changes(0).path(), "beyond_scope");
  ASSERT_EQ(fresh->effects_size(), 1);
  EXPECT_EQ(fresh->effects(0).after(), 1);
  EXPECT_EQ(fresh->blocked(), "");
  request.set_kind("board");
  auto same = Call<base::v1::PreviewPolicyResponse>(method, request);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->version(), 2);
  EXPECT_EQ(same->in_force().version(), 1);
  EXPECT_EQ(same->changes_size(), 0);
  ASSERT_EQ(same->effects_size(), 1);
  EXPECT_EQ(same->effects(0).before(), 0);
  EXPECT_EQ(same->effects(0).examples_size(), 1);
  request.set_effective_us(Now() - kDayUs);
  EXPECT_EQ(Call<base::v1::PreviewPolicyResponse>(method, request).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(Versions(), 1);
}

TEST_F(Policies, WhatTheDataForbidsIsSaidBeforeAndRefused) {
  Start(Guarded(Specs()));
  ASSERT_TRUE(Make("thing").ok());
  base::v1::PreviewPolicyRequest request;
  request.set_service("orders");
  request.set_kind("board:west");
  performance::v1::LeaderboardPolicy body;
  body.set_beyond_scope(true);
  request.mutable_body()->PackFrom(body);
  auto preview =
      Call<base::v1::PreviewPolicyResponse>("spm.base.v1.PolicyService/PreviewPolicy", request);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->blocked(), "there is a thing");
  base::v1::CreatePolicyRequest create;
  create.set_service("orders");
  create.set_kind("board:west");
  create.mutable_body()->PackFrom(body);
  auto refused = Call<Policy>("spm.base.v1.PolicyService/CreatePolicy", create);
  EXPECT_EQ(Reason(refused.status()), "THING_THERE");
  EXPECT_EQ(Versions(), 1);
}

// A thing that is worth what the company's currency was when it was decided.
StatusOr<Product> StoreMoney(Tx& tx, const orders::v1::UpdateProductRequest&,
                             const spm::Call& call) {
  Product p;
  p.set_id(call.NewId());
  p.set_line(call.company->currency.code);
  orders::v1::ProductCreated created;
  testing::AppThings().Save(tx, &p, created);
  return p;
}

// A command may store the first money at the same moment: then the currency stays, or the command
// was decided in the new one.
TEST_F(Policies, TheCurrencyIsNeverSetUnderMoneyThatIsBeingStored) {
  auto specs = Specs();
  specs[1].Command("ProductService/UpdateProduct", StoreMoney);
  Start(std::move(specs));
  const std::string set = "spm.base.v1.OperationsService/SetCurrency";
  std::string stored;
  for (int round = 0; stored.empty() && round < 200; ++round) {
    auto money = std::async(std::launch::async, [&, round] {
      // Sometimes first, sometimes last.
      if (round % 20 != 19) return StatusOr<Product>(Product());
      orders::v1::UpdateProductRequest request;
      request.set_product_id(RandomUuid());
      request.mutable_product()->set_name("x");
      return Call<Product>("spm.orders.v1.ProductService/UpdateProduct", request);
    });
    base::v1::SetCurrencyRequest request;
    request.set_currency(round % 2 == 0 ? "EUR" : "USD");
    auto company = Call<base::v1::Company>(set, request);
    EXPECT_TRUE(company.ok() || Reason(company.status()) == "MONEY_STORED") << company.status();
    auto made = money.get();
    ASSERT_TRUE(made.ok()) << made.status();
    stored = made->line();
  }
  ASSERT_FALSE(stored.empty());
  EXPECT_EQ(stored, app_->company()->currency.code);
  base::v1::SetCurrencyRequest request;
  request.set_currency(stored == "EUR" ? "USD" : "EUR");
  EXPECT_EQ(Reason(Call<base::v1::Company>(set, request).status()), "MONEY_STORED");
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
