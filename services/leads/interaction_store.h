// Tables of interactions and handovers. Constants, shared by all threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/db/table.h"
#include "spm/leads/v1/interaction.pb.h"

namespace spm::leads {

// Seen by those who see the subject; who reads one has checked that.
const Table<v1::Interaction>& Interactions();
StatusOr<std::vector<std::string>> InteractionIdsOf(Reader& reader,
                                                    const std::vector<std::string>& subjects);

// Seen by those who see the leaver.
const Table<v1::Handover>& Handovers();
// The handover of a leaver that runs; of anybody, the oldest, where `from_id` is empty.
StatusOr<std::optional<std::string>> RunningHandover(Reader& reader, const std::string& from_id);

}  // namespace spm::leads
