// The connections that a process has accepted on a port. Thread-safe.
#pragma once

namespace spm {

// Ends them as a peer that goes away does: what was written still arrives, and whoever waits for
// more sees the connection lost.
void EndConnections(int port);

}  // namespace spm
