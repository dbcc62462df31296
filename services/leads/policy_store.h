// What policies of leads are asked against, by pages, and how far each has been gone through.
// For any thread with its reader.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/db/db.h"
#include "common/db/tx.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/opportunity.pb.h"

namespace spm::leads {

// Open deals of a pipeline by stage.
StatusOr<std::map<std::string, int64_t>> StandingDeals(Reader& reader, const std::string& pipeline);

// Open leads, at most `limit`, by id after `after`.
StatusOr<std::vector<v1::Lead>> OpenLeadsAfter(Reader& reader, const std::string& after, int limit);
// Open deals of a pipeline, or of all where it is empty, likewise.
StatusOr<std::vector<v1::Opportunity>> OpenDealsAfter(Reader& reader, const std::string& pipeline,
                                                      const std::string& after, int limit);
// Open leads that people hold.
StatusOr<std::map<std::string, int32_t>> OpenLeadsHeld(Reader& reader,
                                                       const std::vector<std::string>& people);

// How far the records were gone through after a version of a policy came into force: all by
// `version`; towards `target` those up to `after`.
struct Applied {
  int64_t version = 0;
  int64_t target = 0;
  std::string after;
};
StatusOr<std::map<std::string, Applied>> AppliedPolicies(Reader& reader);
void SaveApplied(Tx& tx, const std::string& kind, const Applied& applied);

}  // namespace spm::leads
