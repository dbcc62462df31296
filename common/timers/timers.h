// Timers of an aggregate's owner: set and cancelled in the transaction that changes the state,
// fired once at or after their time by the service's lane. Setting one again moves it.
#pragma once

#include <cstdint>
#include <string>

#include "common/db/tx.h"

namespace spm {

struct TimerFired {
  std::string kind;
  std::string key;
  // When it was due; the event that it leads to happened then.
  int64_t due_us = 0;
  std::string payload;
};

void SetTimer(Tx& tx, const std::string& kind, const std::string& key, int64_t due_us,
              const std::string& payload = "");
void CancelTimer(Tx& tx, const std::string& kind, const std::string& key);

}  // namespace spm
