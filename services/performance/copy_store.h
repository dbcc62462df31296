// Own copies of customers, products, pipelines and sources: names and attributes that groups are
// joined with. Written by consumers as upserts, in any order across records.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/status.h"
#include "common/db/tx.h"

namespace spm::performance {

struct CustomerCopy {
  std::string name, sector, country;
  bool deleted = false;
};
struct ProductCopy {
  std::string name, line;
  bool deleted = false;
};
struct StageCopy {
  std::string id, name;
  // Won and lost ones have no next stage.
  bool closed = false;
};

void SaveCustomer(Tx& tx, const std::string& id, const CustomerCopy& customer);
// `refs` are keys elsewhere, as source:key.
void SaveProduct(Tx& tx, const std::string& id, const ProductCopy& product,
                 const std::vector<std::string>& refs);
// The stages of one version of a pipeline, in order; an older version than the kept one is passed
// over.
StatusOr<bool> SavePipeline(Tx& tx, const std::string& kind, int64_t version,
                            const std::vector<StageCopy>& stages);
void SaveSource(Tx& tx, const std::string& source);
void DropCopies(Tx& tx);

using Customers = std::unordered_map<std::string, CustomerCopy>;
using Products = std::unordered_map<std::string, ProductCopy>;
// Of the ids given.
StatusOr<Customers> ReadCustomers(Reader& reader, const std::vector<std::string>& ids);
StatusOr<Products> ReadProducts(Reader& reader, const std::vector<std::string>& ids);
// All that are not deleted.
StatusOr<Customers> AllCustomers(Reader& reader);
StatusOr<Products> AllProducts(Reader& reader);
// Stages of all pipelines, in the order of their pipeline; the default one first.
StatusOr<std::vector<StageCopy>> ReadStages(Reader& reader);
StatusOr<std::vector<std::string>> ReadSources(Reader& reader);

// Ids of records that have an id or a name, and whether some record has an attribute's value.
StatusOr<std::vector<std::string>> FindCustomers(Reader& reader, const std::string& text);
StatusOr<std::vector<std::string>> FindProducts(Reader& reader, const std::string& text);
StatusOr<bool> HasSector(Reader& reader, const std::string& value);
StatusOr<bool> HasCountry(Reader& reader, const std::string& value);
StatusOr<bool> HasLine(Reader& reader, const std::string& value);
StatusOr<bool> HasSource(Reader& reader, const std::string& value);

}  // namespace spm::performance
