// What a candidate of a policy would make of the data, and that publishing it makes just that.
#include <gtest/gtest.h>

#include "common/policy/difference.h"
#include "google/protobuf/any.pb.h"
#include "services/leads/policy_rpc.h"
#include "services/leads/rules/defaults.h"
#include "spm/base/v1/policy.pb.h"
#include "tests/leads/company.h"

namespace spm::leads {
namespace {

using base::v1::PreviewPolicyResponse;

class PolicyTest : public ::testing::Test {
 protected:
  ServiceRuntime& leads() { return *c_.services().Find("leads"); }

  // As PreviewPolicy asks it: the version in force, and all that is there.
  template <typename P>
  std::map<std::string, base::v1::PolicyEffect> Preview(const std::string& kind,
                                                        const P& candidate) {
    const int64_t now_us = leads().lane().NowUs();
    const auto book = leads().policies();
    const PolicyVersion* current = book->At(kind, now_us);
    const Call call = leads().MakeCall(*leads().Authenticate(""), now_us);
    PolicyQuestion question{.kind = kind,
                            .current = current == nullptr ? nullptr : current->body.get(),
                            .candidate = &candidate,
                            .call = &call,
                            .db = &leads().db(),
                            .examples = 2};
    PreviewPolicyResponse reply;
    const Status status = PreviewPolicy(question, &reply);
    EXPECT_TRUE(status.ok()) << status;
    std::map<std::string, base::v1::PolicyEffect> effects;
    for (const auto& e : reply.effects()) effects[e.name()] = e;
    return effects;
  }

  // As CreatePolicy writes it.
  template <typename P>
  void Publish(const std::string& kind, const P& body) {
    google::protobuf::Any any;
    any.PackFrom(body);
    ASSERT_TRUE(
        leads()
            .lane()
            .Run("publish",
                 [&](Tx& tx, const Call& call) -> Status {
                   ASSIGN_OR_RETURN(Rows rows, tx.Query("SELECT MAX(version) FROM policy "
                                                        "WHERE kind = $1",
                                                        {kind}));
                   tx.WriteOne(
                       "INSERT INTO policy (kind, version, effective_us, body, "
                       "author, reason) VALUES ($1, $2, $3, $4, 'ann', 'why')",
                       {kind, rows[0].Int(0) + 1, call.now_us, Bytes{any.SerializeAsString()}});
                   tx.OnCommit([this] { leads().ReloadPolicies(); });
                   return OkStatus();
                 })
            .ok());
    // What is open is gone through by a job, whose next run comes with the clock.
    c_.services().Advance(2 * kSecondUs);
  }

  v1::Lead LeadOf(const std::string& name, int32_t intent, const std::string& owner = "") {
    v1::Lead lead;
    lead.set_name(name);
    lead.set_intent(intent);
    if (!owner.empty()) lead.set_owner_id(c_.person(owner));
    auto made = c_.TryLead(lead);
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }

