// What leads tells of a deal, as far as figures depend on it. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spm::performance {

enum class StageKind { kOpen, kWon, kLost };

struct DealState {
  std::string pipeline, stage;
  StageKind kind = StageKind::kOpen;
  std::string owner_id, customer_id, product_id, source;
  int64_t quantity = 1;
  int64_t list_price_minor = 0;
  std::optional<int64_t> amount_minor;
  int32_t opened_day = 0;
  std::string external_id;
  bool deleted = false;
  // When the present stage was entered, and who owned the deal then.
  int32_t stage_day = 0;
  std::string stage_owner_id;
};

struct DealStep {
  int32_t day = 0;
  DealState state;
  // Stages entered by the step, passed-over ones first.
  std::vector<std::string> entered;
};

}  // namespace spm::performance
