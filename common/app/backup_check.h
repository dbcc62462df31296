// What a backup's databases hold, and whether they fit together. Reads only; one thread.
#pragma once

#include <string>

#include "common/base/status.h"
#include "spm/base/v1/backup.pb.h"

namespace spm {

// Fills schema, journal position and rows of `service` from its file in `folder`.
Status CountDatabase(const std::string& folder, base::v1::BackedUpService* service);

// Each database is whole, each journal without gaps, each mark on an event that is there, and each
// event applied, held or waiting in the outbox, for each of those that follow it. DATA_LOSS names
// the file.
Status CheckCopies(const std::string& folder, const base::v1::BackupManifest& manifest);

}  // namespace spm
