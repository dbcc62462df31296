// Table of deals, and the time they spent in their stages. Constants, shared by all threads.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/db/table.h"
#include "services/leads/lead_store.h"
#include "spm/leads/v1/opportunity.pb.h"

namespace spm::leads {

// Filters owner, owners (any of OwnerList), customer, product, pipeline, stage, stage_kind, source,
// live; orders new and stage_time.
const Table<v1::Opportunity>& Opportunities();
// Value of the filter `owners`: deals of any of these people, none where there is nobody.
std::string OwnerList(const std::vector<std::string>& people);

// Writes the deal's stays from the n-th on; the last one that was written before is written again,
// since it was left. `closed` are the stages that are not open.
void SaveStays(Tx& tx, const v1::Opportunity& deal, int from_n, const std::set<std::string>& closed,
               const Zone& zone);
// Forgets all stays of a deal, before its history is written anew.
void DropStays(Tx& tx, const std::string& deal_id);

// Deals that were open at the end of a day and by then for more than `days` in their stage, the
// longest first (L8).
struct StalledQuery {
  int32_t days = 0;
  int32_t as_of_day = 0;
  // Empty is all in scope.
  std::string owner_id;
  // Of OwnerList; empty is all in scope.
  std::string owners;
  int page_size = 0;
  std::string page_token;
};
struct StalledDeal {
  v1::Opportunity deal;
  int32_t enter_day = 0;
};
StatusOr<Page<StalledDeal>> ListStalled(Reader& reader, const Scope& scope,
                                        const StalledQuery& query);
// How many there are over all pages.
StatusOr<int32_t> CountStalled(Reader& reader, const Scope& scope, const StalledQuery& query);

// Won deals and closed deals of people.
struct Record {
  int64_t won = 0, closed = 0;
};
StatusOr<std::map<std::string, Record>> RecordsOf(Reader& reader,
                                                  const std::vector<std::string>& people);
// Open deals of a person, at most `limit`, by id.
StatusOr<std::vector<std::string>> OpenDealIdsOf(Reader& reader, const std::string& owner_id,
                                                 int64_t limit);
StatusOr<std::vector<OwnedId>> DealsOfCustomer(Reader& reader, const std::string& customer_id);

// True where a deal has a price or an amount.
StatusOr<bool> AnyDealMoney(Reader& reader);

}  // namespace spm::leads
