// Tables of org: units and people. Constants, shared by all threads.
#pragma once

#include "common/db/table.h"
#include "spm/org/v1/org.pb.h"

namespace spm::org {

const Table<v1::Unit>& Units();
const Table<v1::Person>& People();

}  // namespace spm::org
