#include "services/suite/import/mapping.h"

#include <gtest/gtest.h>

#include "tests/suite/files_on_disk.h"

namespace spm::suite {
namespace {

constexpr char kHead[] = "source: crm\nfiles: {deals: deals.csv}\n";

// The error of a mapping over a file deals.csv with columns id, rep, state, day; "" without.
std::string Check(const std::string& text) {
  FilesOnDisk disk;
  const auto input = disk.Open(text, {{"deals.csv", "id,rep,state,day\n1,Ann,Won,2017-06-01\n"}});
  if (input.ok()) return "";
  std::string message(input.status().message());
  const size_t at = message.find("mapping.yaml:");
  return at == std::string::npos ? message : message.substr(at + 13);
}

TEST(Mapping, AFaultNamesItsLineAndTheRemedy) {
  const std::string head = kHead;
  const struct {
    std::string yaml;
    const char* line;
    const char* text;
  } kCases[] = {
      {head + "people:\n  file: deals\n  key: rep\n  nmae: rep\n", "6:", "did you mean 'name'"},
      {head + "people:\n  file: deals\n  key: Rep\n", "5:", "did you mean 'rep'"},
      {head + "people:\n  file: deals\n", "4:", "people needs `key`"},
      {head + "people:\n  file: other\n  key: rep\n", "4:", "not among `files`"},
      {head + "people:\n  file: deals\n  key: {map: {a: b}}\n", "5:", "where its value comes from"},
      {head + "people:\n  file: deals\n  key: {column: rep, value: x}\n", "5:", "more than one"},
      {head + "people:\n  file: deals\n  key: rep\n  key: id\n", "6:", "occurs twice"},
      {head + "people:\n  file: deals\n  key: rep\n  roles: state\n", "6:", "{column: state}"},
      {head + "people:\n  file: deals\n  key: {column: rep, when: {nowhere: x}}\n",
       "5:", "nowhere"},
      {head + "units:\n  file: deals\n  distinct: rep\n  kind: region\n  repeats: last\n",
       "7:", "refuse or first"},
      {head + "leads:\n  file: deals\n  key: id\n  created: {column: day, format: yyyy-qq}\n",
       "6:", "qq"},
      {head + "leads:\n  file: deals\n  key: id\n  name: rep\n  budget: {column: id, decimal: x}\n",
       "7:", "decimal"},
      {head + "leads:\n  file: deals\n  key: id\n  created: {column: day, zone: Mars}\n",
       "6:", "Mars"},
      {head + "opportunities:\n  file: deals\n  key: id\n  owner: rep\n", "4:", "history"},
      {head + "opportunities:\n  file: deals\n  key: id\n  owner: rep\n  history: [{stage: a}]\n",
       "7:", "stage and date"},
      {"source: CRM!\nfiles: {deals: deals.csv}\npeople: {file: deals, key: rep}\n",
       "1:", "source is"},
      {"files: {deals: deals.csv}\npeople: {file: deals, key: rep}\n", "1:", "`source` is missing"},
      {head + "currency: DOLLARS\npeople: {file: deals, key: rep}\n", "3:", "ISO 4217"},
      {head + "peopel: {file: deals, key: rep}\n", "3:", "did you mean 'people'"},
      {head, "1:", "imports nothing"},
      {head + "people: [\n", "", "is no YAML"},
      {head + "targets: {file: deals, subject: person, key: rep}\n", "3:", "period"},
  };
  for (const auto& one : kCases) {
    const std::string fault = Check(one.yaml);
    EXPECT_TRUE(fault.starts_with(one.line)) << one.yaml << "\n" << fault;
    EXPECT_NE(fault.find(one.text), std::string::npos) << one.yaml << "\n" << fault;
  }
}

TEST(Mapping, AStageThatIsNotInThePipelineIsAFault) {
  const std::string fault = Check(std::string(kHead) +
                                  "pipelines: {p: {stages: [{id: Open}, {id: Won, kind: won}]}}\n"
                                  "opportunities:\n  file: deals\n  key: id\n  owner: rep\n"
                                  "  history: [{stage: Opened, date: day}]\n");
  EXPECT_NE(fault.find("stage 'Opened' is not in pipeline p (Open, Won)"), std::string::npos)
      << fault;
}

TEST(Mapping, AMissingFileNamesTheMappingsLine) {
  FilesOnDisk disk;
  const auto input =
      disk.Open("source: crm\nfiles:\n  deals: none.csv\npeople: {file: deals, key: rep}\n", {});
  EXPECT_EQ(input.status().code(), StatusCode::kNotFound);
  EXPECT_NE(std::string(input.status().message()).find("mapping.yaml:3: file deals"),
            std::string::npos);
}

TEST(Mapping, DefaultsOfTheWholeMappingHoldWhereverTheyStand) {
  FilesOnDisk disk;
  const auto input = disk.Open(
      "source: crm\nfiles: {deals: deals.csv}\n"
      "leads: {file: deals, key: id, name: rep, created: day, budget: id}\n"
      "dates: dd/mm/yyyy\nnumbers: {decimal: \",\"}\nzone: Asia/Shanghai\n",
      {{"deals.csv", "id,rep,day\n"}});
  ASSERT_TRUE(input.ok()) << input.status().message();
  const Block& block = input->mapping.blocks.at(0);
  EXPECT_EQ(block.Find("created")->formats.at(0).text(), "dd/mm/yyyy");
  EXPECT_TRUE(block.Find("created")->zone.has_value());
  EXPECT_EQ(block.Find("budget")->number.decimal, ',');
  EXPECT_EQ(block.Find("budget")->number.thousands, '.');
}

TEST(Mapping, KindsComeInTheOrderOfImport) {
  FilesOnDisk disk;
  const auto input = disk.Open(
      "source: crm\nfiles: {deals: deals.csv}\n"
      "products: {file: deals, key: id}\n"
      "people: [{file: deals, key: id}, {file: deals, key: rep}]\n",
      {{"deals.csv", "id,rep\n"}});
  ASSERT_TRUE(input.ok()) << input.status().message();
  ASSERT_EQ(input->mapping.blocks.size(), 3u);
  EXPECT_EQ(input->mapping.blocks[0].Find("key")->text, "id");
  EXPECT_EQ(input->mapping.blocks[1].Find("key")->text, "rep");
  EXPECT_EQ(input->mapping.blocks[2].kind, Kind::kProducts);
}

TEST(Mapping, TheExamplesOfTheRepositoryAreRight) {
  const auto crm = ParseMapping("tests/data/crm-mapping.yaml");
  ASSERT_TRUE(crm.ok()) << crm.status().message();
  EXPECT_EQ(crm->blocks.size(), 7u);
  const auto quick = OpenImport("examples/quickstart/mapping.yaml", "examples/quickstart");
  ASSERT_TRUE(quick.ok()) << quick.status().message();
}

}  // namespace
}  // namespace spm::suite
