// The gRPC server of a process: binds methods by path, with bytes, and runs each call through the
// chain. Start and Stop are called by one thread; the rest is thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/rpc/chain.h"
#include "common/rpc/method.h"

namespace spm {

class RpcServer {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    // 0 takes a free one.
    int port = 0;
    bool reflection = false;
    std::vector<RpcMethod> methods;
    AuthenticateFor authenticate;
  };

  // Whether it could listen there; asked before anything is touched. 0 always can.
  static Status CheckPort(int port);

  explicit RpcServer(Options options);
  ~RpcServer();

  // Listens and serves; health says NOT_SERVING until SetServing. The error names a method that is
  // unknown, doubled or without access annotation, or the port that is in use.
  Status Start();
  int port() const;

  // Health services "startup", "readiness" (and "", the server as a whole) and "liveness", which
  // serves from Start to Stop.
  void SetServing(bool startup, bool ready);

  // Turns calls away (UNAVAILABLE with RetryInfo) for a moment, then takes no more, gives those
  // that run the time to end, and cancels the rest.
  void Stop(std::chrono::milliseconds time);

 private:
  struct Running;
  Options options_;
  std::unique_ptr<Running> running_;
};

}  // namespace spm
