// Commands and queries of OrgService. Decided in the lane, answered from a snapshot.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/org/v1/org.pb.h"

namespace spm::org {

StatusOr<v1::Unit> CreateUnit(Tx&, const v1::CreateUnitRequest&, const Call&);
StatusOr<v1::Unit> GetUnit(Snapshot&, const v1::GetUnitRequest&, const Call&);
StatusOr<v1::ListUnitsResponse> ListUnits(Snapshot&, const v1::ListUnitsRequest&, const Call&);
StatusOr<v1::Unit> UpdateUnit(Tx&, const v1::UpdateUnitRequest&, const Call&);
StatusOr<v1::Unit> MoveUnit(Tx&, const v1::MoveUnitRequest&, const Call&);

StatusOr<v1::Person> CreatePerson(Tx&, const v1::CreatePersonRequest&, const Call&);
StatusOr<v1::Person> GetPerson(Snapshot&, const v1::GetPersonRequest&, const Call&);
StatusOr<v1::ListPeopleResponse> ListPeople(Snapshot&, const v1::ListPeopleRequest&, const Call&);
StatusOr<v1::Person> UpdatePerson(Tx&, const v1::UpdatePersonRequest&, const Call&);
StatusOr<v1::Person> MovePerson(Tx&, const v1::MovePersonRequest&, const Call&);

// The unit's id for an id or source:key; INVALID_ARGUMENT with `field` where there is none. Empty
// stays.
StatusOr<std::string> UnitRef(Tx& tx, const std::string& ref, const std::string& field);
StatusOr<std::string> PersonRef(Tx& tx, const std::string& ref, const std::string& field);
// FAILED_PRECONDITION, UNIT_CIRCLE, where a unit would stand above itself on some day.
Status CheckNoCircle(Tx& tx, const v1::Unit& unit);
Status CheckNoManagerCircle(Tx& tx, const v1::Person& person);

}  // namespace spm::org
