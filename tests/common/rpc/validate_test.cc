#include "common/rpc/validate.h"

#include <gtest/gtest.h>

#include <limits>

#include "spm/base/v1/policy.pb.h"
#include "spm/leads/v1/interaction.pb.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/leads/v1/policy.pb.h"
#include "spm/org/v1/org.pb.h"
#include "spm/performance/v1/events.pb.h"
#include "spm/performance/v1/target.pb.h"

namespace spm {
namespace {

constexpr char kUuid[] = "c1a2f3b4-5d6e-4f70-8a91-b2c3d4e5f601";

// "lead.name: is required", one line each.
std::string Text(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& v : violations) text += v.field + ": " + v.description + "\n";
  return text;
}

template <typename Request>
std::string Faults(const Request& request,
                   const google::protobuf::Descriptor& response = *leads::v1::Lead::descriptor()) {
  return Text(ValidateRequest(request, response));
}

leads::v1::CreateLeadRequest Good() {
  leads::v1::CreateLeadRequest request;
  request.set_request_id(kUuid);
  request.mutable_lead()->set_name("Acme");
  return request;
}

// The one violation of a good request after `change`; "" where there is none.
template <typename Change>
std::string After(Change change) {
  auto request = Good();
  change(request.mutable_lead());
  std::string text = Faults(request);
  if (!text.empty()) text.pop_back();
  return text;
}

TEST(Validate, AGoodRequestPasses) { EXPECT_EQ(Faults(Good()), ""); }

TEST(Validate, RequiredFieldsMustNotBeEmpty) {
  leads::v1::CreateLeadRequest request;
  EXPECT_EQ(Faults(request),
            "request_id: must be a version-4 UUID, made anew for each command and sent again with "
            "each retry of it\nlead: is required\n");
  EXPECT_EQ(After([](auto* lead) { lead->set_name(""); }), "lead.name: is required");
  EXPECT_EQ(After([](auto* lead) { lead->set_name(" \t "); }), "lead.name: is required");
  EXPECT_EQ(After([](auto* lead) { lead->set_name("\u3000\u00a0\u200b"); }),
            "lead.name: is required");
  org::v1::CreateUnitRequest unit;
  unit.set_request_id(kUuid);
  unit.mutable_unit()->set_name("North");
  EXPECT_EQ(Faults(unit), "unit.kind: is required\n");
}

TEST(Validate, TheRequestIdIsAVersion4Uuid) {
  auto request = Good();
  for (const char* id : {"x", "c1a2f3b4-5d6e-1f70-8a91-b2c3d4e5f601"}) {
    request.set_request_id(id);
    EXPECT_EQ(Faults(request).find("request_id: must be a version-4 UUID"), 0u) << id;
  }
  request.set_request_id("C1A2F3B4-5D6E-4F70-8A91-B2C3D4E5F601");
  EXPECT_EQ(Faults(request), "");
}

TEST(Validate, TextsHaveALimitInBytes) {
  EXPECT_EQ(After([](auto* lead) { lead->set_name(std::string(200, 'x')); }), "");
  EXPECT_EQ(After([](auto* lead) { lead->set_name(std::string(201, 'x')); }),
            "lead.name: has 201 bytes; at most 200 are allowed");
  // Without an annotation.
  EXPECT_EQ(After([](auto* lead) { lead->set_owner_id(std::string(1000, 'x')); }), "");
  EXPECT_EQ(After([](auto* lead) { lead->set_owner_id(std::string(1001, 'x')); }),
            "lead.owner_id: has 1001 bytes; at most 1000 are allowed");
}

TEST(Validate, ControlCharactersAreRefused) {
  for (const char* text : {"a\nb", "a\tb", "a\x01", "a\x7f", "a\xc2\x85", "\x1b[0m"})
    EXPECT_NE(After([&](auto* lead) { lead->set_sector(text); }).find("has a control character"),
              std::string::npos)
        << text;
  EXPECT_EQ(After([](auto* lead) { lead->set_sector("销售 é\xc2\xa0😀"); }), "");
  leads::v1::LogInteractionRequest log;
  log.set_request_id(kUuid);
  log.mutable_interaction()->set_subject_id("x");
  log.mutable_interaction()->set_kind(leads::v1::INTERACTION_KIND_NOTE);
  log.mutable_interaction()->set_note("line\r\n\tline");
  EXPECT_EQ(Faults(log), "");
  log.mutable_interaction()->set_note(std::string("nul\0", 4));
  EXPECT_EQ(Faults(log),
            "interaction.note: has a control character (U+0000) at byte 3; leave it out\n");
}

TEST(Validate, WhatTurnsOrHidesTextIsRefused) {
  const std::pair<const char*, const char*> refused[] = {
      {"a\u202eb", "a direction control (U+202E) at byte 1"},
      {"\u202aab", "a direction control (U+202A) at byte 0"},
      {"ab\u2066", "a direction control (U+2066) at byte 2"},
      {"ab\u2069", "a direction control (U+2069) at byte 2"},
      {"a\u200bb", "an invisible character (U+200B) at byte 1"},
      {"a\u2060b", "an invisible character (U+2060) at byte 1"},
      {"a\ufeffb", "an invisible character (U+FEFF) at byte 1"},
      {"a\u2028b", "a control character (U+2028) at byte 1"},
      {"a\xef\xbf\xbe", "a noncharacter (U+FFFE) at byte 1"},
      {"a\xf0\x9f\xbf\xbf", "a noncharacter (U+1FFFF) at byte 1"},
      {"a\xef\xb7\x90", "a noncharacter (U+FDD0) at byte 1"},
  };
  for (const auto& [text, what] : refused)
    EXPECT_EQ(After([text = text](auto* lead) { lead->set_sector(text); }),
              std::string("lead.sector: has ") + what + "; leave it out");
  // Hebrew and Arabic with their marks, Persian with its non-joiner, a family of three.
  for (const char* text : {"\u05e9\u05dc\u05d5\u05dd\u200f!", "\u0645\u06cc\u200c\u062e",
                           "👨\u200d👩\u200d👧", "e\u0301", "\ufffd"})
    EXPECT_EQ(After([&](auto* lead) { lead->set_sector(text); }), "") << text;
}

TEST(Trim, TakesWhiteSpaceFromBothEndsOfEveryText) {
  leads::v1::BatchCreateLeadsRequest batch;
  batch.set_request_id(std::string(kUuid) + "\n");
  batch.add_leads()->set_name("  Acme\u3000");
  batch.add_leads()->set_name("a b");
  TrimTexts(&batch);
  EXPECT_EQ(batch.request_id(), kUuid);
  EXPECT_EQ(batch.leads(0).name(), "Acme");
  EXPECT_EQ(batch.leads(1).name(), "a b");
  leads::v1::TagCustomerRequest tag;
  tag.add_add(" vip ");
  tag.add_add("\u00a0");
  TrimTexts(&tag);
  EXPECT_EQ(tag.add(0), "vip");
  EXPECT_EQ(tag.add(1), "");
}

TEST(Validate, TextsAreUtf8) {
  EXPECT_EQ(After([](auto* lead) { lead->set_sector("ab\xff"); }),
            "lead.sector: is not well-formed UTF-8 at byte 2; send it in UTF-8");
  EXPECT_NE(After([](auto* lead) { lead->set_sector("\xed\xa0\x80"); }), "")
      << "unpaired surrogate";
}

TEST(Validate, NumbersKeepToTheirRange) {
  for (int intent : {0, 100}) EXPECT_EQ(After([&](auto* lead) { lead->set_intent(intent); }), "");
  EXPECT_EQ(After([](auto* lead) { lead->set_intent(101); }),
            "lead.intent: is 101; allowed are 0 to 100");
  EXPECT_EQ(After([](auto* lead) { lead->set_intent(-1); }),
            "lead.intent: is -1; allowed are 0 to 100");
  performance::v1::ValueChanged value;
  value.set_value(std::numeric_limits<double>::infinity());
  EXPECT_EQ(Text(ValidateMessage(value)), "value: must be a finite number\n");
  value.set_value(1.5);
  EXPECT_EQ(Text(ValidateMessage(value)), "");
}

TEST(Validate, EnumsAreKnown) {
  leads::v1::ListLeadsRequest list;
  list.set_grade(leads::v1::GRADE_D);
  EXPECT_EQ(Faults(list), "");
  list.set_grade(static_cast<leads::v1::Grade>(9));
  EXPECT_EQ(Faults(list),
            "grade: is 9, which is no Grade; known are GRADE_A, GRADE_B, GRADE_C, GRADE_D\n");
}

TEST(Validate, DatesAreRealDaysFrom1900To2200) {
  struct Row {
    int year, month, day;
    bool good;
  };
  const Row rows[] = {{2017, 2, 28, true},  {2017, 2, 29, false},  {2016, 2, 29, true},
                      {1900, 1, 1, true},   {1899, 12, 31, false}, {2200, 12, 31, true},
                      {2201, 1, 1, false},  {2017, 0, 0, false},   {2017, 6, 0, false},
                      {0, 0, 0, false},     {2017, 13, 1, false},  {2017, 6, -1, false},
                      {2017, 262, 1, false}};
  for (const Row& row : rows) {
    org::v1::MovePersonRequest move;
    move.set_request_id(kUuid);
    move.set_person_id("x");
    move.mutable_from()->set_year(row.year);
    move.mutable_from()->set_month(row.month);
    move.mutable_from()->set_day(row.day);
    EXPECT_EQ(Faults(move) == "", row.good) << row.year << "-" << row.month << "-" << row.day;
  }
}

TEST(Validate, MoneyIsSane) {
  struct Row {
    const char* code;
    int64_t units;
    int32_t nanos;
    const char* fault;
  };
  const Row rows[] = {
      {"USD", 5, 10'000'000, ""},
      {"", -5, -10'000'000, ""},
      {"USD", 10'000'000'000'000, 0, ""},
      {"usd", 5, 0, "has no ISO 4217 currency code"},
      {"US", 5, 0, "has no ISO 4217 currency code"},
      {"USD", 5, -1, "different signs"},
      {"USD", -5, 1, "different signs"},
      {"USD", 5, 1'000'000'000, "nanos beyond"},
      {"USD", 0, -1'000'000'000, "nanos beyond"},
      {"USD", 10'000'000'000'001, 0, "too large"},
      {"USD", std::numeric_limits<int64_t>::min(), 0, "too large"},
  };
  for (const Row& row : rows) {
    const std::string fault = After([&](auto* lead) {
      lead->mutable_budget()->set_currency_code(row.code);
      lead->mutable_budget()->set_units(row.units);
      lead->mutable_budget()->set_nanos(row.nanos);
    });
    if (*row.fault == '\0') {
      EXPECT_EQ(fault, "");
    } else {
      EXPECT_NE(fault.find(row.fault), std::string::npos) << fault << row.fault;
    }
  }
}

TEST(Validate, MomentsAreFrom1900To2200) {
  auto request = Good();
  request.mutable_occur_time()->set_seconds(-2'208'988'800);  // 1900-01-01
  EXPECT_EQ(Faults(request), "");
  request.mutable_occur_time()->set_seconds(-2'208'988'801);
  EXPECT_EQ(Faults(request), "occur_time: is no moment from 1900 to 2200\n");
  request.mutable_occur_time()->set_seconds(7'289'654'399);  // 2200-12-31 23:59:59
  EXPECT_EQ(Faults(request), "");
  request.mutable_occur_time()->set_seconds(7'289'654'400);
  EXPECT_NE(Faults(request), "");
  request.mutable_occur_time()->set_seconds(0);
  request.mutable_occur_time()->set_nanos(1'000'000'000);
  EXPECT_NE(Faults(request), "");
}

TEST(Validate, PageSizesAreNotNegative) {
  leads::v1::ListLeadsRequest list;
  list.set_page_size(100'000);
  EXPECT_EQ(Faults(list), "") << "a large one is coerced, not refused";
  list.set_page_size(-1);
  EXPECT_EQ(Faults(list), "page_size: must not be negative; 0 takes the default\n");
}

TEST(Validate, ListsHaveALimit) {
  org::v1::CreatePersonRequest request;
  request.set_request_id(kUuid);
  request.mutable_person()->set_name("Ann");
  for (int i = 0; i < 50; ++i) request.mutable_person()->add_skills("skill");
  EXPECT_EQ(Faults(request), "");
  request.mutable_person()->set_skills(3, std::string(101, 'x'));
  EXPECT_EQ(Faults(request), "person.skills[3]: has 101 bytes; at most 100 are allowed\n");
  request.mutable_person()->add_skills("one more");
  EXPECT_EQ(Faults(request), "person.skills: has 51 items; at most 50 are allowed\n");
  request.mutable_person()->clear_skills();
  request.mutable_person()->add_roles(base::v1::ROLE_REP);
  request.mutable_person()->add_roles(static_cast<base::v1::Role>(77));
  EXPECT_EQ(Faults(request).find("person.roles[1]: is 77, which is no Role"), 0u);
}

TEST(Validate, RowsOfABatchAreCountedAndNotLookedInto) {
  org::v1::BatchImportPeopleRequest batch;
  batch.set_request_id(kUuid);
  batch.set_source("crm");
  for (int i = 0; i < 1000; ++i) batch.add_rows();
  const auto& response = *org::v1::BatchImportPeopleResponse::descriptor();
  EXPECT_EQ(Faults(batch, response), "");
  EXPECT_EQ(BatchRows(*batch.GetDescriptor(), response)->name(), "rows");
  // The batch asks for each.
  EXPECT_EQ(Text(ValidateMessage(batch.rows(3), "rows[3]")),
            "rows[3].external_id: is required\nrows[3].name: is required\n");
  batch.add_rows();
  EXPECT_EQ(Faults(batch, response), "rows: has 1001 items; at most 1000 are allowed\n");
}

TEST(Validate, LeadsOfABatchAreRowsAndOtherListsAreNot) {
  leads::v1::BatchCreateLeadsRequest batch;
  batch.set_request_id(kUuid);
  batch.add_leads();
  EXPECT_EQ(Faults(batch, *leads::v1::BatchCreateLeadsResponse::descriptor()), "");
  EXPECT_EQ(Faults(batch, *leads::v1::Lead::descriptor()), "leads[0].name: is required\n");
  EXPECT_EQ(BatchRows(*leads::v1::CreateLeadRequest::descriptor(),
                      *leads::v1::BatchCreateLeadsResponse::descriptor()),
            nullptr);
}

TEST(Validate, AnUpdateRequiresWhatItsMaskNames) {
  leads::v1::UpdateLeadRequest update;
  update.set_request_id(kUuid);
  update.set_lead_id("x");
  update.mutable_lead()->set_intent(101);
  update.mutable_update_mask()->add_paths("intent");
  EXPECT_EQ(Faults(update), "lead.intent: is 101; allowed are 0 to 100\n");
  update.mutable_lead()->set_intent(50);
  EXPECT_EQ(Faults(update), "");
  update.clear_update_mask();
  EXPECT_EQ(Faults(update), "") << "without a mask what is set is changed";
  update.mutable_update_mask()->add_paths("name");
  EXPECT_EQ(Faults(update), "lead.name: is required\n");
  update.mutable_update_mask()->set_paths(0, "*");
  EXPECT_EQ(Faults(update), "lead.name: is required\n");
  update.clear_lead_id();
  update.mutable_update_mask()->set_paths(0, "intent");
  EXPECT_EQ(Faults(update), "lead_id: is required\n");
}

TEST(Validate, PackedMessagesAreLookedInto) {
  base::v1::CreatePolicyRequest request;
  request.set_request_id(kUuid);
  request.set_service("leads");
  request.set_kind("pipeline:x");
  leads::v1::PipelinePolicy pipeline;
  pipeline.add_stages()->set_name("good");
  request.mutable_body()->PackFrom(pipeline);
  EXPECT_EQ(Faults(request), "");
  pipeline.add_stages()->set_name("bad\n");
  request.mutable_body()->PackFrom(pipeline);
  EXPECT_EQ(Faults(request).find("body.stages[1].name: has a control character"), 0u);
  request.mutable_body()->set_type_url("type.googleapis.com/spm.leads.v1.Nothing");
  EXPECT_EQ(Faults(request), "body: is of the unknown type \"spm.leads.v1.Nothing\"\n");
  request.mutable_body()->set_type_url("type.googleapis.com/spm.leads.v1.GradePolicy");
  request.mutable_body()->set_value("\xff\xff");
  EXPECT_EQ(Faults(request), "body: cannot be decoded as spm.leads.v1.GradePolicy\n");
}

TEST(Validate, NamesAtMostTwenty) {
  org::v1::CreatePersonRequest request;
  request.set_request_id(kUuid);
  for (int i = 0; i < 50; ++i) request.mutable_person()->add_skills("\x01");
  EXPECT_EQ(ValidateRequest(request, *org::v1::Person::descriptor()).size(), 20u);
}

TEST(OutputOnly, IsIgnoredInRequestsAtAnyDepth) {
  auto request = Good();
  request.mutable_lead()->set_id("mine");
  request.mutable_lead()->set_grade(leads::v1::GRADE_A);
  request.mutable_lead()->mutable_create_time()->set_seconds(1);
  request.mutable_lead()->add_external_ids()->set_id("x");
  ClearOutputOnly(&request);
  EXPECT_EQ(request.SerializeAsString(), Good().SerializeAsString());

  leads::v1::BatchImportLeadsRequest batch;
  batch.add_rows()->mutable_lead()->set_id("mine");
  batch.mutable_rows(0)->set_external_id("7");
  ClearOutputOnly(&batch);
  EXPECT_EQ(batch.rows(0).lead().id(), "");
  EXPECT_EQ(batch.rows(0).external_id(), "7");
}

TEST(Parse, NamesTheFieldThatIsNotUtf8) {
  // A field with text in place of one with bytes has the same wire form.
  auto request = Good();
  request.mutable_lead()->set_sector("SECTOR");
  std::string bytes = request.SerializeAsString();
  bytes.replace(bytes.find("SECTOR"), 2, "\xff\xfe");
  leads::v1::CreateLeadRequest parsed;
  const Status status = ParseMessage(bytes, &parsed);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "lead.sector: is not well-formed UTF-8; send it in UTF-8");

  leads::v1::BatchCreateLeadsRequest batch;
  batch.add_leads()->set_name("fine");
  batch.add_leads()->set_name("WRONG");
  bytes = batch.SerializeAsString();
  bytes.replace(bytes.find("WRONG"), 2, "\xff\xfe");
  EXPECT_EQ(ParseMessage(bytes, &batch).message(),
            "leads[1].name: is not well-formed UTF-8; send it in UTF-8");
}

TEST(Parse, RefusesOtherBytes) {
  leads::v1::CreateLeadRequest parsed;
  for (const std::string& bytes : {std::string(50, '\xff'), std::string("\x0a\xff\xff\xff\xff\x0f"),
                                   std::string("\x0a\x05x")}) {
    const Status status = ParseMessage(bytes, &parsed);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), "the bytes are no spm.leads.v1.CreateLeadRequest");
  }
  EXPECT_TRUE(ParseMessage("", &parsed).ok());
  EXPECT_TRUE(ParseMessage(Good().SerializeAsString(), &parsed).ok());
}

}  // namespace
}  // namespace spm
