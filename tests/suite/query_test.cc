#include "services/suite/query.h"

#include <gtest/gtest.h>

namespace spm::suite {
namespace {

// Filters as dimension[value|value]; the error's text where there is one.
std::string Where(const std::vector<std::string>& texts) {
  const auto filters = ParseWhere(texts);
  if (!filters.ok()) return std::string(filters.status().message());
  std::string out;
  for (const auto& filter : *filters) {
    out += filter.dimension() + "[";
    for (int i = 0; i < filter.values_size(); ++i) out += (i > 0 ? "|" : "") + filter.values(i);
    out += "]";
  }
  return out;
}

TEST(Query, WhereTakesListsQuotesAndRepeats) {
  EXPECT_EQ(Where({"region=West,product=MG Special"}), "region[West]product[MG Special]");
  EXPECT_EQ(Where({"region=West", "region=East"}), "region[West|East]");
  EXPECT_EQ(Where({"customer="}), "customer[]");
  EXPECT_EQ(Where({"\"customer=Acme, Inc\",region=West"}), "customer[Acme, Inc]region[West]");
  EXPECT_EQ(Where({"customer=\"Acme, Inc\""}), "customer[Acme, Inc]");
  EXPECT_EQ(Where({"\"product=Valve, \"\"large\"\"\""}), "product[Valve, \"large\"]");
  EXPECT_EQ(Where({"product=5\" pipe"}), "product[5\" pipe]");
  EXPECT_EQ(Where({"product=a=b"}), "product[a=b]");
  EXPECT_EQ(Where({}), "");
}

TEST(Query, WhereNamesWhatIsWrong) {
  EXPECT_NE(Where({"West"}).find("'West' is not DIMENSION=VALUE"), std::string::npos);
  EXPECT_NE(Where({"=West"}).find("DIMENSION=VALUE"), std::string::npos);
  EXPECT_NE(Where({"\"region=West"}).find("not closed"), std::string::npos);
}

TEST(Query, DaysAndPeriodsAreChecked) {
  EXPECT_TRUE(ParseDayOption("from", "2017-12-31").ok());
  EXPECT_NE(std::string(ParseDayOption("from", "31.12.2017").status().message()).find("from"),
            std::string::npos);
  EXPECT_TRUE(ParsePeriodOption("2017-Q2").ok());
  EXPECT_FALSE(ParsePeriodOption("2017-Q5").ok());
}

TEST(Query, ValuesShowByTheirUnit) {
  performance::v1::MetricValue value;
  EXPECT_EQ(ShowValue(value, performance::v1::UNIT_MONEY, 2), "-");
  value.set_value(1234567.5);
  EXPECT_EQ(ShowValue(value, performance::v1::UNIT_MONEY, 2), "1,234,567.50");
  EXPECT_EQ(ShowValue(value, performance::v1::UNIT_COUNT, 2), "1,234,568");
  value.set_value(0.6315);
  EXPECT_EQ(ShowValue(value, performance::v1::UNIT_RATIO, 2), "63.1%");
}

TEST(Output, JsonIsFlatExactAndNullWhereEmpty) {
  performance::v1::MetricValue value;
  Json json = Json::Object();
  AddValue("none", value, &json);
  value.set_value(0.1);
  AddValue("tenth", value, &json);
  value.set_value(10005534);
  AddValue("sum", value, &json);
  json.Add("text", "a\"b").AddText("absent", std::nullopt);
  EXPECT_EQ(json.Text(), R"({"none":null,"tenth":0.1,"sum":10005534,"text":"a\"b","absent":null})");
  EXPECT_EQ(JsonLines({}), "[]\n");
}

TEST(Output, TablesAlignWideLetters) {
  Table table({"name", ">n"});
  table.Add({"线索", "1"});
  table.Add({"abcde", "20"});
  EXPECT_EQ(table.Text(), "name    n\n线索    1\nabcde  20\n");
}

}  // namespace
}  // namespace spm::suite
