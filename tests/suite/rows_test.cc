#include "services/suite/import/rows.h"

#include <gtest/gtest.h>

#include "common/base/time.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/org/v1/org.pb.h"
#include "tests/suite/files_on_disk.h"

namespace spm::suite {
namespace {

// Builds the rows of the mapping's last block; a refused row is "field: reason".
template <typename Request>
struct Built {
  Built(const std::string& mapping, const std::map<std::string, std::string>& files,
        const std::string& zone = "Asia/Shanghai") {
    auto input = disk.Open(mapping, files);
    if (!input.ok()) {
      refused.push_back(std::string(input.status().message()));
      return;
    }
    RowBuilder builder(&input->mapping, &input->files,
                       {FindCurrency("USD").value(), FileZone::Find(zone).value()});
    if (const Status ready = builder.Prepare(); !ready.ok()) {
      refused.push_back(std::string(ready.message()));
      return;
    }
    const Block& block = input->mapping.blocks.back();
    auto reader = input->files.Read(*input->mapping.File(block.file)).value();
    Row row;
    while (reader->Next(&row)) {
      if (!Holds(block.where, row)) continue;
      RowNotes one;
      auto* message = request.add_rows();
      if (auto fault = builder.Build(block, row, message, &one)) {
        request.mutable_rows()->RemoveLast();
        refused.push_back(std::to_string(row.line) + " " + fault->field + ": " + fault->reason);
      } else {
        notes.push_back(one);
      }
    }
  }

