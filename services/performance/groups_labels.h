// Names and order of the groups of an answer, and the groups that are known without any fact. Made
// for one answer, used by its thread.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/base/status.h"
#include "services/performance/groups.h"

namespace spm::performance {

class Labels {
 public:
  Labels(const Question& question, Groups& groups) : question_(question), groups_(groups) {}

  // Reads the names of what occurs in the keys.
  Status Load(Reader& reader, const std::vector<Key>& keys);
  v1::GroupKey Show(Dim dim, uint32_t value);
  // Sorts: time ascending; stages in the order of their pipeline; others by name, then id; no value
  // comes last.
  void Sort(std::vector<Key>* keys);
  // Won and lost stages have no next one.
  bool IsLastStage(uint32_t stage) const { return last_stages_.contains(stage); }

  // Keys of all groups that exist, with facts or not, within the filters and what the caller sees.
  // INVALID_ARGUMENT where they are too many.
  StatusOr<std::vector<Key>> Known(Reader& reader);

 private:
  struct Rank;
  std::string NameOf(Dim dim, const std::string& id) const;
  // Values of the dimensions of one family, together: a rep with its team.
  StatusOr<std::vector<RawSum>> Family(Reader& reader, DimSet family);
  std::vector<RawSum> Reps() const;
  // Teams and regions, with or without people; only where nothing finer is asked for.
  void AddUnits(std::set<Key>* parts) const;

  const Question& question_;
  Groups& groups_;
  Customers customers_;
  Products products_;
  std::unordered_map<std::string, std::string> stage_names_;
  std::unordered_map<std::string, size_t> stage_places_;
  std::unordered_set<uint32_t> last_stages_;
};

}  // namespace spm::performance
