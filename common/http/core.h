// What a server and its connections share. Lives as long as the last of them. Part of the server;
// nobody else includes it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "common/base/metrics.h"
#include "common/http/connection.h"

namespace spm {

class HttpCore : public std::enable_shared_from_this<HttpCore> {
 public:
  HttpCore(HttpServerOptions options, HttpHandler handler);

  Status Start();
  void Stop(std::chrono::milliseconds grace);
  int port() const { return port_; }

  const HttpServerOptions& options() const { return options_; }
  // Stop has begun: connections end after the answer that they are at.
  bool draining() const { return draining_; }
  void Handle(std::shared_ptr<const HttpRequest> request, HttpDone done);
  // Runs it on the executor, unless the server has stopped.
  void Post(const beast::tcp_stream::executor_type& executor, std::function<void()> f);
  void Remove(HttpConnection* connection);
  void Count(int status, double seconds);

 private:
  void Accept();
  void OnAccept(error_code ec, tcp::socket socket);
  bool Add(const std::shared_ptr<HttpConnection>& connection);
  std::vector<std::shared_ptr<HttpConnection>> Connections();
  bool AwaitNone(std::chrono::milliseconds timeout);

  const HttpServerOptions options_;
  const HttpHandler handler_;
  net::io_context ioc_;
  net::executor_work_guard<net::io_context::executor_type> work_;
  tcp::acceptor acceptor_;
  net::steady_timer pause_;
  std::vector<std::thread> threads_;
  bool pausing_ = false;
  int port_ = 0;
  size_t max_connections_;

  std::mutex mutex_;
  std::condition_variable none_;
  std::unordered_map<HttpConnection*, std::weak_ptr<HttpConnection>> connections_;
  std::atomic<bool> draining_ = false;
  bool stopped_ = false;

  GaugeMetric& open_;
  CounterMetric& refused_;
  HistogramMetric& seconds_;
};

}  // namespace spm
