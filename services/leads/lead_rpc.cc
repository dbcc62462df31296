#include "services/leads/lead_rpc.h"

#include <algorithm>

#include "common/timers/timers.h"
#include "common/write/mask.h"
#include "common/write/rows.h"
#include "services/leads/assign_rpc.h"
#include "services/leads/customer_store.h"
#include "services/leads/lead_store.h"
#include "services/leads/refs_rpc.h"
#include "services/leads/rules/grade.h"

namespace spm::leads {
namespace {

using base::v1::RowResult;

// Only what a caller may say; the rest is decided here. `at` is put before the names of fields.
StatusOr<v1::Lead> Checked(Tx& tx, const Call& call, const v1::Lead& given, const std::string& at) {
  v1::Lead lead;
  lead.set_name(given.name());
  lead.set_contact_name(given.contact_name());
  lead.set_email(given.email());
  lead.set_source(given.source());
  lead.set_sector(given.sector());
  lead.set_intent(given.intent());
  lead.set_decision_days(given.decision_days());
  if (given.has_budget()) {
    *lead.mutable_budget() = given.budget();
    RETURN_IF_ERROR(CheckMoney(call, at + "budget", lead.mutable_budget()));
  }
  ASSIGN_OR_RETURN(*lead.mutable_region_id(), UnitRef(call, given.region_id(), at + "region_id"));
  ASSIGN_OR_RETURN(auto product, ProductRef(tx, given.product_id(), at + "product_id"));
  if (product) lead.set_product_id(product->id);
  ASSIGN_OR_RETURN(*lead.mutable_phone(), PhoneOf(call, given.phone(), at + "phone"));
  RETURN_IF_ERROR(CheckLeadPhone(tx, call, lead.phone(), "", at + "phone"));
  if (!given.owner_id().empty()) {
    ASSIGN_OR_RETURN(*lead.mutable_owner_id(), OwnerRef(call, given.owner_id(), at + "owner_id"));
  } else if (call.caller.person && call.caller.Has(base::v1::ROLE_REP)) {
    lead.set_owner_id(call.caller.id);
  }
  return lead;
}

StatusOr<v1::Lead> MakeLead(Tx& tx, const Call& call, const v1::Lead& given, int64_t at_us,
                            const std::string& at) {
  ASSIGN_OR_RETURN(v1::Lead lead, Checked(tx, call, given, at));
  if (!lead.owner_id().empty()) {
    RETURN_IF_ERROR(LoadHoldings(tx, {lead.owner_id()}));
    RETURN_IF_ERROR(CheckRoom(tx, call, lead.owner_id(), at + "owner_id"));
  }
  lead.set_id(call.NewId());
  lead.set_status(v1::LEAD_STATUS_NEW);
  SetTime(at_us, lead.mutable_create_time());
  if (!lead.owner_id().empty()) SetTime(at_us, lead.mutable_assign_time());
  GradeNow(call, &lead);
  v1::LeadCreated created;
  *created.mutable_lead() = StateOf(lead, call);
  tx.set_occurred_us(at_us);
  Leads().Save(tx, &lead, created);
  RETURN_IF_ERROR(Hold(tx, lead.owner_id(), 1));
  ArmContact(tx, call, lead);
  return lead;
}

// Looks all phones of a batch up with one query for each table.
Status LoadPhones(Tx& tx, const Call& call, const v1::BatchCreateLeadsRequest& request) {
  std::vector<std::string> phones;
  for (const v1::Lead& lead : request.leads()) {
    const auto phone = PhoneOf(call, lead.phone(), "phone");
    if (phone.ok() && !phone->empty()) phones.push_back(*phone);
  }
  if (phones.empty()) return OkStatus();
  RETURN_IF_ERROR(Leads().PrefetchKeys(tx, "open_phone", phones));
  return Customers().PrefetchKeys(tx, "phone", phones);
}

bool NamesGradeInput(const v1::UpdateLeadRequest& request) {
  const auto& paths = request.update_mask().paths();
  return paths.empty() || std::any_of(paths.begin(), paths.end(), [](const std::string& path) {
           return path == "intent" || path == "budget" || path == "decision_days";
         });
}

Status CheckChanges(Tx& tx, const Call& call, const v1::Lead& before, v1::Lead* lead) {
  if (lead->has_budget()) RETURN_IF_ERROR(CheckMoney(call, "lead.budget", lead->mutable_budget()));
  if (lead->region_id() != before.region_id()) {
    ASSIGN_OR_RETURN(*lead->mutable_region_id(),
                     UnitRef(call, lead->region_id(), "lead.region_id"));
  }
  if (lead->product_id() != before.product_id()) {
    ASSIGN_OR_RETURN(auto product, ProductRef(tx, lead->product_id(), "lead.product_id"));
    lead->set_product_id(product ? product->id : "");
  }
  if (lead->phone() != before.phone()) {
    ASSIGN_OR_RETURN(*lead->mutable_phone(), PhoneOf(call, lead->phone(), "lead.phone"));
    if (IsOpen(before))
      RETURN_IF_ERROR(CheckLeadPhone(tx, call, lead->phone(), lead->id(), "lead.phone"));
  }
  return OkStatus();
}

}  // namespace

void GradeNow(const Call& call, v1::Lead* lead) {
  GradeInput input{.intent = lead->intent(),
                   .budget_minor = std::nullopt,
                   .decision_days = lead->decision_days()};
  if (lead->has_budget())
    input.budget_minor = ToMinor(lead->budget(), call.company->currency, "budget").value_or(0);
  const Graded graded = GradeLead(input, call.Policy<v1::GradePolicy>("grade"));
  lead->set_grade(graded.grade);
  lead->set_points(graded.points);
}

Status LetGo(Tx& tx, const v1::Lead& lead) {
  if (!IsOpen(lead)) return OkStatus();
  RETURN_IF_ERROR(Hold(tx, lead.owner_id(), -1));
  CancelTimer(tx, "contact", lead.id());
  return OkStatus();
}

StatusOr<v1::Lead> CreateLead(Tx& tx, const v1::CreateLeadRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(const int64_t at_us,
                   call.OccurredUs(request.has_occur_time(), request.occur_time(), "occur_time"));
  return MakeLead(tx, call, request.lead(), at_us, "lead.");
}

StatusOr<v1::BatchCreateLeadsResponse> BatchCreateLeads(Tx& tx,
                                                        const v1::BatchCreateLeadsRequest& request,
                                                        const Call& call) {
  RETURN_IF_ERROR(LoadPhones(tx, call, request));
  auto response = RunRows<v1::BatchCreateLeadsResponse>(
      tx, request.leads(),
      [&](const v1::Lead& row, int, RowResult* result) -> Status {
        ASSIGN_OR_RETURN(const v1::Lead lead, MakeLead(tx, call, row, call.now_us, ""));
        result->set_outcome(RowResult::OUTCOME_CREATED);
        result->set_id(lead.id());
        return OkStatus();
      },
      [](const v1::Lead&, const RowResult&) {});
  if (!request.all_or_nothing()) return response;
  for (int i = 0; i < response.results_size(); ++i)
    if (response.results(i).outcome() == RowResult::OUTCOME_REFUSED)
      return Prefixed(FromProto(response.results(i).error()), "leads[" + std::to_string(i) + "]");
  return response;
}

StatusOr<v1::Lead> GetLead(Snapshot& snapshot, const v1::GetLeadRequest& request,
                           const Call& call) {
  return Leads().Get(snapshot, request.lead_id(), call.scope);
}

StatusOr<v1::ListLeadsResponse> ListLeads(Snapshot& snapshot, const v1::ListLeadsRequest& request,
                                          const Call& call) {
  ListSpec spec{.where = {{"live", {}}},
                .order = request.queue() ? "queue" : "new",
                .page_size = request.page_size(),
                .page_token = request.page_token()};
  // A queue is of what is still to be worked on.
  if (request.queue()) spec.where.push_back({"open", {}});
  if (!request.owner_id().empty()) spec.where.push_back({"owner", request.owner_id()});
  if (request.unassigned()) spec.where.push_back({"unassigned", {}});
  if (request.status() != v1::LEAD_STATUS_UNSPECIFIED)
    spec.where.push_back({"status", static_cast<int64_t>(request.status())});
  if (request.grade() != v1::GRADE_UNSPECIFIED)
    spec.where.push_back({"grade", static_cast<int64_t>(request.grade())});
  if (!request.source().empty()) spec.where.push_back({"source", request.source()});
  ASSIGN_OR_RETURN(auto page, Leads().List(snapshot, call.scope, spec));
  v1::ListLeadsResponse response;
  for (auto& lead : page.rows) *response.add_leads() = std::move(lead);
  response.set_next_page_token(page.next_page_token);
  return response;
}

StatusOr<v1::Lead> UpdateLead(Tx& tx, const v1::UpdateLeadRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(const v1::Lead before, Leads().Get(tx, request.lead_id(), call.scope.Reading()));
  RETURN_IF_ERROR(CheckEtag(request, before));
  v1::Lead lead = before;
  RETURN_IF_ERROR(ApplyMask(request.update_mask(),
                            {"name", "contact_name", "phone", "email", "source", "region_id",
                             "sector", "product_id", "intent", "budget", "decision_days"},
                            request.lead(), &lead));
  RETURN_IF_ERROR(CheckChanges(tx, call, before, &lead));
  if (NamesGradeInput(request)) GradeNow(call, &lead);
  if (lead.SerializeAsString() == before.SerializeAsString()) return lead;
  v1::LeadUpdated updated;
  *updated.mutable_lead() = StateOf(lead, call);
  if (lead.grade() == before.grade()) {
    Leads().Save(tx, &lead, updated);
    return lead;
  }
  v1::LeadGraded graded;
  graded.set_before(before.grade());
  graded.set_after(lead.grade());
  graded.set_points(lead.points());
  *graded.mutable_lead() = StateOf(lead, call);
  Leads().Save(tx, &lead, updated, graded);
  return lead;
}

StatusOr<v1::Lead> DeleteLead(Tx& tx, const v1::DeleteLeadRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(v1::Lead lead, Leads().Get(tx, request.lead_id(), call.scope.Reading()));
  RETURN_IF_ERROR(CheckEtag(request, lead));
  RETURN_IF_ERROR(LetGo(tx, lead));
  lead.set_deleted(true);
  v1::LeadDeleted deleted;
  *deleted.mutable_lead() = StateOf(lead, call);
  Leads().Save(tx, &lead, deleted);
  return lead;
}

StatusOr<v1::Lead> DisqualifyLead(Tx& tx, const v1::DisqualifyLeadRequest& request,
                                  const Call& call) {
  ASSIGN_OR_RETURN(v1::Lead lead, Leads().Get(tx, request.lead_id(), call.scope.Reading()));
  RETURN_IF_ERROR(CheckEtag(request, lead));
  if (!IsOpen(lead))
    return Precondition("LEAD_CLOSED", "the lead is converted or disqualified already");
  RETURN_IF_ERROR(LetGo(tx, lead));
  lead.set_status(v1::LEAD_STATUS_DISQUALIFIED);
  lead.set_disqualify_reason(request.reason());
  v1::LeadDisqualified disqualified;
  *disqualified.mutable_lead() = StateOf(lead, call);
  disqualified.set_reason(request.reason());
  Leads().Save(tx, &lead, disqualified);
  return lead;
}

StatusOr<v1::Lead> ReopenLead(Tx& tx, const v1::ReopenLeadRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(v1::Lead lead, Leads().Get(tx, request.lead_id(), call.scope));
  RETURN_IF_ERROR(CheckEtag(request, lead));
  if (lead.status() != v1::LEAD_STATUS_DISQUALIFIED)
    return Precondition("NOT_DISQUALIFIED", "only a disqualified lead can be taken up again");
  RETURN_IF_ERROR(CheckLeadPhone(tx, call, lead.phone(), lead.id(), "lead_id"));
  if (!lead.owner_id().empty()) {
    RETURN_IF_ERROR(OwnerRef(call, lead.owner_id(), "lead_id").status());
    RETURN_IF_ERROR(CheckRoom(tx, call, lead.owner_id(), "lead_id"));
    RETURN_IF_ERROR(Hold(tx, lead.owner_id(), 1));
    // Given to its owner again, so the time to the first contact begins again.
    SetTime(call.now_us, lead.mutable_assign_time());
  }
  lead.set_status(lead.has_first_contact_time() ? v1::LEAD_STATUS_CONTACTED : v1::LEAD_STATUS_NEW);
  lead.clear_disqualify_reason();
  v1::LeadUpdated reopened;
  *reopened.mutable_lead() = StateOf(lead, call);
  Leads().Save(tx, &lead, reopened);
  ArmContact(tx, call, lead);
  return lead;
}

}  // namespace spm::leads
