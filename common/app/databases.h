// Which databases a folder has: one that was there and is gone must not come back empty, since the
// others went on from what it held. Used by one thread at the start.
#pragma once

#include <string>
#include <vector>

#include "common/base/status.h"

namespace spm {

// FAILED_PRECONDITION DATABASE_MISSING names the files that are gone or empty. A service that the
// folder never had may begin with an empty one.
Status CheckDatabases(const std::string& folder, const std::vector<std::string>& services);
// Writes down, after all were opened, that the folder has these.
Status NoteDatabases(const std::string& folder, const std::vector<std::string>& services);

}  // namespace spm
