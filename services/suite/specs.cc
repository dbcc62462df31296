#include "services/suite/specs.h"

#include "services/leads/service.h"
#include "services/orders/service.h"
#include "services/org/service.h"
#include "services/performance/service.h"

namespace spm::suite {

std::vector<ServiceSpec> Specs(const Config& config) {
  org::v1::CompanyPolicy company;
  company.set_currency(config.company.currency);
  company.set_zone(config.company.zone);
  company.set_language(config.company.language);
  std::vector<ServiceSpec> specs;
  specs.push_back(org::OrgService(company));
  specs.push_back(orders::OrdersService());
  specs.push_back(leads::LeadsService());
  specs.push_back(performance::PerformanceService());
  return specs;
}

}  // namespace spm::suite
