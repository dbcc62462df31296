#include "services/performance/groups.h"

namespace spm::performance {
namespace {

bool Any(DimSet dims, DimSet of) { return (dims & of) != 0; }

}  // namespace

Groups::Groups(const Question& question, const Call& call)
    : question_(question),
      call_(call),
      sees_all_(question.everyone || Directory::SeesAll(call.caller)) {
  for (const DimFilter& filter : question.filters) {
    auto& [dim, allowed] = filters_.emplace_back(filter.dim, std::unordered_set<uint32_t>{});
    for (const std::string& value : filter.values) allowed.insert(ids_.Of(value));
  }
}

SumsQuery Groups::Columns() const {
  const DimSet dims = question_.dims();
  SumsQuery query;
  query.rep = !sees_all_ || Any(dims, kOrgDims);
  query.customer = Any(dims, kCustomerDims);
  query.product = Any(dims, kProductDims);
  query.source = Has(dims, Dim::kSource);
  query.stage = Has(dims, Dim::kStage);
  query.day = !sees_all_ || Any(dims, kPlaceDims | kTimeDims);
  query.as_of_us = question_.as_of_us;
  for (const DimFilter& filter : question_.filters)
    if (filter.dim == Dim::kRep) query.reps = filter.values;
  return query;
}

Status Groups::Load(Reader& reader, const std::vector<RawSum>& sums) {
  const DimSet dims = question_.dims();
  std::unordered_set<uint32_t> customers, products;
  for (const RawSum& sum : sums) {
    if (Any(dims, Bit(Dim::kSector) | Bit(Dim::kCountry)) && sum.customer &&
        !customers_.contains(sum.customer))
      customers.insert(sum.customer);
    if (Has(dims, Dim::kProductLine) && sum.product && !lines_.contains(sum.product))
      products.insert(sum.product);
  }
  std::vector<std::string> texts;
  for (uint32_t id : customers) texts.push_back(ids_.Text(id));
  ASSIGN_OR_RETURN(Customers known_customers, ReadCustomers(reader, texts));
  for (const auto& [id, customer] : known_customers)
    customers_[ids_.Of(id)] = {ids_.Of(customer.sector), ids_.Of(customer.country)};
  texts.clear();
  for (uint32_t id : products) texts.push_back(ids_.Text(id));
  ASSIGN_OR_RETURN(Products known_products, ReadProducts(reader, texts));
  for (const auto& [id, product] : known_products) lines_[ids_.Of(id)] = ids_.Of(product.line);
  return OkStatus();
}

bool Groups::Sees(const std::string& person, int32_t day) const {
  return sees_all_ ||
         (!person.empty() && call_.directory->VisibleTo(call_.caller.id, day)->contains(person));
}

const Groups::PlaceIds& Groups::PlaceOf(uint32_t rep, int32_t day) {
  const uint64_t span = call_.directory->SpanOf(day);
  auto [at, fresh] = places_.try_emplace(span << 32 | rep);
  PlaceIds& ids = at->second;
  if (!fresh) return ids;
  if (rep != 0) {
    const Place& place = call_.directory->PlaceOf(ids_.Text(rep), day);
    ids.team = ids_.Of(place.team_id);
    ids.region = ids_.Of(place.region_id);
    ids.manager = ids_.Of(place.manager_id);
  }
  ids.visible = Sees(ids_.Text(rep), day);
  return ids;
}

uint32_t Groups::ValueOf(Dim dim, const RawSum& sum, int32_t day) {
  switch (dim) {
    case Dim::kRep:
      return sum.rep;
    case Dim::kManager:
      return PlaceOf(sum.rep, day).manager;
    case Dim::kTeam:
      return PlaceOf(sum.rep, day).team;
    case Dim::kRegion:
      return PlaceOf(sum.rep, day).region;
    case Dim::kProduct:
      return sum.product;
    case Dim::kProductLine: {
      auto line = lines_.find(sum.product);
      return line == lines_.end() ? 0 : line->second;
    }
    case Dim::kCustomer:
      return sum.customer;
    case Dim::kSector:
    case Dim::kCountry: {
      auto customer = customers_.find(sum.customer);
      if (customer == customers_.end()) return 0;
      return dim == Dim::kSector ? customer->second.sector : customer->second.country;
    }
    case Dim::kSource:
      return sum.source;
    case Dim::kStage:
      return sum.stage;
    default:
      return 0;
  }
}

bool Groups::Filtered(Dim dim, uint32_t value) const {
  for (const auto& [filter, allowed] : filters_)
    if (filter == dim && !allowed.contains(value)) return true;
  return false;
}

bool Groups::Passes(const RawSum& sum, int32_t day) {
  if (!sees_all_ && !PlaceOf(sum.rep, day).visible) return false;
  for (const auto& [dim, allowed] : filters_)
    if (!allowed.contains(ValueOf(dim, sum, day))) return false;
  return true;
}

Key Groups::KeyOf(const RawSum& sum, int32_t day, int32_t time) {
  Key key{};
  for (size_t i = 0; i < question_.groups.size(); ++i) {
    const Dim dim = question_.groups[i];
    key[i] = IsTime(dim) ? static_cast<uint32_t>(BucketStart(BucketOf(dim), time))
                         : ValueOf(dim, sum, day);
  }
  return key;
}

}  // namespace spm::performance
