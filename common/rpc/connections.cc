#include "common/rpc/connections.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>

namespace spm {
namespace {

bool IsAcceptedOn(int fd, int port) {
  sockaddr_storage local{};
  sockaddr_storage peer{};
  socklen_t size = sizeof local;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0) return false;
  size = sizeof peer;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  if (local.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in*>(&local)->sin_port) == port;
  if (local.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&local)->sin6_port) == port;
  return false;
}

}  // namespace

void EndConnections(int port) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const int fd = std::atoi(entry.path().filename().c_str());
    if (IsAcceptedOn(fd, port)) shutdown(fd, SHUT_RDWR);
  }
}

}  // namespace spm
