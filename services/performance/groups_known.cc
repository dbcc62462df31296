#include <algorithm>
#include <map>
#include <set>

#include "services/performance/groups_labels.h"

namespace spm::performance {
namespace {

constexpr size_t kMaxKnown = 50'000;
constexpr DimSet kFamilies[] = {kOrgDims, kProductDims, kCustomerDims, Bit(Dim::kSource),
                                Bit(Dim::kStage)};

}  // namespace

// People who sell.
std::vector<RawSum> Labels::Reps() const {
  std::vector<RawSum> sums;
  for (const auto& [id, person] : groups_.call().directory->people()) {
    const auto& roles = person.roles();
    const bool sells = std::find(roles.begin(), roles.end(), base::v1::ROLE_REP) != roles.end();
    if (person.inactive() || !sells || !groups_.Sees(id, question_.days.to)) continue;
    RawSum sum;
    sum.rep = groups_.ids().Of(id);
    sums.push_back(sum);
  }
  return sums;
}

void Labels::AddUnits(std::set<Key>* parts) const {
  constexpr DimSet kUnits = Bit(Dim::kTeam) | Bit(Dim::kRegion);
  DimSet grouped = 0;
  for (Dim dim : question_.groups) grouped |= Bit(dim) & kOrgDims;
  if (grouped == 0 || ((question_.dims() & kOrgDims) & ~kUnits) != 0) return;
  const Directory& directory = *groups_.call().directory;
  const int32_t day = question_.days.to;
  const bool by_team = Has(grouped, Dim::kTeam);
  for (const auto& [id, unit] : directory.units()) {
    if (unit.kind() != (by_team ? org::v1::UNIT_KIND_TEAM : org::v1::UNIT_KIND_REGION)) continue;
    if (!groups_.sees_all() && !directory.UnitsOf(groups_.call().caller.id, day)->contains(id))
      continue;
    std::map<Dim, uint32_t> values{{by_team ? Dim::kTeam : Dim::kRegion, groups_.ids().Of(id)}};
    for (const std::string& above : directory.Above(id, day))
      if (const org::v1::Unit* u = directory.FindUnit(above);
          u && u->kind() == org::v1::UNIT_KIND_REGION)
        values.try_emplace(Dim::kRegion, groups_.ids().Of(above));
    bool passes = true;
    Key part{};
    for (Dim dim : {Dim::kTeam, Dim::kRegion}) passes &= !groups_.Filtered(dim, values[dim]);
    for (size_t i = 0; i < question_.groups.size(); ++i)
      if (Has(kUnits, question_.groups[i])) passes &= (part[i] = values[question_.groups[i]]) != 0;
    if (passes) parts->insert(part);
  }
}

StatusOr<std::vector<RawSum>> Labels::Family(Reader& reader, DimSet family) {
  Interner& ids = groups_.ids();
  std::vector<RawSum> sums;
  auto add = [&]() -> RawSum& { return sums.emplace_back(); };
  if (family == kOrgDims) return Reps();
  if (family == kProductDims) {
    ASSIGN_OR_RETURN(Products products, AllProducts(reader));
    for (const auto& [id, product] : products) add().product = ids.Of(id);
  } else if (family == kCustomerDims) {
    ASSIGN_OR_RETURN(Customers customers, AllCustomers(reader));
    for (const auto& [id, customer] : customers) add().customer = ids.Of(id);
  } else if (family == Bit(Dim::kSource)) {
    ASSIGN_OR_RETURN(std::vector<std::string> sources, ReadSources(reader));
    for (const std::string& source : sources) add().source = ids.Of(source);
  } else {
    ASSIGN_OR_RETURN(std::vector<StageCopy> stages, ReadStages(reader));
    for (const StageCopy& stage : stages) add().stage = ids.Of(stage.id);
  }
  return sums;
}

StatusOr<std::vector<Key>> Labels::Known(Reader& reader) {
  std::set<Key> keys{Key{}};
  const int32_t day = question_.days.to;
  for (DimSet family : kFamilies) {
    if ((question_.dims() & family) == 0) continue;
    ASSIGN_OR_RETURN(std::vector<RawSum> members, Family(reader, family));
    RETURN_IF_ERROR(groups_.Load(reader, members));
    // The family's part of each key, once.
    std::set<Key> parts;
    for (const RawSum& member : members) {
      bool passes = true;
      Key part{};
      for (const DimFilter& filter : question_.filters)
        if (Has(family, filter.dim))
          passes &= !groups_.Filtered(filter.dim, groups_.ValueOf(filter.dim, member, day));
      for (size_t i = 0; i < question_.groups.size(); ++i)
        if (Has(family, question_.groups[i]))
          passes &= (part[i] = groups_.ValueOf(question_.groups[i], member, day)) != 0;
      if (passes) parts.insert(part);
    }
    if (family == kOrgDims) AddUnits(&parts);
    std::set<Key> next;
    for (const Key& key : keys)
      for (Key part : parts) {
        for (size_t i = 0; i < part.size(); ++i) part[i] += key[i];
        next.insert(part);
        if (next.size() > kMaxKnown)
          return InvalidField("include_empty", "would list too many groups; ask by fewer of them");
      }
    keys = std::move(next);
  }
  if (!question_.time) return std::vector<Key>(keys.begin(), keys.end());
  std::set<Key> timed;
  for (const BucketSpan& bucket : BucketsIn(BucketOf(*question_.time), question_.days)) {
    const Key time = groups_.KeyOf({}, bucket.as_of, bucket.as_of);
    for (Key key : keys) {
      for (size_t i = 0; i < question_.groups.size(); ++i)
        if (IsTime(question_.groups[i])) key[i] = time[i];
      timed.insert(key);
      if (timed.size() > kMaxKnown)
        return InvalidField("include_empty", "would list too many groups; ask by fewer of them");
    }
  }
  return std::vector<Key>(timed.begin(), timed.end());
}

}  // namespace spm::performance
