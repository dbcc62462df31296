#include "services/performance/rules/dimension.h"

#include <array>

namespace spm::performance {
namespace {

constexpr std::array<const char*, kDims> kNames = {
    "rep",     "manager", "team",  "region", "product", "product_line", "customer", "sector",
    "country", "source",  "stage", "day",    "week",    "month",        "quarter",  "year"};

}  // namespace

std::string NameOf(Dim dim) { return kNames[static_cast<size_t>(dim)]; }

std::optional<Dim> FindDim(const std::string& name) {
  for (size_t i = 0; i < kDims; ++i)
    if (kNames[i] == name) return static_cast<Dim>(i);
  return std::nullopt;
}

std::vector<std::string> NamesOf(DimSet dims) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kDims; ++i)
    if (Has(dims, static_cast<Dim>(i))) names.emplace_back(kNames[i]);
  return names;
}

Bucket BucketOf(Dim dim) {
  switch (dim) {
    case Dim::kWeek:
      return Bucket::kWeek;
    case Dim::kMonth:
      return Bucket::kMonth;
    case Dim::kQuarter:
      return Bucket::kQuarter;
    case Dim::kYear:
      return Bucket::kYear;
    default:
      return Bucket::kDay;
  }
}

}  // namespace spm::performance
