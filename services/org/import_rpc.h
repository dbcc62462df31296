// Imports of units and people by the keys of another system. The row last imported again does
// nothing.
#pragma once

#include "common/db/tx.h"
#include "common/write/call.h"
#include "spm/org/v1/org.pb.h"

namespace spm::org {

StatusOr<v1::BatchImportUnitsResponse> BatchImportUnits(Tx&, const v1::BatchImportUnitsRequest&,
                                                        const Call&);
StatusOr<v1::BatchImportPeopleResponse> BatchImportPeople(Tx&, const v1::BatchImportPeopleRequest&,
                                                          const Call&);

}  // namespace spm::org
