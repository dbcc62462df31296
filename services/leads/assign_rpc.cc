#include "services/leads/assign_rpc.h"

#include <algorithm>

#include "common/timers/timers.h"
#include "services/leads/lead_store.h"
#include "services/leads/opportunity_store.h"
#include "services/leads/refs_rpc.h"
#include "services/leads/rules/deadline.h"

namespace spm::leads {
namespace {

constexpr char kContactTimer[] = "contact";

int32_t Capacity(const Call& call, const std::string& person_id) {
  const org::v1::Person* person = call.directory->FindPerson(person_id);
  return CapacityOf(person == nullptr ? 0 : person->capacity(),
                    call.Policy<v1::AssignmentPolicy>("assignment"));
}

StatusOr<v1::Holding> HoldingOf(Tx& tx, const std::string& person_id) {
  const std::string id = HoldingId(person_id);
  ASSIGN_OR_RETURN(auto found, Holdings().Find(tx, id, Scope::Service()));
  if (found) return *found;
  v1::Holding holding;
  holding.set_id(id);
  holding.set_rep_id(person_id);
  return holding;
}

bool Knows(const org::v1::Person& person, const std::vector<std::string>& subjects) {
  return std::any_of(person.skills().begin(), person.skills().end(), [&](const std::string& skill) {
    return std::find(subjects.begin(), subjects.end(), skill) != subjects.end();
  });
}

bool WorksIn(const Call& call, const std::string& person_id, const std::string& region_id) {
  if (region_id.empty()) return false;
  const std::string& unit = call.directory->PlaceOf(person_id, call.today).unit_id;
  if (unit.empty()) return false;
  const auto above = call.directory->Above(unit, call.today);
  return std::find(above.begin(), above.end(), region_id) != above.end();
}

// Everybody who sells and is within the caller's reach, with what the fit depends on.
StatusOr<std::vector<Candidate>> CandidatesFor(Tx& tx, const Call& call, const v1::Lead& lead) {
  std::vector<std::string> subjects;
  if (!lead.sector().empty()) subjects.push_back(lead.sector());
  if (!lead.product_id().empty()) {
    ASSIGN_OR_RETURN(auto products, FindProducts(tx, {lead.product_id()}));
    for (const auto& [id, product] : products) {
      subjects.push_back(product.name);
      if (!product.line.empty()) subjects.push_back(product.line);
    }
  }
  std::vector<Candidate> candidates;
  std::vector<std::string> ids;
  for (const auto& [id, person] : call.directory->people()) {
    const bool sells = std::find(person.roles().begin(), person.roles().end(),
                                 base::v1::ROLE_REP) != person.roles().end();
    if (!sells || person.inactive() || !call.scope.Sees(id)) continue;
    Candidate& one = candidates.emplace_back();
    one.id = id;
    one.in_region = WorksIn(call, id, lead.region_id());
    one.skilled = Knows(person, subjects);
    one.maturity = person.maturity();
    one.capacity = Capacity(call, id);
    ids.push_back(id);
  }
  ASSIGN_OR_RETURN(auto records, RecordsOf(tx, ids));
  RETURN_IF_ERROR(LoadHoldings(tx, ids));
  for (Candidate& one : candidates) {
    one.won = records[one.id].won;
    one.closed = records[one.id].closed;
    ASSIGN_OR_RETURN(auto holding, HoldingOf(tx, one.id));
    one.open_leads = holding.open_leads();
  }
  return candidates;
}

StatusOr<Choice> BestFit(Tx& tx, const Call& call, const v1::Lead& lead) {
  ASSIGN_OR_RETURN(auto candidates, CandidatesFor(tx, call, lead));
  auto choice = ChooseOwner(candidates, call.Policy<v1::AssignmentPolicy>("assignment"));
  if (!choice)
    return Precondition("NO_CANDIDATE",
                        "nobody within your reach is active and has room for another lead; name an "
                        "owner, or raise a capacity");
  return *choice;
}

}  // namespace

v1::LeadState StateOf(const v1::Lead& lead, const Call& call) {
  v1::LeadState state;
  state.set_owner_id(lead.owner_id());
  state.set_source(lead.source());
  state.set_region_id(lead.region_id());
  state.set_product_id(lead.product_id());
  state.set_grade(lead.grade());
  state.set_status(lead.status());
  state.set_created_day(call.company->zone.DayAt(ToUs(lead.create_time())));
  state.set_customer_id(lead.customer_id());
  return state;
}

Status LoadHoldings(Tx& tx, const std::vector<std::string>& people) {
  std::vector<std::string> ids;
  for (const std::string& person : people)
    if (!person.empty()) ids.push_back(HoldingId(person));
  return Holdings().Prefetch(tx, ids);
}

StatusOr<bool> HasRoom(Tx& tx, const Call& call, const std::string& person_id) {
  ASSIGN_OR_RETURN(const v1::Holding holding, HoldingOf(tx, person_id));
  return holding.open_leads() < Capacity(call, person_id);
}

Status CheckRoom(Tx& tx, const Call& call, const std::string& person_id, const std::string& field) {
  ASSIGN_OR_RETURN(const bool room, HasRoom(tx, call, person_id));
  if (room) return OkStatus();
  return Precondition("OVER_CAPACITY", field +
                                           ": the person holds as many open leads as allowed (" +
                                           std::to_string(Capacity(call, person_id)) +
                                           "); choose somebody else, or raise the capacity");
}

Status Hold(Tx& tx, const std::string& person_id, int32_t by) {
  if (person_id.empty()) return OkStatus();
  ASSIGN_OR_RETURN(v1::Holding holding, HoldingOf(tx, person_id));
  holding.set_open_leads(std::max(holding.open_leads() + by, 0));
  v1::HoldingChanged changed;
  changed.set_rep_id(person_id);
  changed.set_open_leads(holding.open_leads());
  Holdings().Save(tx, &holding, changed);
  return OkStatus();
}

void ArmContact(Tx& tx, const Call& call, const v1::Lead& lead) {
  if (lead.owner_id().empty() || lead.status() != v1::LEAD_STATUS_NEW) return;
  const auto due =
      ContactDueUs(ToUs(lead.assign_time()), call.Policy<v1::ContactPolicy>("contact"));
  if (due && *due > call.now_us) SetTimer(tx, kContactTimer, lead.id(), *due);
}

Status GiveLead(Tx& tx, const Call& call, const std::string& owner_id, const std::string& reason,
                v1::Lead* lead) {
  const std::string before = lead->owner_id();
  lead->set_owner_id(owner_id);
  if (owner_id.empty()) {
    lead->clear_assign_time();
  } else {
    SetTime(call.now_us, lead->mutable_assign_time());
  }
  v1::LeadAssigned assigned;
  assigned.set_before_owner_id(before);
  *assigned.mutable_lead() = StateOf(*lead, call);
  assigned.set_reason(reason);
  Leads().Save(tx, lead, assigned);
  RETURN_IF_ERROR(Hold(tx, before, -1));
  RETURN_IF_ERROR(Hold(tx, owner_id, 1));
  if (owner_id.empty()) {
    CancelTimer(tx, kContactTimer, lead->id());
  } else {
    ArmContact(tx, call, *lead);
  }
  return OkStatus();
}

StatusOr<v1::Lead> AssignLead(Tx& tx, const v1::AssignLeadRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(v1::Lead lead, Leads().Get(tx, request.lead_id(), call.scope.Reading()));
  RETURN_IF_ERROR(CheckEtag(request, lead));
  if (!IsOpen(lead))
    return Precondition("LEAD_CLOSED", "the lead is converted or disqualified; nobody works on it");
  if (!lead.owner_id().empty() && request.etag().empty())
    return Aborted("CLAIMED_BY_OTHER",
                   "the lead has an owner already; read it, and repeat with its version as etag");
  Choice choice;
  if (request.owner_id().empty()) {
    ASSIGN_OR_RETURN(choice, BestFit(tx, call, lead));
  } else {
    ASSIGN_OR_RETURN(choice.owner_id, OwnerRef(call, request.owner_id(), "owner_id"));
  }
  if (choice.owner_id == lead.owner_id()) return lead;
  RETURN_IF_ERROR(LoadHoldings(tx, {choice.owner_id, lead.owner_id()}));
  RETURN_IF_ERROR(CheckRoom(tx, call, choice.owner_id, "owner_id"));
  RETURN_IF_ERROR(GiveLead(tx, call, choice.owner_id, choice.reason, &lead));
  return lead;
}

}  // namespace spm::leads
