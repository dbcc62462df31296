#include "services/org/org_rpc.h"

#include <algorithm>
#include <set>

#include "common/db/page_token.h"
#include "common/write/external.h"
#include "common/write/mask.h"
#include "services/org/org_store.h"
#include "services/org/rules/dated.h"
#include "spm/org/v1/events.pb.h"

namespace spm::org {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 1000;

// Looks at every day on which the chain above can differ: the row's own, and later ones of what is
// met above it.
template <typename Row, typename Dated, typename Parent>
Status NoCircle(Tx& tx, const Table<Row>& table, const Row& row, Dated dated, Parent parent,
                const Status& refusal) {
  std::set<int32_t> days;
  for (const auto& entry : dated(row)) days.insert(FromDay(entry));
  // Grows behind the day that is looked at.
  for (const int32_t day : days) {
    std::set<std::string> seen{row.id()};
    const auto* entry = InForce(dated(row), day);
    std::string at = entry == nullptr ? "" : parent(*entry);
    while (!at.empty()) {
      if (!seen.insert(at).second) return refusal;
      ASSIGN_OR_RETURN(auto above, table.Find(tx, at, Scope::Service()));
      if (!above) break;
      for (const auto& other : dated(*above))
        if (FromDay(other) > day) days.insert(FromDay(other));
      const auto* next = InForce(dated(*above), day);
      at = next == nullptr ? "" : parent(*next);
    }
  }
  return OkStatus();
}

void SaveKeys(Tx& tx, const std::string& kind, const std::string& id,
              const google::protobuf::RepeatedPtrField<base::v1::ExternalId>& keys) {
  for (const auto& key : keys) SaveExternal(tx, kind, key.source(), key.id(), {id, ""});
}

// A key of another system names one record.
Status CheckKeys(Tx& tx, const std::string& kind,
                 const google::protobuf::RepeatedPtrField<base::v1::ExternalId>& keys) {
  for (const auto& key : keys) {
    ASSIGN_OR_RETURN(auto found, FindExternal(tx, kind, key.source(), key.id()));
    if (found)
      return WithMetadata(Error(StatusCode::kAlreadyExists, "EXTERNAL_ID_TAKEN",
                                "external_ids: " + key.source() + ":" + key.id() +
                                    " names another " + kind + "; update that one"),
                          "id", found->id);
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::string> UnitRef(Tx& tx, const std::string& ref, const std::string& field) {
  if (ref.empty()) return ref;
  ASSIGN_OR_RETURN(std::string id, ResolveRef(tx, "unit", ref, field));
  ASSIGN_OR_RETURN(auto unit, Units().Find(tx, id, Scope::Service()));
  if (!unit) return InvalidField(field, "no unit has the id " + ref);
  return id;
}

StatusOr<std::string> PersonRef(Tx& tx, const std::string& ref, const std::string& field) {
  if (ref.empty()) return ref;
  ASSIGN_OR_RETURN(std::string id, ResolveRef(tx, "person", ref, field));
  ASSIGN_OR_RETURN(auto person, People().Find(tx, id, Scope::Service()));
  if (!person) return InvalidField(field, "no person has the id " + ref);
  return id;
}

Status CheckNoCircle(Tx& tx, const v1::Unit& unit) {
  return NoCircle(
      tx, Units(), unit, [](const v1::Unit& u) -> const auto& { return u.placements(); },
      [](const v1::Placement& p) { return p.parent_id(); },
      Precondition("UNIT_CIRCLE",
                   "parent_id: the unit would stand above itself; choose another parent"));
}

Status CheckNoManagerCircle(Tx& tx, const v1::Person& person) {
  return NoCircle(
      tx, People(), person, [](const v1::Person& p) -> const auto& { return p.reporting(); },
      [](const v1::Reporting& r) { return r.manager_id(); },
      Precondition("MANAGER_CIRCLE",
                   "manager_id: the person would report to itself; choose another manager"));
}

StatusOr<v1::Unit> CreateUnit(Tx& tx, const v1::CreateUnitRequest& request, const Call& call) {
  v1::Unit unit = request.unit();
  RETURN_IF_ERROR(CheckKeys(tx, "unit", unit.external_ids()));
  unit.set_id(call.NewId());
  unit.set_version(0);
  for (auto& placement : *unit.mutable_placements()) {
    ASSIGN_OR_RETURN(*placement.mutable_parent_id(),
                     UnitRef(tx, placement.parent_id(), "unit.placements.parent_id"));
  }
  Arrange(unit.mutable_placements());
  RETURN_IF_ERROR(CheckNoCircle(tx, unit));
  SaveKeys(tx, "unit", unit.id(), unit.external_ids());
  v1::UnitCreated created;
  *created.mutable_unit() = unit;
  created.mutable_unit()->set_version(1);
  Units().Save(tx, &unit, created);
  return unit;
}

StatusOr<v1::Unit> GetUnit(Snapshot& snapshot, const v1::GetUnitRequest& request,
                           const Call& call) {
  return Units().Get(snapshot, request.unit_id(), call.scope);
}

StatusOr<v1::ListUnitsResponse> ListUnits(Snapshot& snapshot, const v1::ListUnitsRequest& request,
                                          const Call& call) {
  ListSpec spec{.where = {},
                .order = "name",
                .page_size = request.page_size(),
                .page_token = request.page_token()};
  if (request.kind() != v1::UNIT_KIND_UNSPECIFIED)
    spec.where.push_back({"kind", static_cast<int64_t>(request.kind())});
  ASSIGN_OR_RETURN(auto page, Units().List(snapshot, call.scope, spec));
  v1::ListUnitsResponse reply;
  for (auto& unit : page.rows) *reply.add_units() = std::move(unit);
  reply.set_next_page_token(page.next_page_token);
  return reply;
}

StatusOr<v1::Unit> UpdateUnit(Tx& tx, const v1::UpdateUnitRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(v1::Unit unit, Units().Get(tx, request.unit_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, unit));
  RETURN_IF_ERROR(ApplyMask(request.update_mask(), {"name", "kind"}, request.unit(), &unit));
  v1::UnitUpdated updated;
  *updated.mutable_unit() = unit;
  updated.mutable_unit()->set_version(unit.version() + 1);
  Units().Save(tx, &unit, updated);
  return unit;
}

StatusOr<v1::Unit> MoveUnit(Tx& tx, const v1::MoveUnitRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(v1::Unit unit, Units().Get(tx, request.unit_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, unit));
  v1::Placement placement;
  ASSIGN_OR_RETURN(*placement.mutable_parent_id(), UnitRef(tx, request.parent_id(), "parent_id"));
  *placement.mutable_from() = request.from();
  Place(placement, unit.mutable_placements());
  RETURN_IF_ERROR(CheckNoCircle(tx, unit));
  v1::UnitMoved moved;
  *moved.mutable_unit() = unit;
  moved.mutable_unit()->set_version(unit.version() + 1);
  Units().Save(tx, &unit, moved);
  return unit;
}

StatusOr<v1::Person> CreatePerson(Tx& tx, const v1::CreatePersonRequest& request,
                                  const Call& call) {
  v1::Person person = request.person();
  RETURN_IF_ERROR(CheckKeys(tx, "person", person.external_ids()));
  person.set_id(call.NewId());
  person.set_version(0);
  if (person.roles().empty()) person.add_roles(base::v1::ROLE_REP);
  for (auto& membership : *person.mutable_memberships()) {
    ASSIGN_OR_RETURN(*membership.mutable_unit_id(),
                     UnitRef(tx, membership.unit_id(), "person.memberships.unit_id"));
  }
  for (auto& reporting : *person.mutable_reporting()) {
    ASSIGN_OR_RETURN(*reporting.mutable_manager_id(),
                     PersonRef(tx, reporting.manager_id(), "person.reporting.manager_id"));
  }
  Arrange(person.mutable_memberships());
  Arrange(person.mutable_reporting());
  RETURN_IF_ERROR(CheckNoManagerCircle(tx, person));
  SaveKeys(tx, "person", person.id(), person.external_ids());
  v1::PersonCreated created;
  *created.mutable_person() = person;
  created.mutable_person()->set_version(1);
  People().Save(tx, &person, created);
  return person;
}

StatusOr<v1::Person> GetPerson(Snapshot& snapshot, const v1::GetPersonRequest& request,
                               const Call& call) {
  return People().Get(snapshot, request.person_id(), call.scope);
}

// Members of a unit come from the directory, which knows the tree of today.
static StatusOr<v1::ListPeopleResponse> ListMembers(const v1::ListPeopleRequest& request,
                                                    const Call& call) {
  if (call.directory->FindUnit(request.unit_id()) == nullptr)
    return NotFound("unit", request.unit_id());
  const int size =
      request.page_size() <= 0 ? kDefaultPage : std::min(request.page_size(), kLargestPage);
  const std::string query =
      "members|" + request.unit_id() + (request.include_inactive() ? "|all" : "");
  ASSIGN_OR_RETURN(const auto last, ReadPageToken(query, request.page_token(), 1));
  const std::string after = last.empty() ? "" : last[0];
  v1::ListPeopleResponse reply;
  for (const auto& [id, person] : call.directory->people()) {
    if (id <= after || (person.inactive() && !request.include_inactive())) continue;
    auto above = call.directory->Above(call.directory->PlaceOf(id, call.today).unit_id, call.today);
    if (std::find(above.begin(), above.end(), request.unit_id()) == above.end()) continue;
    if (reply.people_size() == size) {
      reply.set_next_page_token(MakePageToken(query, {reply.people(size - 1).id()}));
      break;
    }
    *reply.add_people() = person;
  }
  return reply;
}

StatusOr<v1::ListPeopleResponse> ListPeople(Snapshot& snapshot,
                                            const v1::ListPeopleRequest& request,
                                            const Call& call) {
  if (!request.unit_id().empty()) return ListMembers(request, call);
  ListSpec spec{.where = {},
                .order = "name",
                .page_size = request.page_size(),
                .page_token = request.page_token()};
  if (!request.include_inactive()) spec.where.push_back({"active", {}});
  ASSIGN_OR_RETURN(auto page, People().List(snapshot, call.scope, spec));
  v1::ListPeopleResponse reply;
  for (auto& person : page.rows) *reply.add_people() = std::move(person);
  reply.set_next_page_token(page.next_page_token);
  return reply;
}

StatusOr<v1::Person> UpdatePerson(Tx& tx, const v1::UpdatePersonRequest& request,
                                  const Call& call) {
  ASSIGN_OR_RETURN(v1::Person person, People().Get(tx, request.person_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, person));
  RETURN_IF_ERROR(ApplyMask(request.update_mask(),
                            {"name", "roles", "inactive", "skills", "capacity", "maturity"},
                            request.person(), &person));
  v1::PersonUpdated updated;
  *updated.mutable_person() = person;
  updated.mutable_person()->set_version(person.version() + 1);
  People().Save(tx, &person, updated);
  return person;
}

StatusOr<v1::Person> MovePerson(Tx& tx, const v1::MovePersonRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(v1::Person person, People().Get(tx, request.person_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, person));
  if (request.unit_id().empty() && request.manager_id().empty())
    return InvalidField("unit_id", "give a unit, a manager, or both");
  if (!request.unit_id().empty()) {
    v1::Membership membership;
    ASSIGN_OR_RETURN(*membership.mutable_unit_id(), UnitRef(tx, request.unit_id(), "unit_id"));
    *membership.mutable_from() = request.from();
    membership.set_leads(request.leads());
    Place(membership, person.mutable_memberships());
  }
  if (!request.manager_id().empty()) {
    v1::Reporting reporting;
    ASSIGN_OR_RETURN(*reporting.mutable_manager_id(),
                     PersonRef(tx, request.manager_id(), "manager_id"));
    *reporting.mutable_from() = request.from();
    Place(reporting, person.mutable_reporting());
    RETURN_IF_ERROR(CheckNoManagerCircle(tx, person));
  }
  v1::PersonMoved moved;
  *moved.mutable_person() = person;
  moved.mutable_person()->set_version(person.version() + 1);
  People().Save(tx, &person, moved);
  return person;
}

}  // namespace spm::org
