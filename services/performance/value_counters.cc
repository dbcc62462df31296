#include "services/performance/value_counters.h"

namespace spm::performance {
namespace {

constexpr Bucket kBuckets[] = {Bucket::kMonth, Bucket::kQuarter, Bucket::kYear};
constexpr size_t kNow = 3;

std::vector<const MetricDef*> Named(std::initializer_list<const char*> names) {
  std::vector<const MetricDef*> metrics;
  for (const char* name : names) metrics.push_back(FindMetric(name));
  return metrics;
}

const std::vector<const MetricDef*>& MetricsOf(const std::string& grain, size_t period) {
  static const auto flow = Named(
      {"revenue", "won", "lost", "closed", "win_rate", "target", "attainment", "leads_created"});
  static const auto stock = Named({"open", "pipeline_value"});
  static const auto stage = Named({"stage_entered", "stage_conversion"});
  static const std::vector<const MetricDef*> none;
  if (grain == "stage") return period == kNow ? none : stage;
  return period == kNow ? stock : flow;
}

bool IsStageMeasure(Measure m) {
  return m == Measure::kStageEntered || m == Measure::kStageCohort || m == Measure::kStageAdvanced;
}
bool IsStock(Measure m) { return m == Measure::kOpen || m == Measure::kPipelineValue; }

v1::TargetSubject SubjectOf(const std::string& grain) {
  if (grain == "region") return v1::TARGET_SUBJECT_REGION;
  if (grain == "team") return v1::TARGET_SUBJECT_TEAM;
  if (grain == "rep") return v1::TARGET_SUBJECT_PERSON;
  return grain == "company" ? v1::TARGET_SUBJECT_COMPANY : v1::TARGET_SUBJECT_UNSPECIFIED;
}

}  // namespace

std::string ValueKey(const v1::ValueChanged& value) {
  return value.metric() + "|" + value.grain() + "|" + value.period() + "|" + value.subject();
}

void Counters::Begin(int32_t today, std::shared_ptr<const Directory> directory,
                     const std::vector<StageCopy>& stages) {
  today_ = today;
  directory_ = std::move(directory);
  for (size_t i = 0; i < kPeriods; ++i)
    periods_[i] = {BucketName(kBuckets[i], today), BucketStart(kBuckets[i], today),
                   BucketEnd(kBuckets[i], today)};
  for (auto& [key, subject] : subjects_) subject = Subject();
  Touch("company", "");
  for (const auto& [id, unit] : directory_->units()) {
    if (unit.kind() == org::v1::UNIT_KIND_REGION) Touch("region", id);
    if (unit.kind() == org::v1::UNIT_KIND_TEAM) Touch("team", id);
  }
  stage_names_.clear();
  for (const StageCopy& stage : stages) {
    stage_names_.try_emplace(stage.id, stage.name);
    Touch("stage", stage.id);
  }
  if (book_) UseTargets(std::move(book_));
}

Counters::Subject& Counters::Touch(const char* grain, const std::string& id) {
  Subject& subject = subjects_[{grain, id}];
  subject.dirty = true;
  return subject;
}

void Counters::Put(const Place& place, const std::string& rep, size_t period,
                   const RollupRow& row) {
  const size_t m = Index(row.measure);
  Touch("company", "").cells[period].sums[m] += row.amount;
  if (!rep.empty()) Touch("rep", rep).cells[period].sums[m] += row.amount;
  if (!place.team_id.empty()) Touch("team", place.team_id).cells[period].sums[m] += row.amount;
  if (!place.region_id.empty())
    Touch("region", place.region_id).cells[period].sums[m] += row.amount;
}

void Counters::Add(const RollupRow& row) {
  static const Place nowhere;
  const auto place = [&](int32_t day) -> const Place& {
    return row.rep_id.empty() ? nowhere : directory_->PlaceOf(row.rep_id, day);
  };
  if (IsStock(row.measure)) {
    if (row.day <= today_) Put(place(today_), row.rep_id, kNow, row);
    return;
  }
  for (size_t i = 0; i < kPeriods; ++i) {
    if (row.day < periods_[i].from || row.day >= periods_[i].end) continue;
    if (IsStageMeasure(row.measure)) {
      Touch("stage", row.stage).cells[i].sums[Index(row.measure)] += row.amount;
    } else {
      Put(place(row.day), row.rep_id, i, row);
    }
  }
}

void Counters::UseTargets(std::shared_ptr<const TargetBook> book) {
  book_ = std::move(book);
  for (auto& [key, subject] : subjects_) subject.dirty = true;
  for (int32_t month : MonthsOf({periods_[2].from, periods_[2].end - 1}))
    if (const TargetTree* tree = book_->At(month))
      for (const auto& [id, months] : tree->Of(v1::TARGET_SUBJECT_PERSON)) Touch("rep", id);
}

void Counters::AddTargets(const SubjectKey& key, size_t period, Cell* cell) const {
  if (!book_ || period == kNow) return;
  for (int32_t month : MonthsOf({periods_[period].from, periods_[period].end - 1})) {
    const TargetTree* tree = book_->At(month);
    if (!tree) continue;
    const auto& targets = tree->Of(SubjectOf(key.first));
    auto at = targets.find(key.second);
    if (at == targets.end()) continue;
    cell->has_target = true;
    cell->sums[Index(Measure::kTarget)] += at->second[YmdOf(month).month - 1];
  }
}

std::string Counters::NameOf(const SubjectKey& key) const {
  const auto& [grain, id] = key;
  if (grain == "rep") {
    const org::v1::Person* person = directory_->FindPerson(id);
    return person ? person->name() : id;
  }
  if (grain == "stage") {
    auto at = stage_names_.find(id);
    return at == stage_names_.end() || at->second.empty() ? id : at->second;
  }
  const org::v1::Unit* unit = directory_->FindUnit(id);
  return unit ? unit->name() : id;
}

void Counters::Tell(const MetricDef& metric, const SubjectKey& key, const std::string& period,
                    const Cell& cell, int64_t per_major, std::vector<v1::ValueChanged>* changed) {
  v1::ValueChanged value;
  value.set_metric(metric.name);
  value.set_grain(key.first);
  value.set_period(period);
  value.set_subject(key.second);
  value.set_name(NameOf(key));
  const v1::MetricValue figure = Evaluate(metric, cell, per_major);
  if (figure.has_value()) value.set_value(figure.value());
  auto [at, fresh] = told_.try_emplace(ValueKey(value));
  v1::ValueChanged& told = at->second;
  if (!fresh && told.has_value() == value.has_value() && told.value() == value.value() &&
      told.name() == value.name())
    return;
  told = value;
  changed->push_back(std::move(value));
}

// Values of periods that are past are not followed any more.
void Counters::TellGone(std::vector<v1::ValueChanged>* changed) {
  for (auto at = told_.begin(); at != told_.end();) {
    const std::string& period = at->second.period();
    bool current = period == "now";
    for (const Period& p : periods_) current |= p.name == period;
    if (current) {
      ++at;
      continue;
    }
    v1::ValueChanged gone = at->second;
    gone.clear_value();
    changed->push_back(std::move(gone));
    at = told_.erase(at);
  }
}

std::vector<v1::ValueChanged> Counters::Take(int64_t per_major) {
  std::vector<v1::ValueChanged> changed;
  for (auto& [key, subject] : subjects_) {
    if (!subject.dirty) continue;
    subject.dirty = false;
    for (size_t i = 0; i <= kNow; ++i) {
      Cell cell = subject.cells[i];
      AddTargets(key, i, &cell);
      for (const MetricDef* metric : MetricsOf(key.first, i))
        Tell(*metric, key, i == kNow ? "now" : periods_[i].name, cell, per_major, &changed);
    }
  }
  TellGone(&changed);
  return changed;
}

}  // namespace spm::performance
