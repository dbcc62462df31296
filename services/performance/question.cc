#include "services/performance/question.h"

#include <algorithm>

#include "services/performance/copy_store.h"
#include "services/performance/rules/dates.h"

namespace spm::performance {
namespace {

constexpr int kMaxGroups = 3;
constexpr int32_t kMaxDays = 110'000;

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Status ReadMetrics(const v1::QueryMetricsRequest& request, Question* question) {
  if (request.metrics().empty())
    return InvalidField("metrics", "must name at least one; ListMetrics tells which there are");
  for (int i = 0; i < request.metrics_size(); ++i) {
    const MetricDef* metric = FindMetric(request.metrics(i));
    if (!metric) {
      std::vector<std::string> names;
      for (const MetricDef& m : Metrics()) names.push_back(m.name);
      return InvalidField("metrics[" + std::to_string(i) + "]",
                          "'" + request.metrics(i) + "' is none of: " + Join(names));
    }
    if (std::count(question->metrics.begin(), question->metrics.end(), metric))
      return InvalidField("metrics[" + std::to_string(i) + "]", metric->name + " is named twice");
    question->metrics.push_back(metric);
  }
  return OkStatus();
}

// Every metric must know the dimension.
StatusOr<Dim> ReadDim(const std::string& name, const std::string& field, const Question& question) {
  std::optional<Dim> dim = FindDim(name);
  if (!dim)
    return InvalidField(field, "'" + name + "' is none of: " + Join(NamesOf((1u << kDims) - 1)));
  for (const MetricDef* metric : question.metrics)
    if (!Has(metric->groups, *dim))
      return InvalidField(field, metric->name + " has no " + name +
                                     "; it can be asked by: " + Join(NamesOf(metric->groups)));
  return *dim;
}

Status ReadGroups(const v1::QueryMetricsRequest& request, Question* question) {
  if (request.group_by_size() > kMaxGroups)
    return InvalidField("group_by", "must be at most three");
  for (int i = 0; i < request.group_by_size(); ++i) {
    const std::string field = "group_by[" + std::to_string(i) + "]";
    ASSIGN_OR_RETURN(Dim dim, ReadDim(request.group_by(i), field, *question));
    if (std::count(question->groups.begin(), question->groups.end(), dim))
      return InvalidField(field, NameOf(dim) + " is named twice");
    question->groups.push_back(dim);
    if (IsTime(dim) && (!question->time || dim < *question->time)) question->time = dim;
  }
  return OkStatus();
}

Status ReadDays(const v1::QueryMetricsRequest& request, Question* question) {
  ASSIGN_OR_RETURN(question->days.from, ToDay(request.from(), "from"));
  ASSIGN_OR_RETURN(question->days.to, ToDay(request.to(), "to"));
  const Days& days = question->days;
  if (days.from > days.to) return InvalidField("to", "must not be before `from`");
  if (days.to - days.from > kMaxDays) return InvalidField("to", "the range must be shorter");
  for (const MetricDef* metric : question->metrics) {
    const bool growth = metric->form == Form::kGrowth && !question->time;
    if ((growth || metric->Uses(Measure::kTarget)) && !WholeMonths(days))
      return InvalidField(
          "from", metric->name + (growth ? " without a group of time" : "") +
                      " needs whole months: `from` the first day of a month, `to` the last of one");
  }
  return OkStatus();
}

// The one record that a filter's text means.
StatusOr<std::string> Only(std::vector<std::string> ids, const std::string& field,
                           const std::string& noun, const std::string& text) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.size() == 1) return ids[0];
  if (ids.empty())
    return InvalidField(field,
                        "there is no " + noun + " '" + text + "'; give an id or the exact name");
  if (ids.size() > 20) ids.resize(20);
  return InvalidField(field,
                      "several have the name '" + text + "'; give one of the ids: " + Join(ids));
}

StatusOr<std::string> Known(StatusOr<bool> known, const std::string& field, const std::string& noun,
                            const std::string& text) {
  if (!known.ok()) return known.status();
  if (!*known) return InvalidField(field, "there is no " + noun + " '" + text + "'");
  return text;
}

std::vector<std::string> FindPeople(const Directory& directory, const std::string& text) {
  if (std::string id = directory.PersonId(text); !id.empty()) return {id};
  std::vector<std::string> ids;
  for (const auto& [id, person] : directory.people())
    if (person.name() == text) ids.push_back(id);
  return ids;
}

