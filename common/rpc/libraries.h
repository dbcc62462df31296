// What gRPC and protobuf have to say goes into our log, one JSON line each, instead of standard
// error.
#pragma once

namespace spm {

// For the whole process; calling it again changes nothing.
void PrepareLibraries();

}  // namespace spm
