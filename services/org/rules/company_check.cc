#include "services/org/rules/company_check.h"

#include <vector>

#include "common/base/money.h"
#include "common/base/time.h"

namespace spm::org {

Status CheckCompany(const v1::CompanyPolicy& company) {
  std::vector<Violation> wrong;
  if (!FindCurrency(company.currency()).ok())
    wrong.push_back({"body.currency", "must be an ISO 4217 code such as USD or CNY"});
  if (!Zone::Find(company.zone()).ok())
    wrong.push_back({"body.zone", "must be a zone of the IANA database such as Asia/Shanghai"});
  if (company.language() != "zh" && company.language() != "en")
    wrong.push_back({"body.language", "must be zh or en"});
  return wrong.empty() ? OkStatus() : InvalidFields(wrong);
}

Status CheckPolicyBody(const std::string& kind, const google::protobuf::Message& body) {
  if (kind != "company") return InvalidField("kind", "must be company, not " + kind);
  return CheckCompany(static_cast<const v1::CompanyPolicy&>(body));
}

}  // namespace spm::org
