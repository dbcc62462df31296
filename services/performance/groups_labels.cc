#include "services/performance/groups_labels.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

namespace spm::performance {

Status Labels::Load(Reader& reader, const std::vector<Key>& keys) {
  for (size_t i = 0; i < question_.groups.size(); ++i) {
    const Dim dim = question_.groups[i];
    if (dim == Dim::kStage) {
      ASSIGN_OR_RETURN(std::vector<StageCopy> stages, ReadStages(reader));
      for (const StageCopy& stage : stages) {
        stage_names_.try_emplace(stage.id, stage.name);
        stage_places_.try_emplace(stage.id, stage_places_.size());
        if (stage.closed) last_stages_.insert(groups_.ids().Of(stage.id));
      }
    }
    if (dim != Dim::kCustomer && dim != Dim::kProduct) continue;
    std::unordered_set<uint32_t> seen;
    std::vector<std::string> ids;
    for (const Key& key : keys)
      if (key[i] && seen.insert(key[i]).second) ids.push_back(groups_.ids().Text(key[i]));
    if (dim == Dim::kCustomer) {
      ASSIGN_OR_RETURN(customers_, ReadCustomers(reader, ids));
    } else {
      ASSIGN_OR_RETURN(products_, ReadProducts(reader, ids));
    }
  }
  return OkStatus();
}

std::string Labels::NameOf(Dim dim, const std::string& id) const {
  const Directory& directory = *groups_.call().directory;
  std::string name;
  if (dim == Dim::kRep || dim == Dim::kManager) {
    if (const org::v1::Person* person = directory.FindPerson(id)) name = person->name();
  } else if (dim == Dim::kTeam || dim == Dim::kRegion) {
    if (const org::v1::Unit* unit = directory.FindUnit(id)) name = unit->name();
  } else if (dim == Dim::kCustomer) {
    if (auto at = customers_.find(id); at != customers_.end()) name = at->second.name;
  } else if (dim == Dim::kProduct) {
    if (auto at = products_.find(id); at != products_.end()) name = at->second.name;
  } else if (dim == Dim::kStage) {
    if (auto at = stage_names_.find(id); at != stage_names_.end()) name = at->second;
  }
  return name.empty() ? id : name;
}

v1::GroupKey Labels::Show(Dim dim, uint32_t value) {
  v1::GroupKey key;
  if (IsTime(dim)) {
    key.set_id(BucketName(BucketOf(dim), static_cast<int32_t>(value)));
    key.set_name(key.id());
  } else if (value != 0) {
    key.set_id(groups_.ids().Text(value));
    key.set_name(NameOf(dim, key.id()));
  }
  return key;
}

// Where a value comes among those of its group.
struct Labels::Rank {
  bool none = false;
  int64_t place = 0;
  std::string name, id;
  auto operator<=>(const Rank&) const = default;
};

void Labels::Sort(std::vector<Key>* keys) {
  std::vector<std::unordered_map<uint32_t, size_t>> places(question_.groups.size());
  for (size_t i = 0; i < question_.groups.size(); ++i) {
    const Dim dim = question_.groups[i];
    std::vector<std::pair<Rank, uint32_t>> ranks;
    for (const Key& key : *keys) {
      if (!places[i].try_emplace(key[i], 0).second) continue;
      Rank rank;
      if (IsTime(dim)) {
        rank.place = static_cast<int32_t>(key[i]);
      } else if (key[i] == 0) {
        rank.none = true;
      } else {
        rank.id = groups_.ids().Text(key[i]);
        rank.name = NameOf(dim, rank.id);
        if (dim == Dim::kStage) {
          auto at = stage_places_.find(rank.id);
          rank.place = at == stage_places_.end() ? std::numeric_limits<int32_t>::max()
                                                 : static_cast<int64_t>(at->second);
        }
      }
      ranks.emplace_back(std::move(rank), key[i]);
    }
    std::sort(ranks.begin(), ranks.end());
    for (size_t n = 0; n < ranks.size(); ++n) places[i][ranks[n].second] = n;
  }
  std::sort(keys->begin(), keys->end(), [&](const Key& a, const Key& b) {
    for (size_t i = 0; i < places.size(); ++i)
      if (a[i] != b[i]) return places[i].at(a[i]) < places[i].at(b[i]);
    return false;
  });
}

}  // namespace spm::performance
