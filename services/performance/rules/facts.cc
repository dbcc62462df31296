#include "services/performance/rules/facts.h"

#include <algorithm>
#include <array>
#include <limits>

#include "common/base/money.h"

namespace spm::performance {
namespace {

int64_t ListValueOf(const DealState& deal) {
  int64_t product = 0;
  if (!Multiply(deal.list_price_minor, std::max<int64_t>(deal.quantity, 1), &product))
    return std::numeric_limits<int64_t>::max();
  return product;
}

bool InStock(const DealState& deal) { return deal.kind == StageKind::kOpen && !deal.deleted; }

// Collects facts and numbers them within their measure.
class Booking {
 public:
  explicit Booking(const Origin& origin) : origin_(origin) {}

  void Add(Measure measure, int32_t sign, int64_t amount, int32_t day, const std::string& rep,
           const std::string& stage, const DealState& deal) {
    Fact fact;
    fact.measure = measure;
    fact.count = sign;
    fact.amount = sign * amount;
    fact.occurred_day = fact.posted_day = day;
    fact.rep_id = rep;
    fact.customer_id = deal.customer_id;
    fact.product_id = deal.product_id;
    fact.source = deal.source;
    fact.pipeline = deal.pipeline;
    fact.stage = stage;
    fact.deal_ref = deal.external_id;
    Add(std::move(fact));
  }
  void Add(Fact fact) {
    fact.event_id = origin_.event_id;
    fact.deal_id = origin_.deal_id;
    fact.recorded_us = origin_.recorded_us;
    fact.n = next_[Index(fact.measure)]++;
    facts_.push_back(std::move(fact));
  }
  std::vector<Fact> Take() { return std::move(facts_); }

