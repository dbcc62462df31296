#include <algorithm>
#include <limits>

#include "services/performance/answer.h"
#include "services/performance/rules/first_win.h"
#include "services/performance/target_figures.h"

namespace spm::performance {
namespace {

void Add(std::vector<Measure>* measures, Measure m) {
  if (std::find(measures->begin(), measures->end(), m) == measures->end()) measures->push_back(m);
}

// The present credits are facts; those of an earlier time follow from the wins known then.
StatusOr<std::vector<RawSum>> CreditsAsOf(Reader& reader, const Question& question, Interner* ids) {
  ASSIGN_OR_RETURN(std::vector<Fact> wins, ReadWins(reader, {}, question.as_of_us));
  std::vector<RawSum> sums;
  for (const auto& [customer, fact] : FirstWins(wins)) {
    if (fact.occurred_day < question.days.from || fact.occurred_day > question.days.to) continue;
    RawSum sum{.measure = Measure::kNewCustomers,
               .rep = ids->Of(fact.rep_id),
               .customer = ids->Of(customer),
               .product = ids->Of(fact.product_id),
               .source = ids->Of(fact.source),
               .day = fact.occurred_day,
               .amount = 1,
               .count = 1};
    sums.push_back(sum);
  }
  return sums;
}

class Summing {
 public:
  Summing(Reader& reader, const Question& question, Groups& groups)
      : reader_(reader), question_(question), groups_(groups) {}

  Status Flow(std::vector<Measure> measures) {
    SumsQuery query = Query(std::move(measures), question_.days);
    std::vector<RawSum> credits;
    if (auto at = std::find(query.measures.begin(), query.measures.end(), Measure::kNewCustomers);
        question_.as_of_us && at != query.measures.end()) {
      query.measures.erase(at);
      ASSIGN_OR_RETURN(credits, CreditsAsOf(reader_, question_, &groups_.ids()));
    }
    ASSIGN_OR_RETURN(std::vector<RawSum> sums, ReadSums(reader_, query, &groups_.ids()));
    sums.insert(sums.end(), credits.begin(), credits.end());
    return Fold(sums,
                [](Cell& cell, const RawSum& sum) { cell.sums[Index(sum.measure)] += sum.amount; });
  }

  Status Cycles() {
    SumsQuery query = Query({Measure::kCycleDays}, question_.days);
    query.cycles = true;
    ASSIGN_OR_RETURN(std::vector<RawSum> sums, ReadSums(reader_, query, &groups_.ids()));
    return Fold(sums, [](Cell& cell, const RawSum& sum) { cell.cycles[sum.amount] += sum.count; });
  }

  Status Growth(Base base) {
    const Measure measure = base == Base::kBefore ? Measure::kBaseMom : Measure::kBaseYoy;
    SumsQuery query = Query({Measure::kRevenue}, BaseDays(base, question_));
    ASSIGN_OR_RETURN(std::vector<RawSum> sums, ReadSums(reader_, query, &groups_.ids()));
    RETURN_IF_ERROR(groups_.Load(reader_, sums));
    for (const RawSum& sum : sums)
      if (groups_.Passes(sum, sum.day))
        cells_[groups_.KeyOf(sum, sum.day, BaseTime(base, question_, sum.day))]
            .sums[Index(measure)] += sum.amount;
    return OkStatus();
  }

