// Groups joins raw sums to the dimensions of a question: the place of the rep on the day, the
// attributes of the customer and the product as they are now. Also decides what passes the filters
// and what the caller may see. Made for one question, used by its thread.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/base/status.h"
#include "common/write/call.h"
#include "services/performance/copy_store.h"
#include "services/performance/fact_table.h"
#include "services/performance/question.h"

namespace spm::performance {

// A value for each group: the number of an id, 0 for none; or the first day of a bucket.
using Key = std::array<uint32_t, 3>;
struct KeyHash {
  size_t operator()(const Key& key) const {
    uint64_t h = key[0] * 0x9E3779B97F4A7C15ull;
    h = (h ^ key[1]) * 0xC2B2AE3D27D4EB4Full;
    return (h ^ (h >> 29) ^ key[2]) * 0x9E3779B97F4A7C15ull;
  }
};

class Groups {
 public:
  Groups(const Question& question, const Call& call);

  Interner& ids() { return ids_; }
  // What sums must be kept apart by, so that the question can be answered from them.
  SumsQuery Columns() const;
  // Reads the attributes of the customers and products that occur, where the question needs them.
  Status Load(Reader& reader, const std::vector<RawSum>& sums);

  // `day` decides the place of the rep.
  bool Passes(const RawSum& sum, int32_t day);
  // `time` decides the buckets.
  Key KeyOf(const RawSum& sum, int32_t day, int32_t time);
  // One dimension's part of a key.
  uint32_t ValueOf(Dim dim, const RawSum& sum, int32_t day);
  bool Filtered(Dim dim, uint32_t value) const;

  bool Sees(const std::string& person, int32_t day) const;
  bool sees_all() const { return sees_all_; }
  const Call& call() const { return call_; }

 private:
  struct PlaceIds {
    uint32_t team = 0, region = 0, manager = 0;
    bool visible = true;
  };
  const PlaceIds& PlaceOf(uint32_t rep, int32_t day);

  const Question& question_;
  const Call& call_;
  const bool sees_all_;
  Interner ids_;
  // For each filter the numbers that it lets through.
  std::vector<std::pair<Dim, std::unordered_set<uint32_t>>> filters_;
  // (span of the directory, rep) -> where.
  std::unordered_map<uint64_t, PlaceIds> places_;
  struct Attributes {
    uint32_t sector = 0, country = 0;
  };
  std::unordered_map<uint32_t, Attributes> customers_;
  std::unordered_map<uint32_t, uint32_t> lines_;
};

}  // namespace spm::performance
