#include "services/performance/explain_rpc.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/base/ids.h"
#include "services/performance/answer.h"
#include "services/performance/rules/dates.h"
#include "services/performance/rules/first_win.h"
#include "services/performance/target_figures.h"

namespace spm::performance {
namespace {

constexpr int kDefaultPage = 100;
constexpr int kLargestPage = 1000;

// The row as a key; INVALID_ARGUMENT where it is none of the question's.
StatusOr<Key> ReadRow(const v1::ExplainMetricRequest& request, const Question& question,
                      Interner* ids) {
  if (request.row_size() != static_cast<int>(question.groups.size()))
    return InvalidField("row", "must have one key for each of `query.group_by`");
  Key key{};
  for (int i = 0; i < request.row_size(); ++i) {
    const Dim dim = question.groups[i];
    const v1::GroupKey& group = request.row(i);
    if (!IsTime(dim)) {
      key[i] = ids->Of(group.id());
      continue;
    }
    std::optional<DayRange> range = ParseBucket(group.id());
    if (!range || range->bucket != BucketOf(dim))
      return InvalidField("row[" + std::to_string(i) + "].id",
                          "must be a " + NameOf(dim) + " as answers name it");
    key[i] = static_cast<uint32_t>(range->from);
  }
  return key;
}

std::string TokenOf(const v1::ExplainMetricRequest& request, size_t offset) {
  v1::ExplainMetricRequest same = request;
  same.clear_page_size();
  same.clear_page_token();
  return std::to_string(offset) + "-" + Hex(Sha256(same.SerializeAsString())).substr(0, 16);
}

StatusOr<size_t> ReadToken(const v1::ExplainMetricRequest& request) {
  const std::string& token = request.page_token();
  if (token.empty()) return size_t{0};
  size_t offset = 0;
  std::from_chars(token.data(), token.data() + token.size(), offset);
  if (token != TokenOf(request, offset))
    return InvalidField("page_token", "is not of this question; leave it empty to begin");
  return offset;
}

class Explaining {
 public:
  Explaining(Reader& reader, const Question& question, Groups& groups, const Key& key,
             size_t offset, size_t page)
      : reader_(reader),
        question_(question),
        groups_(groups),
        key_(key),
        offset_(offset),
        page_(page),
        days_(question.days) {
    if (!question.time) return;
    for (size_t i = 0; i < question.groups.size(); ++i)
      if (question.groups[i] == *question.time) start_ = static_cast<int32_t>(key[i]);
    days_.from = std::max(days_.from, start_);
    days_.to = std::min(days_.to, BucketEnd(BucketOf(*question.time), start_) - 1);
  }

  Status Run(const TargetBook& book, v1::Explanation* root) {
    const MetricDef& metric = *question_.metrics[0];
    root->set_role("metric");
    root->set_name(metric.name);
    root->set_formula(metric.formula);
    if (!metric.stock) SetDate(days_.from, root->mutable_from());
    SetDate(days_.to, root->mutable_to());
    const bool whole = metric.form == Form::kSum || metric.form == Form::kMedian;
    for (Measure m : metric.top)
      RETURN_IF_ERROR(Leaf(whole ? "measure" : "numerator", m, book, root));
    if (metric.form == Form::kMedian) return OkStatus();
    for (Measure m : metric.bottom) RETURN_IF_ERROR(Leaf("denominator", m, book, root));
    return OkStatus();
  }

  const Cell& cell() const { return cell_; }
  bool more() const { return more_; }

 private:
  Status Leaf(const std::string& role, Measure measure, const TargetBook& book,
              v1::Explanation* root) {
    if (measure == Measure::kTarget) {
      Targets(book, root);
      return OkStatus();
    }
    if (measure == Measure::kBaseMom) return FactLeaf("base period", measure, Base::kBefore, root);
    if (measure == Measure::kBaseYoy)
      return FactLeaf("base period", measure, Base::kYearBefore, root);
    return FactLeaf(role, measure, std::nullopt, root);
  }

