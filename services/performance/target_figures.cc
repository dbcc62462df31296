#include "services/performance/target_figures.h"

#include <optional>

namespace spm::performance {
namespace {

class Visitor {
 public:
  Visitor(const Question& question, Groups& groups,
          const std::function<void(const TargetPart&)>& visit)
      : question_(question), groups_(groups), visit_(visit) {}

  void Month(int32_t month, const TargetTree& tree) {
    month_ = month;
    tree_ = &tree;
    const DimSet dims = question_.dims();
    const bool org = (dims & (Bit(Dim::kRep) | Bit(Dim::kTeam) | Bit(Dim::kRegion))) != 0;
    if (Has(dims, Dim::kProduct)) {
      if (!org && groups_.sees_all()) Products();
    } else if (Has(dims, Dim::kRep)) {
      People();
    } else if (Has(dims, Dim::kTeam)) {
      Units(v1::TARGET_SUBJECT_TEAM);
    } else if (Has(dims, Dim::kRegion)) {
      Units(v1::TARGET_SUBJECT_REGION);
    } else if (groups_.sees_all()) {
      for (const auto& [id, months] : tree.Of(v1::TARGET_SUBJECT_COMPANY)) Emit({}, 0, 0, months);
    } else if (!OwnUnits()) {
      People();
    }
  }

 private:
  uint32_t Of(const std::string& id) { return groups_.ids().Of(id); }

  // Rows are grouped by at most these; the finest is the subject itself.
  void Emit(RawSum sum, uint32_t team, uint32_t region, const Months& months) {
    TargetPart part;
    for (const DimFilter& filter : question_.filters) {
      const uint32_t value = Value(filter.dim, sum, team, region);
      if (groups_.Filtered(filter.dim, value)) return;
    }
    for (size_t i = 0; i < question_.groups.size(); ++i) {
      const Dim dim = question_.groups[i];
      part.key[i] = IsTime(dim) ? static_cast<uint32_t>(BucketStart(BucketOf(dim), month_))
                                : Value(dim, sum, team, region);
    }
    part.month = month_;
    part.amount_minor = months[YmdOf(month_).month - 1];
    part.version = tree_->version;
    visit_(part);
  }
  static uint32_t Value(Dim dim, const RawSum& sum, uint32_t team, uint32_t region) {
    switch (dim) {
      case Dim::kRep:
        return sum.rep;
      case Dim::kTeam:
        return team;
      case Dim::kRegion:
        return region;
      case Dim::kProduct:
        return sum.product;
      default:
        return 0;
    }
  }

  void Products() {
    for (const auto& [id, months] : tree_->Of(v1::TARGET_SUBJECT_PRODUCT)) {
      RawSum sum;
      sum.product = Of(id);
      Emit(sum, 0, 0, months);
    }
  }
  void People() {
    for (const auto& [id, months] : tree_->Of(v1::TARGET_SUBJECT_PERSON)) {
      if (!groups_.Sees(id, month_)) continue;
      RawSum sum;
      sum.rep = Of(id);
      const Place& place = groups_.call().directory->PlaceOf(id, month_);
      Emit(sum, Of(place.team_id), Of(place.region_id), months);
    }
  }
  void Units(v1::TargetSubject kind) {
    const Directory& directory = *groups_.call().directory;
    for (const auto& [id, months] : tree_->Of(kind)) {
      if (!groups_.sees_all() && !directory.UnitsOf(groups_.call().caller.id, month_)->contains(id))
        continue;
      if (kind == v1::TARGET_SUBJECT_REGION) {
        Emit({}, 0, Of(id), months);
      } else {
        Emit({}, Of(id), Of(RegionOf(id)), months);
      }
    }
  }
  std::string RegionOf(const std::string& unit) const {
    const Directory& directory = *groups_.call().directory;
    for (const std::string& above : directory.Above(unit, month_))
      if (const org::v1::Unit* u = directory.FindUnit(above);
          u && u->kind() == org::v1::UNIT_KIND_REGION)
        return above;
    return "";
  }
  // The topmost of the caller's units that have a target.
  bool OwnUnits() {
    const Directory& directory = *groups_.call().directory;
    auto own = directory.UnitsOf(groups_.call().caller.id, month_);
    bool any = false;
    for (v1::TargetSubject kind : {v1::TARGET_SUBJECT_REGION, v1::TARGET_SUBJECT_TEAM})
      for (const auto& [id, months] : tree_->Of(kind)) {
        if (!own->contains(id)) continue;
        bool topmost = true;
        for (const std::string& above : directory.Above(id, month_))
          if (above != id && own->contains(above) &&
              tree_->Of(v1::TARGET_SUBJECT_REGION).contains(above))
            topmost = false;
        if (!topmost) continue;
        Emit({}, 0, 0, months);
        any = true;
      }
    return any;
  }

  const Question& question_;
  Groups& groups_;
  const std::function<void(const TargetPart&)>& visit_;
  int32_t month_ = 0;
  const TargetTree* tree_ = nullptr;
};

}  // namespace

void VisitTargets(const Question& question, const TargetBook& book, Groups& groups,
                  const std::function<void(const TargetPart&)>& visit) {
  Visitor visitor(question, groups, visit);
  for (int32_t month : MonthsOf(question.days))
    if (const TargetTree* tree = book.At(month, question.as_of_us)) visitor.Month(month, *tree);
}

}  // namespace spm::performance
