// Every service of the suite that has a ServiceSpec.
#pragma once

#include <vector>

#include "services/leads/service.h"
#include "services/orders/service.h"
#include "services/org/service.h"
#include "services/performance/service.h"

namespace spm::testing {

inline std::vector<ServiceSpec> AllSpecs() {
  org::v1::CompanyPolicy company;
  company.set_currency("USD");
  company.set_zone("UTC");
  company.set_language("en");
  std::vector<ServiceSpec> specs;
  specs.push_back(org::OrgService(company));
  specs.push_back(orders::OrdersService());
  specs.push_back(leads::LeadsService());
  specs.push_back(performance::PerformanceService());
  return specs;
}

}  // namespace spm::testing