  Company c_;
};

// L1: a new grade policy grades what is open as its preview said.
TEST_F(PolicyTest, LeadsAreGradedAsThePreviewSays) {
  std::vector<std::string> ids;
  for (int32_t intent : {100, 100, 98, 60, 0}) ids.push_back(LeadOf("L", intent).id());
  v1::GradePolicy lenient = DefaultGrade();
  lenient.set_grade_a_points(40);
  lenient.set_grade_b_points(39);
  lenient.set_grade_c_points(24);
  auto effects = Preview("grade", lenient);
  EXPECT_EQ(effects["leads_regraded"].after(), 4);
  EXPECT_EQ(effects["leads_regraded"].examined(), 5);
  EXPECT_EQ(effects["leads_regraded"].examples_size(), 2);
  EXPECT_EQ(effects["leads_c"].before(), 2);
  EXPECT_EQ(effects["leads_d"].before(), 3);
  const auto grade = [&](const std::string& id) {
    return ShortName(*v1::Grade_descriptor()->FindValueByNumber(c_.GetLead(id).grade()));
  };
  for (const auto& e : effects["leads_regraded"].examples()) EXPECT_EQ(e.before(), grade(e.id()));
  Publish("grade", lenient);
  for (const auto& e : effects["leads_regraded"].examples()) EXPECT_EQ(e.after(), grade(e.id()));
  std::map<v1::Grade, int64_t> now;
  for (const std::string& id : ids) ++now[c_.GetLead(id).grade()];
  EXPECT_EQ(now[v1::GRADE_A], effects["leads_a"].after());
  EXPECT_EQ(now[v1::GRADE_B], effects["leads_b"].after());
  EXPECT_EQ(now[v1::GRADE_C], effects["leads_c"].after());
  EXPECT_EQ(now[v1::GRADE_D], effects["leads_d"].after());
  EXPECT_EQ(c_.Events("", "LeadGraded").size(), 4u) << "only where the grade changed";
  // X9: the version in force changes nothing.
  EXPECT_EQ(Preview("grade", lenient)["leads_regraded"].after(), 0);
  c_.services().Advance(5 * kSecondUs);
  EXPECT_EQ(c_.Events("", "LeadGraded").size(), 4u) << "gone through once";
}

// L5: nobody receives a lead beyond the capacity that the preview was about.
TEST_F(PolicyTest, PeopleHaveNoRoomAsThePreviewSays) {
  for (int i = 0; i < 3; ++i) LeadOf("a", 10, "ann");
  LeadOf("b", 10, "bob");
  v1::AssignmentPolicy tight = DefaultAssignment();
  tight.set_capacity(2);
  auto effects = Preview("assignment", tight);
  EXPECT_EQ(effects["people_without_room"].before(), 0);
  EXPECT_EQ(effects["people_without_room"].after(), 1);
  EXPECT_EQ(effects["people_over_capacity"].after(), 1);
  EXPECT_EQ(effects["people_over_capacity"].examples(0).id(), c_.person("ann"));
  Publish("assignment", tight);
  v1::Lead lead;
  lead.set_name("x");
  int refused = 0;
  for (const char* rep : {"ann", "bob", "eva"}) {
    lead.set_owner_id(c_.person(rep));
    refused += Reason(c_.TryLead(lead).status()) == "OVER_CAPACITY";
  }
  EXPECT_EQ(refused, effects["people_without_room"].after());
}

TEST_F(PolicyTest, FirstContactsAreOverdueAsThePreviewSays) {
  LeadOf("old", 10, "ann");
  LeadOf("older", 10, "bob");
  c_.services().Advance(10 * kHourUs);
  LeadOf("young", 10, "eva");
  LeadOf("nobody's", 10);
  v1::ContactPolicy quick = DefaultContact();
  quick.set_first_contact_hours(5);
  auto effects = Preview("contact", quick);
  EXPECT_EQ(effects["leads_contact_overdue"].before(), 0);
  EXPECT_EQ(effects["leads_contact_overdue"].after(), 2);
  EXPECT_EQ(effects["leads_contact_overdue"].examined(), 4);
  Publish("contact", quick);
  EXPECT_EQ(c_.Events("", "LeadFirstContactOverdue").size(), 2u);
  c_.services().Advance(5 * kHourUs);
  EXPECT_EQ(c_.Events("", "LeadFirstContactOverdue").size(), 3u) << "the young one, in 5 hours";
}

TEST_F(PolicyTest, DealsAreOverdueAsThePreviewSays) {
  v1::ClosePolicy grace = DefaultClose();
  grace.set_grace_days(10);
  Publish("close", grace);
  const auto deal = [&](int32_t day) {
    v1::CreateOpportunityRequest request;
    request.mutable_opportunity()->set_name("deal");
    const Ymd ymd = YmdOf(day);
    auto* date = request.mutable_opportunity()->mutable_expected_close();
    date->set_year(ymd.year);
    date->set_month(ymd.month);
    date->set_day(ymd.day);
    c_.Must<v1::Opportunity>("spm.leads.v1.OpportunityService/CreateOpportunity", request);
  };
  const int32_t today = Zone::Utc().DayAt(c_.now_us());
  deal(today + 1);
  deal(today + 9);
  c_.services().Advance(5 * kDayUs);
  auto effects = Preview("close", DefaultClose());
  EXPECT_EQ(effects["deals_overdue"].before(), 0);
  EXPECT_EQ(effects["deals_overdue"].after(), 1);
  Publish("close", DefaultClose());
  EXPECT_EQ(c_.Events("", "OpportunityCloseOverdue").size(), 1u);
  c_.services().Advance(5 * kDayUs);
  EXPECT_EQ(c_.Events("", "OpportunityCloseOverdue").size(), 2u);
}

// L8 under a changed limit: told of now, told of no more, and the deadline of the rest moved.
TEST_F(PolicyTest, DealsAreStalledAsThePreviewSays) {
  std::vector<std::string> ids = {c_.Deal("ann").id(), c_.Deal("bob").id()};
  c_.services().Advance(4 * kDayUs);
  ids.push_back(c_.Deal("eva").id());
  const auto stalled = [&] {
    int64_t n = 0;
    for (const std::string& id : ids) n += c_.GetDeal(id).has_stall_time();
    return n;
  };
  v1::PipelinePolicy quick = DefaultPipeline();
  quick.mutable_stages(0)->set_stall_days(3);
  quick.mutable_stages(0)->set_win_probability_bp(5000);
  auto effects = Preview("pipeline:default", quick);
  EXPECT_EQ(effects["deals_stalled"].before(), stalled());
  EXPECT_EQ(effects["deals_stalled"].after(), 2);
  EXPECT_EQ(effects["deals_held_back"].before(), 3);
  EXPECT_EQ(effects["deals_held_back"].after(), 3);
  EXPECT_EQ(effects["deals_without_stage"].after(), 0);
  EXPECT_EQ(effects["pipeline_weighted"].before(), 3 * 10'000);
  EXPECT_EQ(effects["pipeline_weighted"].after(), 3 * 50'000);
  Publish("pipeline:default", quick);
  EXPECT_EQ(stalled(), 2);
  c_.services().Advance(3 * kDayUs);
  EXPECT_EQ(stalled(), 3) << "the third after 3 days, not 7";
  v1::PipelinePolicy patient = quick;
  patient.mutable_stages(0)->set_stall_days(5);
  effects = Preview("pipeline:default", patient);
  EXPECT_EQ(effects["deals_stalled"].before(), 3);
  EXPECT_EQ(effects["deals_stalled"].after(), 2);
  Publish("pipeline:default", patient);
  EXPECT_EQ(stalled(), 2);
  const size_t told = c_.Events("", "OpportunityStalled").size();
  c_.services().Advance(2 * kDayUs);
  EXPECT_EQ(stalled(), 3);
  EXPECT_EQ(c_.Events("", "OpportunityStalled").size(), told + 1);
}

TEST_F(PolicyTest, AStageWithOpenDealsCannotBeTakenAway) {
  c_.Deal("ann");
  const std::string won = c_.Deal("bob").id();
  ASSERT_TRUE(c_.Advance(won, "lost").ok());
  v1::PipelinePolicy shorter = DefaultPipeline();
  shorter.mutable_stages()->DeleteSubrange(0, 1);
  EXPECT_EQ(Preview("pipeline:default", shorter)["deals_without_stage"].after(), 1);
  auto snapshot = leads().db().OpenSnapshot();
  const Status refused = GuardPolicy(**snapshot, "pipeline:default", shorter);
  EXPECT_EQ(Reason(refused), "STAGE_IN_USE");
  EXPECT_NE(refused.message().find("need (1 deal)"), std::string::npos) << refused;
  v1::PipelinePolicy other = DefaultPipeline();
  other.mutable_stages()->DeleteSubrange(1, 1);
  EXPECT_TRUE(GuardPolicy(**snapshot, "pipeline:default", other).ok()) << "nobody is there";
}

// More than a page of each: every one is looked at, once.
TEST_F(PolicyTest, LooksAtEveryPage) {
  v1::BatchCreateLeadsRequest request;
  for (int i = 0; i < 600; ++i) {
    auto* lead = request.add_leads();
    lead->set_name("L" + std::to_string(i));
    lead->set_intent(100);
  }
  c_.Must<v1::BatchCreateLeadsResponse>("spm.leads.v1.LeadService/BatchCreateLeads", request);
  v1::GradePolicy policy = DefaultGrade();
  policy.set_grade_c_points(41);
  auto effects = Preview("grade", policy);
  EXPECT_EQ(effects["leads_regraded"].examined(), 600);
  EXPECT_EQ(effects["leads_regraded"].after(), 600);
  Publish("grade", policy);
  EXPECT_EQ(Preview("grade", policy)["leads_d"].before(), 600);
}

}  // namespace
}  // namespace spm::leads
