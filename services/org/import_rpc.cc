#include "services/org/import_rpc.h"

#include <vector>

#include "common/rpc/validate.h"
#include "common/write/external.h"
#include "services/org/org_rpc.h"
#include "services/org/org_store.h"
#include "services/org/rules/dated.h"
#include "spm/org/v1/events.pb.h"

namespace spm::org {
namespace {

using base::v1::RowResult;

// The entry that an import changes holds from today on; the first one from ever.
template <typename Entry, typename List>
void PlaceToday(Entry entry, int32_t today, List* list) {
  if (!list->empty()) SetDay(today, entry.mutable_from());
  Place(entry, list);
}

Status ImportUnit(Tx& tx, const std::string& source, const v1::BatchImportUnitsRequest::Row& row,
                  const Call& call, RowResult* result) {
  if (auto wrong = ValidateMessage(row); !wrong.empty()) return InvalidFields(wrong);
  ASSIGN_OR_RETURN(auto known, FindExternal(tx, "unit", source, row.external_id()));
  const std::string hash = RowHash(row);
  if (known && known->hash == hash) {
    result->set_outcome(RowResult::OUTCOME_UNCHANGED);
    result->set_id(known->id);
    return OkStatus();
  }
  ASSIGN_OR_RETURN(std::string parent, UnitRef(tx, row.parent_id(), "parent_id"));
  v1::Unit unit;
  if (known) {
    ASSIGN_OR_RETURN(unit, Units().Get(tx, known->id, Scope::Service()));
  } else {
    unit.set_id(call.NewId());
    auto* key = unit.add_external_ids();
    key->set_source(source);
    key->set_id(row.external_id());
  }
  unit.set_name(row.name());
  unit.set_kind(row.kind());
  const v1::Placement* now = InForce(unit.placements(), call.today);
  if ((now == nullptr ? "" : now->parent_id()) != parent) {
    v1::Placement placement;
    placement.set_parent_id(parent);
    PlaceToday(placement, call.today, unit.mutable_placements());
    RETURN_IF_ERROR(CheckNoCircle(tx, unit));
  }
  SaveExternal(tx, "unit", source, row.external_id(), {unit.id(), hash});
  result->set_id(unit.id());
  if (known) {
    v1::UnitUpdated updated;
    *updated.mutable_unit() = unit;
    updated.mutable_unit()->set_version(unit.version() + 1);
    Units().Save(tx, &unit, updated);
    result->set_outcome(RowResult::OUTCOME_UPDATED);
  } else {
    v1::UnitCreated created;
    *created.mutable_unit() = unit;
    created.mutable_unit()->set_version(1);
    Units().Save(tx, &unit, created);
    result->set_outcome(RowResult::OUTCOME_CREATED);
  }
  return OkStatus();
}

Status FillPerson(Tx& tx, const v1::BatchImportPeopleRequest::Row& row, const Call& call,
                  v1::Person* person) {
  ASSIGN_OR_RETURN(std::string unit, UnitRef(tx, row.unit_id(), "unit_id"));
  ASSIGN_OR_RETURN(std::string manager, PersonRef(tx, row.manager_id(), "manager_id"));
  person->set_name(row.name());
  *person->mutable_roles() = row.roles();
  if (person->roles().empty()) person->add_roles(base::v1::ROLE_REP);
  *person->mutable_skills() = row.skills();
  person->set_capacity(row.capacity());
  person->set_inactive(row.inactive());
  const v1::Membership* now = InForce(person->memberships(), call.today);
  if ((now == nullptr ? "" : now->unit_id()) != unit ||
      (now != nullptr && now->leads() != row.leads())) {
    v1::Membership membership;
    membership.set_unit_id(unit);
    membership.set_leads(row.leads());
    PlaceToday(membership, call.today, person->mutable_memberships());
  }
  const v1::Reporting* line = InForce(person->reporting(), call.today);
  if ((line == nullptr ? "" : line->manager_id()) != manager) {
    v1::Reporting reporting;
    reporting.set_manager_id(manager);
    PlaceToday(reporting, call.today, person->mutable_reporting());
    RETURN_IF_ERROR(CheckNoManagerCircle(tx, *person));
  }
  return OkStatus();
}

Status ImportPerson(Tx& tx, const std::string& source, const v1::BatchImportPeopleRequest::Row& row,
                    const Call& call, RowResult* result) {
  if (auto wrong = ValidateMessage(row); !wrong.empty()) return InvalidFields(wrong);
  ASSIGN_OR_RETURN(auto known, FindExternal(tx, "person", source, row.external_id()));
  const std::string hash = RowHash(row);
  if (known && known->hash == hash) {
    result->set_outcome(RowResult::OUTCOME_UNCHANGED);
    result->set_id(known->id);
    return OkStatus();
  }
  v1::Person person;
  if (known) {
    ASSIGN_OR_RETURN(person, People().Get(tx, known->id, Scope::Service()));
  } else {
    person.set_id(call.NewId());
    auto* key = person.add_external_ids();
    key->set_source(source);
    key->set_id(row.external_id());
  }
  RETURN_IF_ERROR(FillPerson(tx, row, call, &person));
  SaveExternal(tx, "person", source, row.external_id(), {person.id(), hash});
  result->set_id(person.id());
  if (known) {
    v1::PersonUpdated updated;
    *updated.mutable_person() = person;
    updated.mutable_person()->set_version(person.version() + 1);
    People().Save(tx, &person, updated);
    result->set_outcome(RowResult::OUTCOME_UPDATED);
  } else {
    v1::PersonCreated created;
    *created.mutable_person() = person;
    created.mutable_person()->set_version(1);
    People().Save(tx, &person, created);
    result->set_outcome(RowResult::OUTCOME_CREATED);
  }
  return OkStatus();
}

// Rows may name rows that come later in the call: what fails is tried again while others succeed.
template <typename Response, typename Request, typename F>
Response ImportAll(Tx& tx, const Request& request, const F& import_one) {
  std::vector<RowResult> results(request.rows_size());
  std::vector<int> left(request.rows_size());
  for (int i = 0; i < request.rows_size(); ++i) left[i] = i;
  for (bool progress = true; progress && !left.empty();) {
    progress = false;
    std::vector<int> failed;
    for (int i : left) {
      results[i].Clear();
      Status status = tx.RunRow(i, [&] { return import_one(request.rows(i), &results[i]); });
      if (status.ok()) {
        progress = true;
        continue;
      }
      results[i].Clear();
      results[i].set_outcome(RowResult::OUTCOME_REFUSED);
      *results[i].mutable_error() = ToProto(status);
      failed.push_back(i);
    }
    left = std::move(failed);
  }
  Response response;
  for (RowResult& r : results) *response.add_results() = std::move(r);
  return response;
}

}  // namespace

StatusOr<v1::BatchImportUnitsResponse> BatchImportUnits(Tx& tx,
                                                        const v1::BatchImportUnitsRequest& request,
                                                        const Call& call) {
  return ImportAll<v1::BatchImportUnitsResponse>(
      tx, request, [&](const auto& row, RowResult* result) {
        return ImportUnit(tx, request.source(), row, call, result);
      });
}

StatusOr<v1::BatchImportPeopleResponse> BatchImportPeople(
    Tx& tx, const v1::BatchImportPeopleRequest& request, const Call& call) {
  return ImportAll<v1::BatchImportPeopleResponse>(
      tx, request, [&](const auto& row, RowResult* result) {
        return ImportPerson(tx, request.source(), row, call, result);
      });
}

}  // namespace spm::org
