// Chooses who receives a lead (L4, L5). Pure and deterministic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spm/leads/v1/policy.pb.h"

namespace spm::leads {

// A person who might receive a lead, as known now.
struct Candidate {
  std::string id;
  bool active = true;
  // The person works in the lead's region; the person knows its product line, product or sector.
  bool in_region = false;
  bool skilled = false;
  // Deals that the person closed, and how many of them were won.
  int64_t won = 0;
  int64_t closed = 0;
  // 1 (new) to 4 (expert); 0 is unknown.
  int32_t maturity = 0;
  int32_t open_leads = 0;
  // Most open leads held at once.
  int32_t capacity = 0;
};

struct Choice {
  std::string owner_id;
  // Points of the best candidates, for the record.
  std::string reason;
};

// Nobody who has left, and nobody who holds as many open leads as allowed, receives another.
bool MayReceive(const Candidate& candidate);

// Most open leads of a person: the person's own figure, else the policy's.
int32_t CapacityOf(int32_t own, const v1::AssignmentPolicy& policy);

// Fit in hundredths of a point, 0 to 10,000: region, skill, record and load, each weighted by the
// policy. Record is the share of closed deals that were won; who has closed none is judged by
// maturity, and by half where that is unknown. Load is the share of the capacity that is free.
int32_t FitOf(const Candidate& candidate, const v1::AssignmentPolicy& policy);

// The best fit of those who may receive; ties go to the smaller id. Nothing where nobody may.
std::optional<Choice> ChooseOwner(const std::vector<Candidate>& candidates,
                                  const v1::AssignmentPolicy& policy);

}  // namespace spm::leads
