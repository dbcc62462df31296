#include "services/dashboard/gateway_bind.h"

#include <gtest/gtest.h>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/dashboard/gateway.h"
#include "spm/base/v1/policy.pb.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/performance/v1/metrics.pb.h"
#include "spm/performance/v1/target.pb.h"

namespace spm::dashboard {
namespace {

using google::protobuf::util::MessageDifferencer;

// "" or "field: what; field: what".
template <typename M>
std::string FromJson(const std::string& text, M* message) {
  auto json = ParseJson(text);
  if (!json.ok()) return std::string(json.status().message());
  Violations wrong;
  BindJson(*json, message, &wrong);
  return wrong.empty() ? "" : std::string(InvalidFields(wrong).message());
}

template <typename M>
std::string FromQuery(const HttpFields& query, M* message) {
  Violations wrong;
  BindQuery(query, message, &wrong);
  return wrong.empty() ? "" : std::string(InvalidFields(wrong).message());
}

leads::v1::AdvanceStageRequest Full() {
  leads::v1::AdvanceStageRequest full;
  full.set_request_id("id");
  full.set_opportunity_id("中\"\\\n");
  full.mutable_amount()->set_currency_code("USD");
  full.mutable_amount()->set_units(-9'007'199'254'740'993);
  full.mutable_amount()->set_nanos(-500'000'000);
  full.mutable_occur_time()->set_seconds(1'500'000'000);
  full.mutable_occur_time()->set_nanos(123'000'000);
  return full;
}

TEST(BindJson, ReadsBackWhatProtobufWrites) {
  auto full = Full();
  leads::v1::AdvanceStageRequest read;
  EXPECT_EQ(FromJson(*WriteJson(full), &read), "");
  EXPECT_TRUE(MessageDifferencer::Equals(full, read));

  leads::v1::Opportunity deal;
  deal.set_version(7);
  deal.set_stage_kind(leads::v1::StageKind(1));
  deal.set_deleted(true);
  deal.add_history()->set_stage("need");
  deal.add_history()->mutable_enter_time()->set_seconds(1);
  deal.mutable_expected_close()->set_year(2017);
  deal.add_steps()->mutable_state()->set_amount_minor(0);
  leads::v1::Opportunity deal_read;
  EXPECT_EQ(FromJson(*WriteJson(deal), &deal_read), "");
  EXPECT_TRUE(MessageDifferencer::Equals(deal, deal_read));

  performance::v1::QueryMetricsResponse metrics;
  metrics.add_rows()->add_values()->set_value(0.1);
  metrics.add_rows()->add_groups();
  performance::v1::QueryMetricsResponse metrics_read;
  EXPECT_EQ(FromJson(*WriteJson(metrics), &metrics_read), "");
  EXPECT_TRUE(MessageDifferencer::Equals(metrics, metrics_read));
}

TEST(BindJson, AnyCarriesAMessageByItsType) {
  base::v1::CreatePolicyRequest request;
  performance::v1::Filter filter;
  filter.set_dimension("rep");
  request.mutable_body()->PackFrom(filter);
  base::v1::CreatePolicyRequest read;
  EXPECT_EQ(FromJson(*WriteJson(request), &read), "");
  EXPECT_TRUE(MessageDifferencer::Equals(request, read));
  read.Clear();
  EXPECT_EQ(
      FromJson(R"({"body":{"@type":"type.googleapis.com/spm.Nothing"}})", &read).substr(0, 11),
      "body.@type:");
  read.Clear();
  EXPECT_EQ(FromJson(R"({"body":{"@type":"x/spm.performance.v1.Filter","values":[1]}})", &read),
            "body.values[0]: must be a string, not a number");
}

TEST(BindJson, TakesBothSpellingsButNotTogether) {
  leads::v1::AssignOpportunityRequest request;
  EXPECT_EQ(FromJson(R"({"owner_id":"a","requestId":"b"})", &request), "");
  EXPECT_EQ(request.owner_id(), "a");
  EXPECT_EQ(FromJson(R"({"owner_id":"a","ownerId":"a"})", &request),
            "ownerId: is given twice: give it once");
}

TEST(BindJson, NullIsAbsentAndADateMayBeText) {
  performance::v1::QueryMetricsRequest request;
  EXPECT_EQ(FromJson(R"({"metrics":null,"to":null,"from":"2017-06-01"})", &request), "");
  EXPECT_EQ(request.from().year(), 2017);
  EXPECT_EQ(request.from().month(), 6);
  EXPECT_FALSE(request.has_to());
}

TEST(BindJson, NumbersMayBeTextAndWholeNumbersMayHavePoints) {
  leads::v1::BatchImportOpportunitiesRequest::Row row;
  EXPECT_EQ(FromJson(R"({"quantity":3.0,"amount":{"units":"12","nanos":1e3}})", &row), "");
  EXPECT_EQ(row.quantity(), 3);
  EXPECT_EQ(row.amount().units(), 12);
  EXPECT_EQ(row.amount().nanos(), 1000);
}

TEST(BindJson, EveryWrongFieldIsNamedWithItsPath) {
  struct Case {
    const char* json;
    const char* wrong;
  };
  const Case cases[] = {
      {"[]", "body: must be an object, not an array"},
      {R"({"rows":{}})", "rows: must be an array, not an object"},
      {R"({"rows":[{},null]})", "rows[1]: must not be null"},
      {R"({"rows":[{"name":1}]})", "rows[0].name: must be a string, not a number"},
      {R"({"rows":[{"quantity":true}]})", "rows[0].quantity: must be a number, not a boolean"},
      {R"({"rows":[{"quantity":1.5}]})",
       "rows[0].quantity: must be a whole number from -2147483648 to 2147483647"},
      {R"({"rows":[{"quantity":2147483648}]})",
       "rows[0].quantity: must be a whole number from -2147483648 to 2147483647"},
      {R"({"rows":[{"amount":5}]})", "rows[0].amount: must be an object, not a number"},
      {R"({"rows":[{"history":[{"time":5}]}]})",
       "rows[0].history[0].time: must be a string, not a number"},
      {R"({"rows":[{"history":[{"time":"noon"}]}]})",
       "rows[0].history[0].time: must be a time like 2017-06-01T12:00:00Z"},
      {R"({"rows":[{"history":[{"day":"2017-02-30"}]}]})",
       "rows[0].history[0].day: must be a day like 2017-06-01"},
  };
  for (const Case& c : cases) {
    leads::v1::BatchImportOpportunitiesRequest request;
    EXPECT_EQ(FromJson(c.json, &request), c.wrong);
  }
}

TEST(BindJson, AnUnknownFieldListsThoseThatThereAre) {
  leads::v1::GetOpportunityRequest request;
  EXPECT_EQ(FromJson(R"({"id":"x"})", &request),
            "id: there is no such field; there are: opportunityId");
}

TEST(BindJson, SeveralFaultsAreToldAtOnce) {
  leads::v1::AssignOpportunityRequest request;
  EXPECT_EQ(FromJson(R"({"ownerId":1,"etag":2})", &request),
            "ownerId: must be a string, not a number; etag: must be a string, not a number");
}

TEST(BindJson, EnumsByNameOrNumber) {
  performance::v1::TargetNode node;
  EXPECT_EQ(FromJson(R"({"subject":"TARGET_SUBJECT_TEAM"})", &node), "");
  EXPECT_EQ(node.subject(), performance::v1::TARGET_SUBJECT_TEAM);
  performance::v1::TargetNode numbered;
  EXPECT_EQ(FromJson(R"({"subject":4})", &numbered), "");
  EXPECT_EQ(numbered.subject(), performance::v1::TARGET_SUBJECT_PERSON);
  EXPECT_EQ(FromJson(R"({"subject":"TEAM"})", &node).substr(0, 57),
            "subject: must be one of TARGET_SUBJECT_UNSPECIFIED, TARGE");
  EXPECT_NE(FromJson(R"({"subject":99})", &node), "");
}

TEST(BindJson, FieldMasksByEitherSpelling) {
  leads::v1::UpdateOpportunityRequest request;
  EXPECT_EQ(FromJson(R"({"updateMask":"name,expectedClose"})", &request), "");
  EXPECT_EQ(request.update_mask().paths(1), "expected_close");
  leads::v1::UpdateOpportunityRequest snake;
  EXPECT_EQ(FromJson(R"({"update_mask":"expected_close"})", &snake), "");
  EXPECT_EQ(snake.update_mask().paths(0), "expected_close");
}

TEST(BindQuery, ScalarsNestedFieldsRepetitionEnumsAndDates) {
  leads::v1::ListOpportunitiesRequest list;
  EXPECT_EQ(FromQuery({{"owner_id", "a"},
                       {"pageSize", "5"},
                       {"showDeleted", "true"},
                       {"stageKind", "STAGE_KIND_OPEN"}},
                      &list),
            "");
  EXPECT_EQ(list.owner_id(), "a");
  EXPECT_EQ(list.page_size(), 5);
  EXPECT_TRUE(list.show_deleted());
  EXPECT_EQ(list.stage_kind(), leads::v1::STAGE_KIND_OPEN);

  leads::v1::ListStalledOpportunitiesRequest stalled;
  EXPECT_EQ(FromQuery({{"days", "7"}, {"asOf", "2017-12-31"}}, &stalled), "");
  EXPECT_EQ(stalled.as_of().day(), 31);
  leads::v1::ListStalledOpportunitiesRequest dotted;
  EXPECT_EQ(FromQuery({{"as_of.year", "2017"}, {"asOf.month", "12"}}, &dotted), "");
  EXPECT_EQ(dotted.as_of().month(), 12);

  performance::v1::QueryMetricsRequest metrics;
  EXPECT_EQ(
      FromQuery({{"metrics", "won"}, {"metrics", "revenue"}, {"from", "2017-01-01"}}, &metrics),
      "");
  EXPECT_EQ(metrics.metrics_size(), 2);
  leads::v1::AdvanceStageRequest advance;
  EXPECT_EQ(FromQuery({{"occurTime", "2017-06-01T12:00:00Z"}}, &advance), "");
  EXPECT_EQ(advance.occur_time().seconds(), 1'496'318'400);
}

TEST(BindQuery, WhatIsWrongIsNamed) {
  const std::pair<HttpFields, const char*> cases[] = {
      {{{"nobody", "1"}},
       "nobody: there is no such field; there are: metrics, groupBy, from, to, filters, "
       "includeEmpty"},
      {{{"includeEmpty", "yes"}}, "includeEmpty: must be true or false"},
      {{{"includeEmpty", "true"}, {"include_empty", "true"}},
       "include_empty: is given twice: give it once"},
      {{{"from.year", "x"}}, "from.year: must be a whole number from -2147483648 to 2147483647"},
      {{{"from", "June"}}, "from: must be a day like 2017-06-01"},
      {{{"filters", "x"}}, "filters: is not a single value: give its fields, as in name.field"},
      {{{"filters.dimension", "x"}},
       "filters.dimension: filters has no fields that a query can give"},
      {{{"metrics", "\xff"}}, "metrics: must be UTF-8"},
      {{{"\xff", "1"}},
       "query: there is no such field; there are: metrics, groupBy, from, to, filters, "
       "includeEmpty"},
  };
  for (const auto& [query, wrong] : cases) {
    performance::v1::QueryMetricsRequest request;
    EXPECT_EQ(FromQuery(query, &request), wrong);
  }
}

TEST(WriteJson, AbsentOptionalsAreMissingAndPlainOnesAreThere) {
  performance::v1::MetricValue value;
  std::string json = *WriteJson(value);
  EXPECT_EQ(json.find("\"value\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"nullReason\":\"\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"bottleneck\":false"), std::string::npos) << json;
  value.set_value(0);
  EXPECT_NE(WriteJson(value)->find("\"value\":0"), std::string::npos);
  EXPECT_NE(WriteJson(performance::v1::QueryMetricsResponse())->find("\"rows\":[]"),
            std::string::npos);
}

}  // namespace
}  // namespace spm::dashboard