  // One leaf for each revision of the plan that answers.
  void Targets(const TargetBook& book, v1::Explanation* root) {
    v1::Explanation* leaf = nullptr;
    VisitTargets(question_, book, groups_, [&](const TargetPart& part) {
      if (part.key != key_) return;
      const std::string version = std::to_string(part.version);
      if (!leaf || leaf->version() != version) {
        leaf = root->add_parts();
        leaf->set_role("target");
        leaf->set_name("target");
        leaf->set_version(version);
        SetDate(part.month, leaf->mutable_from());
      }
      leaf->set_total(leaf->total() + part.amount_minor);
      SetDate(BucketEnd(Bucket::kMonth, part.month) - 1, leaf->mutable_to());
      cell_.sums[Index(Measure::kTarget)] += part.amount_minor;
      cell_.has_target = true;
    });
  }

  Days DaysOf(std::optional<Base> base) const {
    if (question_.metrics[0]->stock) return {kEver, days_.to};
    if (!base) return days_;
    return question_.time ? BaseOf(*base, BucketOf(*question_.time), start_)
                          : BaseOf(*base, question_.days);
  }

  // The leaf's facts, which add up to its total.
  StatusOr<std::vector<Fact>> Facts(Measure measure, std::optional<Base> base) {
    const Days days = DaysOf(base);
    std::vector<Fact> all;
    if (measure == Measure::kNewCustomers && question_.as_of_us) {
      ASSIGN_OR_RETURN(std::vector<Fact> wins, ReadWins(reader_, {}, question_.as_of_us));
      for (auto& [customer, fact] : FirstWins(wins))
        if (days.from <= fact.occurred_day && fact.occurred_day <= days.to)
          all.push_back(std::move(fact));
      std::sort(all.begin(), all.end(), [](const Fact& a, const Fact& b) {
        return std::tie(a.occurred_day, a.event_id) < std::tie(b.occurred_day, b.event_id);
      });
    } else {
      RETURN_IF_ERROR(VisitFacts(reader_, base ? Measure::kRevenue : measure, days,
                                 question_.as_of_us, [&](Fact f) { all.push_back(std::move(f)); }));
    }
    Interner& ids = groups_.ids();
    std::vector<RawSum> sums;
    sums.reserve(all.size());
    for (const Fact& f : all)
      sums.push_back({f.measure, ids.Of(f.rep_id), ids.Of(f.customer_id), ids.Of(f.product_id),
                      ids.Of(f.source), ids.Of(f.stage), f.occurred_day, f.amount, f.count});
    RETURN_IF_ERROR(groups_.Load(reader_, sums));
    std::vector<Fact> facts;
    for (size_t i = 0; i < all.size(); ++i) {
      const int32_t day = question_.metrics[0]->stock ? days_.to : sums[i].day;
      const int32_t time = base ? BaseTime(*base, question_, day) : day;
      if (groups_.Passes(sums[i], day) && groups_.KeyOf(sums[i], day, time) == key_)
        facts.push_back(std::move(all[i]));
    }
    return facts;
  }

  Status FactLeaf(const std::string& role, Measure measure, std::optional<Base> base,
                  v1::Explanation* root) {
    ASSIGN_OR_RETURN(std::vector<Fact> facts, Facts(measure, base));
    v1::Explanation* leaf = root->add_parts();
    leaf->set_role(role);
    leaf->set_name(NameOf(base ? Measure::kRevenue : measure));
    const Days days = DaysOf(base);
    if (days.from != kEver) SetDate(days.from, leaf->mutable_from());
    SetDate(days.to, leaf->mutable_to());
    leaf->set_facts(static_cast<int64_t>(facts.size()));
    int64_t total = 0;
    std::vector<std::string> lines;
    lines.reserve(facts.size());
    for (size_t i = 0; i < facts.size(); ++i) {
      const Fact& fact = facts[i];
      total += fact.amount;
      if (measure == Measure::kCycleDays) cell_.cycles[fact.amount * fact.count] += fact.count;
      lines.push_back(fact.event_id + " " + NameOf(fact.measure) + " " + std::to_string(fact.n) +
                      " " + std::to_string(fact.count) + " " + std::to_string(fact.amount) + "\n");
      if (i >= offset_ && i < offset_ + page_) AddRef(fact, leaf);
    }
    more_ |= facts.size() > offset_ + page_;
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line;
    leaf->set_hash(Hex(Sha256(text)));
    leaf->set_total(total);
    cell_.sums[Index(measure)] = total;
    return OkStatus();
  }