  FilesOnDisk disk;
  Request request;
  std::vector<std::string> refused;
  std::vector<RowNotes> notes;
};

using Deals = Built<leads::v1::BatchImportOpportunitiesRequest>;
using Leads = Built<leads::v1::BatchImportLeadsRequest>;
using People = Built<org::v1::BatchImportPeopleRequest>;

std::string Day(const google::type::Date& date) {
  return FormatDay(DayOf({date.year(), date.month(), date.day()}));
}

std::string History(const leads::v1::BatchImportOpportunitiesRequest::Row& row) {
  std::string text;
  for (const auto& step : row.history())
    text += step.stage() + " " +
            (step.has_day() ? Day(step.day())
                            : FormatTime(step.time().seconds() * kSecondUs).substr(0, 16)) +
            ";";
  return text;
}

constexpr char kDeals[] =
    "source: crm\nfiles: {deals: deals.csv}\nopportunities:\n  file: deals\n  key: id\n"
    "  owner: rep\n  amount: {column: value, when: {state: Won}}\n  history:\n"
    "    - {stage: New, date: {column: start, default: 2017-12-31}, when: {state: New}}\n"
    "    - {stage: Talk, date: start, when: {state: {not: New}}}\n"
    "    - {stage: Won, date: end, when: {state: Won}}\n"
    "    - {stage: Lost, date: end, when: {state: Lost}}\n";

TEST(Rows, ADealsHistoryFollowsItsConditionsAndDates) {
  const Deals built(kDeals, {{"deals.csv",
                              "id,rep,state,start,end,value\n"
                              "a,Ann,Won,2017-01-02,2017-02-03,10.50\n"
                              "b,Ann,Lost,2017-01-02,2017-02-03,0\n"
                              "c,Bob,Talk,2017-01-02,,\n"
                              "d,Bob,New,,,\n"
                              "e,Bob,Won,2017-03-02,2017-02-03,1\n"
                              "f,Bob,Won,2017-03-02,,1\n"
                              "g,,Won,2017-01-02,2017-02-03,1\n"
                              "h,Bob,Won,2017-01-02,2017-02-30,1\n"
                              "i,Bob,Won,2017-01-02,2017-02-03,many\n"}});
  ASSERT_EQ(built.request.rows_size(), 4);
  EXPECT_EQ(History(built.request.rows(0)), "Talk 2017-01-02;Won 2017-02-03;");
  EXPECT_EQ(built.request.rows(0).amount().units(), 10);
  EXPECT_EQ(built.request.rows(0).amount().nanos(), 500'000'000);
  EXPECT_EQ(built.request.rows(0).owner_id(), "crm:Ann");
  EXPECT_EQ(History(built.request.rows(1)), "Talk 2017-01-02;Lost 2017-02-03;");
  EXPECT_FALSE(built.request.rows(1).has_amount());
  EXPECT_EQ(History(built.request.rows(2)), "Talk 2017-01-02;");
  EXPECT_EQ(History(built.request.rows(3)), "New 2017-12-31;");
  EXPECT_EQ(built.notes[3].defaulted, std::vector<std::string>{"history[0].date"});
  ASSERT_EQ(built.refused.size(), 5u);
  EXPECT_EQ(built.refused[0],
            "6 history[2].date: 2017-02-03 of stage Won is before 2017-03-02 of stage Talk");
  EXPECT_TRUE(built.refused[1].starts_with("7 history[2].date: is blank"));
  EXPECT_EQ(built.refused[2], "8 owner: is blank");
  EXPECT_TRUE(built.refused[3].starts_with("9 history[2].date: '2017-02-30' is no date"));
  EXPECT_EQ(built.refused[4], "10 amount: 'many' is no number");
}

TEST(Rows, AHistoryOfAFileOfItsOwnIsSortedAndJoined) {
  const Deals built(
      "source: crm\nzone: Europe/Berlin\nfiles: {deals: deals.csv, log: log.csv}\nopportunities:\n"
      "  file: deals\n  key: id\n  owner: rep\n  history:\n    - {file: log, match: deal, stage: "
      "{column: to, map: {closed: Won}}, date: {column: at, format: \"yyyy-mm-dd hh:mm\"}}\n",
      {{"deals.csv", "id,rep\na,Ann\nb,Ann\n"},
       {"log.csv",
        "deal,to,at\na,closed,2017-07-03 09:00\na,Talk,2017-06-01 00:30\na,Talk,2017-06-02 "
        "10:00\n"}});
  ASSERT_EQ(built.request.rows_size(), 1);
  // Times are those of the mapping's zone.
  EXPECT_EQ(History(built.request.rows(0)), "Talk 2017-05-31T22:30;Won 2017-07-03T07:00;");
  ASSERT_EQ(built.refused.size(), 1u);
  EXPECT_TRUE(built.refused[0].starts_with("3 history: no step"));
}

TEST(Rows, ADayAndATimeOfItCompareAsDays) {
  const std::string mapping =
      "source: crm\nzone: Asia/Shanghai\nfiles: {d: d.csv}\nopportunities:\n  file: d\n  key: id\n"
      "  owner: rep\n  history:\n"
      "    - {stage: Talk, date: {column: a, format: [iso]}}\n    - {stage: Won, date: b}\n";
  const Deals built(mapping, {{"d.csv",
                               "id,rep,a,b\n1,Ann,2017-06-01 10:00,2017-06-01\n"
                               "2,Ann,2017-06-02 00:01,2017-06-01\n"}});
  ASSERT_EQ(built.request.rows_size(), 1);
  EXPECT_EQ(History(built.request.rows(0)), "Talk 2017-06-01T02:00;Won 2017-06-01;");
  ASSERT_EQ(built.refused.size(), 1u);
}

TEST(Rows, ADayIsTheCompanysAndNeverShifted) {
  const Leads built(
      "source: crm\nzone: America/New_York\nfiles: {l: l.csv}\nleads:\n  file: l\n  key: id\n"
      "  name: n\n  created: {column: d, format: [yyyy-mm-dd, \"yyyy-mm-dd hh:mm\"]}\n",
      {{"l.csv", "id,n,d\n1,A,2017-06-01\n2,B,2017-06-01 10:00\n"}});
  ASSERT_EQ(built.request.rows_size(), 2);
  // The first moment of the day in the company's zone, and a time of the mapping's.
  EXPECT_EQ(FormatTime(built.request.rows(0).occur_time().seconds() * kSecondUs).substr(0, 16),
            "2017-05-31T16:00");
  EXPECT_EQ(FormatTime(built.request.rows(1).occur_time().seconds() * kSecondUs).substr(0, 16),
            "2017-06-01T14:00");
}

TEST(Rows, ValuesAreMappedJoinedJoinedUpAndDefaulted) {
  const Leads built(
      "source: crm\nfiles:\n  l:\n    path: l.csv\n    blank: [n/a]\n    values: {src: {www: "
      "online}}\n"
      "  p: p.csv\nleads:\n  file: l\n  key: id\n"
      "  name: {template: \"{first} {last}\"}\n"
      "  lead_source: {column: src, map: {fair: show}, else: other, default: unknown}\n"
      "  owner: {column: rep, lookup: {file: p, key: name, take: no}}\n"
      "  phone: [mobile, phone]\n"
      "  status: {column: state, map: {open: new}}\n"
      "  sector: {value: retail}\n"
      "  intent: {column: score, default: 50}\n",
      {{"l.csv",
        "id,first,last,src,rep,mobile,phone,state,score\n"
        "1,Ada,Abel,fair,Ann,,123,open,7\n"
        "2,Ben,,www,Bob,9,1,converted,\n"
        "3,Cy,Dee,n/a,Ann,,,new,x\n"
        "4,Cy,Dee,,Zoe,,,new,1\n"
        "5,Cy,Dee,,Ann,,,odd,1\n"},
       {"p.csv", "no,name\n17,Ann\n18,Bob\n"}});
  ASSERT_EQ(built.request.rows_size(), 2);
  const auto& first = built.request.rows(0).lead();
  EXPECT_EQ(first.name(), "Ada Abel");
  EXPECT_EQ(first.source(), "show");
  EXPECT_EQ(first.owner_id(), "crm:17");
  EXPECT_EQ(first.phone(), "123");
  EXPECT_EQ(built.request.rows(0).status(), leads::v1::LEAD_STATUS_NEW);
  EXPECT_EQ(first.sector(), "retail");
  EXPECT_EQ(first.intent(), 7);
  const auto& second = built.request.rows(1).lead();
  EXPECT_EQ(second.name(), "Ben");
  EXPECT_EQ(second.source(), "other");
  EXPECT_EQ(second.phone(), "9");
  EXPECT_EQ(second.intent(), 50);
  ASSERT_EQ(built.refused.size(), 3u);
  EXPECT_EQ(built.refused[0], "4 intent: 'x' is no number");
  EXPECT_EQ(built.refused[1], "5 owner: no row of file p has 'Zoe' in column name");
  EXPECT_EQ(built.refused[2], "6 status: 'odd' is none of new, contacted, converted, disqualified");
}

TEST(Rows, PeopleTakeRolesListsAndTheirOwnSuperiorAsNone) {
  const People built(
      "source: hr\nfiles: {p: p.csv}\npeople:\n  file: p\n  key: no\n  name: name\n"
      "  roles: {column: role, split: \"/\"}\n  manager: boss\n  skills: {column: skills, split: "
      "\",\"}\n"
      "  inactive: left\n  unit: {column: team, source: org}\n  leads: {column: head}\n",
      {{"p.csv",
        "no,name,role,boss,skills,left,team,head\n"
        "1,Ann,manager/rep,1,\"a, b,\",no,t1,yes\n"
        "2,Bob,REP,1,,x,,\n"
        "3,Cid,boss,1,,,,\n"
        "4,Dan,rep,1,,maybe,,\n"
        "5,Eve,rep\n"}});
  ASSERT_EQ(built.request.rows_size(), 2);
  const auto& ann = built.request.rows(0);
  EXPECT_EQ(ann.roles_size(), 2);
  EXPECT_EQ(ann.manager_id(), "");
  EXPECT_EQ(ann.skills_size(), 2);
  EXPECT_EQ(ann.skills(1), "b");
  EXPECT_EQ(ann.unit_id(), "org:t1");
  EXPECT_TRUE(ann.leads());
  EXPECT_FALSE(ann.inactive());
  EXPECT_EQ(built.request.rows(1).manager_id(), "hr:1");
  EXPECT_TRUE(built.request.rows(1).inactive());
  ASSERT_EQ(built.refused.size(), 3u);
  EXPECT_TRUE(built.refused[0].starts_with("4 roles: 'boss' is none of rep, manager"));
  EXPECT_EQ(built.refused[1], "5 inactive: 'maybe' is neither yes nor no");
  EXPECT_EQ(
      built.refused[2],
      "6 : has 3 columns where the file has 8; a value that holds the delimiter stands in quotes");
}

TEST(Rows, AConstantOfTheWrongKindIsAFaultOfTheMapping) {
  const People built(
      "source: hr\nfiles: {p: p.csv}\npeople:\n  file: p\n  key: no\n  roles: boss\n",
      {{"p.csv", "no\n1\n"}});
  ASSERT_EQ(built.refused.size(), 1u);
  EXPECT_NE(built.refused[0].find("mapping.yaml:6: roles of people: 'boss'"), std::string::npos)
      << built.refused[0];
}

TEST(Rows, ConditionsOfFileAndBlockChooseRows) {
  const People built(
      "source: hr\nfiles: {p: {path: p.csv, where: {state: {not: \"\"}}}}\npeople:\n  file: p\n"
      "  where: {state: [in, out]}\n  key: no\n",
      {{"p.csv", "no,state\n1,in\n2,\n3,gone\n4,out\n"}});
  ASSERT_EQ(built.request.rows_size(), 2);
  EXPECT_EQ(built.request.rows(1).external_id(), "4");
}

}  // namespace
}  // namespace spm::suite