  // Running sums since ever, as of the end of each bucket.
  Status Stock(std::vector<Measure> measures) {
    SumsQuery query = Query(std::move(measures), {kEver, question_.days.to});
    query.day = question_.time.has_value();
    ASSIGN_OR_RETURN(std::vector<RawSum> sums, ReadSums(reader_, query, &groups_.ids()));
    RETURN_IF_ERROR(groups_.Load(reader_, sums));
    std::vector<BucketSpan> buckets{{question_.days.from, question_.days.to}};
    if (question_.time) buckets = BucketsIn(BucketOf(*question_.time), question_.days);
    std::sort(sums.begin(), sums.end(),
              [](const RawSum& a, const RawSum& b) { return a.day < b.day; });
    std::vector<RawSum> running;
    std::unordered_map<std::string, size_t> places;
    size_t next = 0;
    for (const BucketSpan& bucket : buckets) {
      for (; next < sums.size() && (!question_.time || sums[next].day <= bucket.as_of); ++next) {
        auto [at, fresh] = places.try_emplace(ComboOf(sums[next]), running.size());
        if (fresh) {
          running.push_back(sums[next]);
        } else {
          running[at->second].amount += sums[next].amount;
        }
      }
      for (const RawSum& sum : running)
        if (sum.amount != 0 && groups_.Passes(sum, bucket.as_of))
          cells_[groups_.KeyOf(sum, bucket.as_of, bucket.as_of)].sums[Index(sum.measure)] +=
              sum.amount;
    }
    return OkStatus();
  }

  void Targets(const TargetBook& book) {
    VisitTargets(question_, book, groups_, [this](const TargetPart& part) {
      Cell& cell = cells_[part.key];
      cell.sums[Index(Measure::kTarget)] += part.amount_minor;
      cell.has_target = true;
    });
  }

  Cells Take() { return std::move(cells_); }

 private:
  SumsQuery Query(std::vector<Measure> measures, const Days& days) const {
    SumsQuery query = groups_.Columns();
    query.measures = std::move(measures);
    query.days = days;
    return query;
  }
  template <typename F>
  Status Fold(const std::vector<RawSum>& sums, F add) {
    RETURN_IF_ERROR(groups_.Load(reader_, sums));
    for (const RawSum& sum : sums)
      if (groups_.Passes(sum, sum.day)) add(cells_[groups_.KeyOf(sum, sum.day, sum.day)], sum);
    return OkStatus();
  }
  static std::string ComboOf(const RawSum& sum) {
    const std::array<uint32_t, 6> parts{static_cast<uint32_t>(sum.measure),
                                        sum.rep,
                                        sum.customer,
                                        sum.product,
                                        sum.source,
                                        sum.stage};
    return {reinterpret_cast<const char*>(parts.data()), sizeof(parts)};
  }

  Reader& reader_;
  const Question& question_;
  Groups& groups_;
  Cells cells_;
};

}  // namespace

MeasurePlan PlanOf(const Question& question) {
  MeasurePlan plan;
  for (const MetricDef* metric : question.metrics) {
    plan.cycles |= metric->form == Form::kMedian;
    for (const auto* side : {&metric->top, &metric->bottom})
      for (Measure m : *side) {
        if (m == Measure::kTarget)
          plan.target = true;
        else if (m == Measure::kBaseMom)
          plan.mom = true;
        else if (m == Measure::kBaseYoy)
          plan.yoy = true;
        else
          Add(metric->stock ? &plan.stock : &plan.flow, m);
      }
  }
  return plan;
}

Days BaseDays(Base base, const Question& question) {
  if (!question.time) return BaseOf(base, question.days);
  const Bucket bucket = BucketOf(*question.time);
  return {BaseOf(base, bucket, BucketStart(bucket, question.days.from)).from,
          BaseOf(base, bucket, BucketStart(bucket, question.days.to)).to};
}

int32_t BaseTime(Base base, const Question& question, int32_t day) {
  return question.time ? MeasuredAgainst(base, BucketOf(*question.time), day) : day;
}

StatusOr<Cells> SumUp(Reader& reader, const Question& question, const TargetBook& book,
                      Groups& groups) {
  const MeasurePlan plan = PlanOf(question);
  Summing summing(reader, question, groups);
  if (!plan.flow.empty()) RETURN_IF_ERROR(summing.Flow(plan.flow));
  if (!plan.stock.empty()) RETURN_IF_ERROR(summing.Stock(plan.stock));
  if (plan.cycles) RETURN_IF_ERROR(summing.Cycles());
  if (plan.mom) RETURN_IF_ERROR(summing.Growth(Base::kBefore));
  if (plan.yoy) RETURN_IF_ERROR(summing.Growth(Base::kYearBefore));
  if (plan.target) summing.Targets(book);
  return summing.Take();
}

}  // namespace spm::performance
