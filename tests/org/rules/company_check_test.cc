#include "services/org/rules/company_check.h"

#include <gtest/gtest.h>

namespace spm::org {
namespace {

TEST(CompanyCheck, NamesEveryFieldThatIsWrong) {
  struct {
    const char *currency, *zone, *language, *wrong;
  } cases[] = {
      {"USD", "UTC", "en", ""},
      {"CNY", "Asia/Shanghai", "zh", ""},
      {"XXQ", "UTC", "en", "body.currency"},
      {"usd", "UTC", "en", "body.currency"},
      {"USD", "Mars/Base", "en", "body.zone"},
      {"USD", "UTC", "fr", "body.language"},
      {"USD", "UTC", "", "body.language"},
  };
  for (const auto& c : cases) {
    v1::CompanyPolicy company;
    company.set_currency(c.currency);
    company.set_zone(c.zone);
    company.set_language(c.language);
    const Status status = CheckCompany(company);
    EXPECT_EQ(status.ok(), *c.wrong == '\0') << status;
    EXPECT_NE(status.message().find(c.wrong), std::string::npos) << status;
  }
  EXPECT_FALSE(CheckPolicyBody("other", v1::CompanyPolicy()).ok());
}

}  // namespace
}  // namespace spm::org
