// What a request names: people, regions, customers, products, phones, money; each checked, with the
// field's name in the error. For the lane's thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/write/call.h"
#include "common/write/external.h"
#include "google/type/money.pb.h"
#include "services/leads/product_store.h"
#include "services/leads/rules/deal.h"

namespace spm::leads {

// A moment and its day in the company's zone.
Moment MomentOf(const Call& call, int64_t us);

// An active person within the caller's reach, by id or `source:key`. One who does not exist and one
// out of reach give the same INVALID_ARGUMENT; one who has left gives OWNER_INACTIVE.
StatusOr<std::string> OwnerRef(const Call& call, const std::string& ref, const std::string& field);
// Imports tell of the past: also people who have left. Empty stays empty.
StatusOr<std::string> PersonRef(const Call& call, const std::string& ref, const std::string& field);
StatusOr<std::string> UnitRef(const Call& call, const std::string& ref, const std::string& field);
// A customer that the caller may read; empty stays empty.
StatusOr<std::string> CustomerRef(Tx& tx, const Call& call, const std::string& ref,
                                  const std::string& field);
// A product that is sold; nothing for an empty reference.
StatusOr<std::optional<ProductCopy>> ProductRef(Tx& tx, const std::string& ref,
                                                const std::string& field);

// In the company's currency and not negative; brought into its one form.
Status CheckMoney(const Call& call, const std::string& field, google::type::Money* money);

// The one form of a phone (L11); INVALID_ARGUMENT where it is none.
StatusOr<std::string> PhoneOf(const Call& call, const std::string& text, const std::string& field);
// ALREADY_EXISTS where another customer has the phone, with its id where the caller may see it.
Status CheckCustomerPhone(Tx& tx, const Call& call, const std::string& phone,
                          const std::string& own_id, const std::string& field);
// Likewise for an open lead or a customer.
Status CheckLeadPhone(Tx& tx, const Call& call, const std::string& phone, const std::string& own_id,
                      const std::string& field);

// Keys of other systems that the rows of a batch name, looked up with one query for each kind and
// source.
class KeyBook {
 public:
  // `refs` are ids (left alone) or `source:key`.
  Status Load(Tx& tx, const std::string& kind, const std::vector<std::string>& refs);
  // Keys of one source.
  Status LoadKeys(Tx& tx, const std::string& kind, const std::string& source,
                  const std::vector<std::string>& keys);
  // The id that a reference stands for; INVALID_ARGUMENT where the key is unknown.
  StatusOr<std::string> Id(const std::string& kind, const std::string& ref,
                           const std::string& field) const;
  const ExternalRow* Find(const std::string& kind, const std::string& source,
                          const std::string& key) const;
  void Set(const std::string& kind, const std::string& source, const std::string& key,
           const ExternalRow& row);

 private:
  std::map<std::string, ExternalRow> rows_;
};

}  // namespace spm::leads