  static void AddRef(const Fact& fact, v1::Explanation* leaf) {
    v1::FactRef& ref = *leaf->add_page();
    ref.set_event_id(fact.event_id);
    ref.set_n(fact.n);
    ref.set_measure(NameOf(fact.measure));
    ref.set_amount(fact.amount);
    SetDate(fact.occurred_day, ref.mutable_occurred_on());
    ref.set_rep_id(fact.rep_id);
    ref.set_customer_id(fact.customer_id);
    ref.set_product_id(fact.product_id);
    ref.set_source(fact.source);
    ref.set_stage(fact.stage);
    ref.set_deal_id(fact.deal_id);
  }

  Reader& reader_;
  const Question& question_;
  Groups& groups_;
  const Key& key_;
  const size_t offset_, page_;
  // Of the row: its part of the range.
  Days days_;
  int32_t start_ = 0;
  Cell cell_;
  bool more_ = false;
};

// The row of the answer; a figure of nothing where it is not among the answer's.
v1::MetricValue ValueOfRow(const v1::QueryMetricsResponse& answer,
                           const v1::ExplainMetricRequest& request, const MetricDef& metric,
                           int64_t per_major) {
  for (const v1::MetricRow& row : answer.rows()) {
    bool same = true;
    for (int i = 0; i < row.groups_size(); ++i) same &= row.groups(i).id() == request.row(i).id();
    if (same) return row.values(0);
  }
  return Evaluate(metric, Cell(), per_major);
}

}  // namespace

StatusOr<v1::ExplainMetricResponse> ExplainMetric(Runtime& runtime, Snapshot& snapshot,
                                                  const v1::ExplainMetricRequest& request,
                                                  const Call& call) {
  v1::ExplainMetricResponse reply;
  *reply.mutable_freshness() = runtime.Freshness();
  auto read = ReadQuestion(request.query(), call, snapshot);
  if (!read.ok()) return Prefixed(read.status(), "query.");
  Question& question = *read;
  if (question.metrics.size() != 1)
    return InvalidField("query.metrics", "must name exactly one metric to explain");
  if (request.as_of_us() < 0) return InvalidField("as_of_us", "must not be negative");
  if (request.page_size() < 0) return InvalidField("page_size", "must not be negative");
  question.as_of_us = request.as_of_us();
  question.include_empty = false;
  const size_t page =
      request.page_size() == 0 ? kDefaultPage : std::min<size_t>(request.page_size(), kLargestPage);
  ASSIGN_OR_RETURN(const size_t offset, ReadToken(request));
  ASSIGN_OR_RETURN(auto book, runtime.targets.Get(snapshot));

  Groups groups(question, call);
  ASSIGN_OR_RETURN(const Key key, ReadRow(request, question, &groups.ids()));
  Explaining explaining(snapshot, question, groups, key, offset, page);
  RETURN_IF_ERROR(explaining.Run(*book, reply.mutable_explanation()));

  ASSIGN_OR_RETURN(v1::QueryMetricsResponse answer,
                   AnswerQuestion(snapshot, question, call, *book));
  const MetricDef& metric = *question.metrics[0];
  const int64_t per_major = MinorPerMajor(call.company->currency);
  *reply.mutable_value() = ValueOfRow(answer, request, metric, per_major);
  *reply.mutable_reevaluated() = Evaluate(metric, explaining.cell(), per_major);
  // What is said of a row beside others is not arithmetic of this one.
  reply.mutable_reevaluated()->set_bottleneck(reply.value().bottleneck());
  if (!reply.reevaluated().has_value() && !reply.value().has_value())
    reply.mutable_reevaluated()->set_null_reason(reply.value().null_reason());
  *reply.mutable_explanation()->mutable_value() = reply.value();
  if (explaining.more()) reply.set_next_page_token(TokenOf(request, offset + page));
  return reply;
}

}  // namespace spm::performance