std::vector<std::string> FindUnits(const Directory& directory, org::v1::UnitKind kind,
                                   const std::string& text) {
  std::vector<std::string> ids;
  const std::string by_ref = directory.UnitId(text);
  for (const auto& [id, unit] : directory.units())
    if (unit.kind() == kind && (id == by_ref || (by_ref.empty() && unit.name() == text)))
      ids.push_back(id);
  return ids;
}

StatusOr<std::string> FindStage(Reader& reader, const std::string& field, const std::string& text) {
  ASSIGN_OR_RETURN(std::vector<StageCopy> stages, ReadStages(reader));
  for (const StageCopy& stage : stages)
    if (stage.id == text) return text;
  std::vector<std::string> ids;
  for (const StageCopy& stage : stages)
    if (stage.name == text) ids.push_back(stage.id);
  return Only(ids, field, "stage", text);
}

StatusOr<std::string> Resolve(Dim dim, const std::string& text, const std::string& field,
                              const Directory& directory, Reader& reader) {
  const std::string noun = NameOf(dim);
  switch (dim) {
    case Dim::kRep:
    case Dim::kManager:
      return Only(FindPeople(directory, text), field, noun, text);
    case Dim::kTeam:
      return Only(FindUnits(directory, org::v1::UNIT_KIND_TEAM, text), field, noun, text);
    case Dim::kRegion:
      return Only(FindUnits(directory, org::v1::UNIT_KIND_REGION, text), field, noun, text);
    case Dim::kProduct: {
      ASSIGN_OR_RETURN(auto ids, FindProducts(reader, text));
      return Only(ids, field, noun, text);
    }
    case Dim::kCustomer: {
      ASSIGN_OR_RETURN(auto ids, FindCustomers(reader, text));
      return Only(ids, field, noun, text);
    }
    case Dim::kProductLine:
      return Known(HasLine(reader, text), field, "product line", text);
    case Dim::kSector:
      return Known(HasSector(reader, text), field, noun, text);
    case Dim::kCountry:
      return Known(HasCountry(reader, text), field, noun, text);
    case Dim::kSource:
      return Known(HasSource(reader, text), field, noun, text);
    case Dim::kStage:
      return FindStage(reader, field, text);
    default:
      return text;
  }
}

Status ReadFilters(const v1::QueryMetricsRequest& request, const Call& call, Reader& reader,
                   Question* question) {
  for (int i = 0; i < request.filters_size(); ++i) {
    const v1::Filter& filter = request.filters(i);
    const std::string field = "filters[" + std::to_string(i) + "]";
    ASSIGN_OR_RETURN(Dim dim, ReadDim(filter.dimension(), field + ".dimension", *question));
    if (IsTime(dim)) return InvalidField(field + ".dimension", "time is chosen by `from` and `to`");
    if (filter.values().empty())
      return InvalidField(field + ".values", "must have at least one; \"\" is no value");
    DimFilter read{dim, {}};
    for (int v = 0; v < filter.values_size(); ++v) {
      const std::string& text = filter.values(v);
      if (text.empty()) {
        read.values.emplace_back();
        continue;
      }
      ASSIGN_OR_RETURN(std::string id,
                       Resolve(dim, text, field + ".values[" + std::to_string(v) + "]",
                               *call.directory, reader));
      read.values.push_back(std::move(id));
    }
    question->filters.push_back(std::move(read));
  }
  return OkStatus();
}

}  // namespace

DimSet Question::dims() const {
  DimSet set = 0;
  for (Dim dim : groups) set |= Bit(dim);
  for (const DimFilter& filter : filters) set |= Bit(filter.dim);
  return set;
}

bool Question::Uses(Measure measure) const {
  return std::any_of(metrics.begin(), metrics.end(),
                     [&](const MetricDef* m) { return m->Uses(measure); });
}

StatusOr<Question> ReadQuestion(const v1::QueryMetricsRequest& request, const Call& call,
                                Reader& reader) {
  Question question;
  question.include_empty = request.include_empty();
  RETURN_IF_ERROR(ReadMetrics(request, &question));
  RETURN_IF_ERROR(ReadGroups(request, &question));
  RETURN_IF_ERROR(ReadDays(request, &question));
  RETURN_IF_ERROR(ReadFilters(request, call, reader, &question));
  return question;
}

}  // namespace spm::performance
