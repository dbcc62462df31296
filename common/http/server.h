// Async HTTP/1.1 server on few threads, bounded in every direction: what comes from outside can
// neither hold it up nor let it grow. Start and Stop from one thread; everything else is its own.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/base/status.h"
#include "common/http/message.h"

namespace spm {

struct HttpServerOptions {
  // 0 takes a free one.
  int port = 0;
  // Label of its metrics.
  std::string name = "http";
  int threads = 2;
  // More are answered 503 and closed; never above half of the descriptors that the process may
  // have.
  size_t max_connections = 4096;
  size_t header_limit = 8 << 10;
  size_t body_limit = 4 << 20;
  // Bytes that a stream's client may leave unread before it is dropped.
  size_t stream_limit = 4 << 20;
  std::chrono::milliseconds header_timeout{15'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};
  std::chrono::milliseconds idle_timeout{60'000};
};

class HttpCore;

// Listens on 127.0.0.1.
class HttpServer {
 public:
  HttpServer(HttpServerOptions options, HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // FAILED_PRECONDITION (PORT_IN_USE) names the port and the remedy.
  Status Start();
  // The port that it listens on.
  int port() const;
  // Accepts no more, lets requests in work finish for as long as `grace`, ends streams.
  void Stop(std::chrono::milliseconds grace = std::chrono::seconds(5));

 private:
  std::shared_ptr<HttpCore> core_;
};

}  // namespace spm
