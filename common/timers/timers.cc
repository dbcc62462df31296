#include "common/timers/timers.h"

#include "common/write/journal.h"

namespace spm {

void SetTimer(Tx& tx, const std::string& kind, const std::string& key, int64_t due_us,
              const std::string& payload) {
  tx.WriteOne(
      "INSERT INTO timer (kind, key, part, due_us, payload) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (kind, key) DO UPDATE SET due_us = excluded.due_us, payload = excluded.payload",
      {kind, key, static_cast<int64_t>(PartOf(key)), due_us, Bytes{payload}});
}

void CancelTimer(Tx& tx, const std::string& kind, const std::string& key) {
  tx.Write("DELETE FROM timer WHERE kind = $1 AND key = $2", {kind, key});
}

}  // namespace spm
