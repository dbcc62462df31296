// Dimensions are what figures are grouped and filtered by. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"

namespace spm::performance {

enum class Dim : uint8_t {
  kRep,
  kManager,
  kTeam,
  kRegion,
  kProduct,
  kProductLine,
  kCustomer,
  kSector,
  kCountry,
  kSource,
  kStage,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
};
constexpr size_t kDims = 16;

// A set of dimensions, as bits.
using DimSet = uint32_t;
constexpr DimSet Bit(Dim dim) { return DimSet{1} << static_cast<int>(dim); }
constexpr bool Has(DimSet set, Dim dim) { return (set & Bit(dim)) != 0; }

constexpr DimSet kPlaceDims = Bit(Dim::kManager) | Bit(Dim::kTeam) | Bit(Dim::kRegion);
constexpr DimSet kOrgDims = Bit(Dim::kRep) | kPlaceDims;
constexpr DimSet kProductDims = Bit(Dim::kProduct) | Bit(Dim::kProductLine);
constexpr DimSet kCustomerDims = Bit(Dim::kCustomer) | Bit(Dim::kSector) | Bit(Dim::kCountry);
constexpr DimSet kMonthlyDims = Bit(Dim::kMonth) | Bit(Dim::kQuarter) | Bit(Dim::kYear);
constexpr DimSet kTimeDims = Bit(Dim::kDay) | Bit(Dim::kWeek) | kMonthlyDims;

std::string NameOf(Dim dim);
std::optional<Dim> FindDim(const std::string& name);
// Names of a set, in the order of the enum.
std::vector<std::string> NamesOf(DimSet dims);

constexpr bool IsTime(Dim dim) { return Has(kTimeDims, dim); }
// The bucket of a dimension of time.
Bucket BucketOf(Dim dim);

}  // namespace spm::performance