 private:
  const Origin& origin_;
  std::array<int32_t, kMeasures> next_{};
  std::vector<Fact> facts_;
};

void BookStock(Booking& booking, int32_t sign, int32_t day, const DealState& deal) {
  booking.Add(Measure::kOpen, sign, 1, day, deal.owner_id, deal.stage, deal);
  if (int64_t value = ValueOf(deal); value != 0)
    booking.Add(Measure::kPipelineValue, sign, value, day, deal.owner_id, deal.stage, deal);
}

bool SameSubject(const DealState& a, const DealState& b) {
  return a.customer_id == b.customer_id && a.product_id == b.product_id && a.source == b.source;
}

bool SameStock(const DealState& a, const DealState& b) {
  return a.stage == b.stage && a.pipeline == b.pipeline && a.owner_id == b.owner_id &&
         SameSubject(a, b) && ValueOf(a) == ValueOf(b);
}

// A state without the day of its stage is of its step.
int32_t StageDay(const DealState& deal, int32_t day) {
  return deal.stage_day ? deal.stage_day : day;
}
const std::string& StageOwner(const DealState& deal) {
  return deal.stage_owner_id.empty() ? deal.owner_id : deal.stage_owner_id;
}

void BookResult(Booking& booking, int32_t sign, int32_t day, const DealState& deal) {
  const std::string& rep = StageOwner(deal);
  if (deal.kind == StageKind::kLost) {
    booking.Add(Measure::kLost, sign, 1, day, rep, deal.stage, deal);
    return;
  }
  booking.Add(Measure::kWon, sign, 1, day, rep, deal.stage, deal);
  booking.Add(Measure::kRevenue, sign, ValueOf(deal), day, rep, deal.stage, deal);
  booking.Add(Measure::kListValue, sign, ListValueOf(deal), day, rep, deal.stage, deal);
  booking.Add(Measure::kCycleDays, sign, day - deal.opened_day, day, rep, deal.stage, deal);
}

bool HasResult(const DealState& deal) { return deal.kind != StageKind::kOpen && !deal.deleted; }

bool SameResult(const DealState& a, const DealState& b) {
  return a.kind == b.kind && SameSubject(a, b) && ValueOf(a) == ValueOf(b) &&
         ListValueOf(a) == ListValueOf(b) && a.opened_day == b.opened_day &&
         a.stage_day == b.stage_day && StageOwner(a) == StageOwner(b);
}

void BookEntry(Booking& booking, int32_t sign, int32_t day, const std::string& rep,
               const std::string& stage, bool open, const DealState& deal) {
  booking.Add(Measure::kStageEntered, sign, 1, day, rep, stage, deal);
  if (open) booking.Add(Measure::kStageCohort, sign, 1, day, rep, stage, deal);
}

void BookStages(Booking& booking, const std::optional<DealState>& before, const DealStep& step) {
  const DealState& after = step.state;
  if (step.entered.empty()) {
    // The present stage goes with what the deal is about, so that its cohort stays one.
    if (!before || before->stage != after.stage || SameSubject(*before, after)) return;
    const bool open = after.kind == StageKind::kOpen;
    BookEntry(booking, -1, StageDay(*before, step.day), StageOwner(*before), before->stage, open,
              *before);
    BookEntry(booking, 1, StageDay(*before, step.day), StageOwner(*before), after.stage, open,
              after);
    return;
  }
  const size_t last = step.entered.size() - 1;
  for (size_t i = 0; i <= last; ++i) {
    const bool open = i < last || after.kind == StageKind::kOpen;
    BookEntry(booking, 1, step.day, after.owner_id, step.entered[i], open, after);
    if (i == last && after.kind == StageKind::kLost) break;
    if (i > 0)
      booking.Add(Measure::kStageAdvanced, 1, 1, step.day, after.owner_id, step.entered[i - 1],
                  after);
    else if (before)
      booking.Add(Measure::kStageAdvanced, 1, 1, StageDay(*before, step.day), StageOwner(*before),
                  before->stage, *before);
  }
}

void BookStep(Booking& booking, const std::optional<DealState>& before, const DealStep& step) {
  const DealState& after = step.state;
  const bool was = before && InStock(*before), is = InStock(after);
  if (was != is || (was && !SameStock(*before, after))) {
    if (was) BookStock(booking, -1, step.day, *before);
    if (is) BookStock(booking, 1, step.day, after);
  }
  const bool had = before && HasResult(*before), has = HasResult(after);
  if (had != has || (had && !SameResult(*before, after))) {
    if (had) BookResult(booking, -1, StageDay(*before, step.day), *before);
    if (has) BookResult(booking, 1, StageDay(after, step.day), after);
  }
  BookStages(booking, before, step);
}

void BookHistory(Booking& booking, const std::vector<DealStep>& steps) {
  std::optional<DealState> before;
  for (const DealStep& step : steps) {
    BookStep(booking, before, step);
    before = step.state;
  }
}

}  // namespace

int64_t ValueOf(const DealState& deal) {
  return deal.amount_minor ? *deal.amount_minor : ListValueOf(deal);
}

std::vector<Fact> FactsOfStep(const std::optional<DealState>& before, const DealStep& step,
                              const Origin& origin) {
  Booking booking(origin);
  BookStep(booking, before, step);
  return booking.Take();
}

std::vector<Fact> FactsOfHistory(const std::vector<DealStep>& steps, const Origin& origin) {
  Booking booking(origin);
  BookHistory(booking, steps);
  return booking.Take();
}

std::vector<Fact> FactsOfCorrection(const std::vector<DealStep>& before,
                                    const std::vector<DealStep>& after, const Origin& origin) {
  Booking booking(origin);
  for (Fact& fact : FactsOfHistory(before, origin)) {
    fact.count = -fact.count;
    fact.amount = -fact.amount;
    booking.Add(std::move(fact));
  }
  BookHistory(booking, after);
  return booking.Take();
}

std::vector<Fact> FactsOfLead(const NewLead& lead, const Origin& origin) {
  Booking booking(origin);
  Fact fact;
  fact.measure = Measure::kLeadsCreated;
  fact.occurred_day = fact.posted_day = lead.created_day;
  fact.rep_id = lead.owner_id;
  fact.source = lead.source;
  fact.product_id = lead.product_id;
  fact.customer_id = lead.customer_id;
  booking.Add(std::move(fact));
  return booking.Take();
}

}  // namespace spm::performance
