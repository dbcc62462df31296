#include "services/org/service.h"

#include "services/org/import_rpc.h"
#include "services/org/org_rpc.h"
#include "services/org/org_store.h"
#include "services/org/rules/company_check.h"

namespace spm::org {

ServiceSpec OrgService(const v1::CompanyPolicy& company) {
  ServiceSpec s;
  s.name = "org";
  s.schema = EmbeddedSchema("services/org/schema");

  s.Command("OrgService/CreateUnit", CreateUnit);
  s.Query("OrgService/GetUnit", GetUnit);
  s.Query("OrgService/ListUnits", ListUnits);
  s.Command("OrgService/UpdateUnit", UpdateUnit, Loads(Units(), &v1::UpdateUnitRequest::unit_id));
  s.Command("OrgService/MoveUnit", MoveUnit, Loads(Units(), &v1::MoveUnitRequest::unit_id));
  s.Command("OrgService/BatchImportUnits", BatchImportUnits);

  s.Command("OrgService/CreatePerson", CreatePerson);
  s.Query("OrgService/GetPerson", GetPerson);
  s.Query("OrgService/ListPeople", ListPeople);
  s.Command("OrgService/UpdatePerson", UpdatePerson,
            Loads(People(), &v1::UpdatePersonRequest::person_id));
  s.Command("OrgService/MovePerson", MovePerson,
            Loads(People(), &v1::MovePersonRequest::person_id));
  s.Command("OrgService/BatchImportPeople", BatchImportPeople);

  s.check_policy = CheckPolicyBody;
  s.Policy("company", company);
  return s;
}

}  // namespace spm::org
