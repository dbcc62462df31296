#include "common/http/server.h"

#include <sys/resource.h>

#include <algorithm>

#include "common/base/log.h"
#include "common/http/core.h"
#include "common/http/errors.h"

namespace spm {
namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr char kFull[] =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
    "Content-Length: 0\r\n\r\n";

// Half of the descriptors stay for databases, channels and files.
size_t WithinDescriptors(size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  return std::min<size_t>(wanted, std::max<size_t>(16, limit.rlim_cur / 2));
}

bool OutOfResources(error_code ec) {
  return ec == net::error::no_descriptors || ec == net::error::no_memory ||
         ec == net::error::no_buffer_space ||
         ec == error_code(ENFILE, boost::system::system_category());
}

}  // namespace

HttpCore::HttpCore(HttpServerOptions options, HttpHandler handler)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      ioc_(options_.threads),
      work_(ioc_.get_executor()),
      acceptor_(net::make_strand(ioc_)),
      pause_(acceptor_.get_executor()),
      max_connections_(WithinDescriptors(options_.max_connections)),
      open_(GaugeOf("spm_http_connections", "Open connections", {{"server", options_.name}})),
      refused_(CounterOf("spm_http_refused_total", "Connections beyond the limit",
                         {{"server", options_.name}})),
      seconds_(HistogramOf("spm_http_request_seconds", "Time to the answer",
                           {{"server", options_.name}})) {}

Status HttpCore::Start() {
  tcp::endpoint endpoint(net::ip::address_v4::loopback(),
                         static_cast<unsigned short>(options_.port));
  error_code ec;
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(net::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(net::socket_base::max_listen_connections, ec);
  std::string port = std::to_string(options_.port);
  if (ec == net::error::address_in_use)
    return Precondition("PORT_IN_USE", "port " + port +
                                           " is in use: stop what listens there, or choose another"
                                           " one with --port");
  if (ec) return Precondition("PORT", "cannot listen on port " + port + ": " + ec.message());
  port_ = acceptor_.local_endpoint().port();
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { ioc_.run(); });
  net::post(acceptor_.get_executor(), [self = shared_from_this()] { self->Accept(); });
  return OkStatus();
}

void HttpCore::Accept() {
  acceptor_.async_accept(net::make_strand(ioc_),
                         [self = shared_from_this()](error_code ec, tcp::socket socket) {
                           self->OnAccept(ec, std::move(socket));
                         });
}

void HttpCore::OnAccept(error_code ec, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (OutOfResources(ec)) {
    // Trying again at once would spin until somebody closes; nothing wakes an acceptor then.
    if (!pausing_) LogWarn("out of descriptors, accepting pauses", {{"server", options_.name}});
    pausing_ = true;
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([self = shared_from_this()](error_code waited) {
      if (!waited) self->Accept();
    });
    return;
  }
  if (!ec) {
    pausing_ = false;
    auto connection = std::make_shared<HttpConnection>(shared_from_this(), std::move(socket));
    if (Add(connection)) connection->Run();
  }
  Accept();
}

bool HttpCore::Add(const std::shared_ptr<HttpConnection>& connection) {
  std::lock_guard lock(mutex_);
  if (draining_) return false;
  if (connections_.size() >= max_connections_) {
    refused_.Add();
    connection->TurnAway(kFull);
    return false;
  }
  connections_.emplace(connection.get(), connection);
  open_.Set(static_cast<double>(connections_.size()));
  return true;
}

void HttpCore::Remove(HttpConnection* connection) {
  std::lock_guard lock(mutex_);
  connections_.erase(connection);
  open_.Set(static_cast<double>(connections_.size()));
  if (connections_.empty()) none_.notify_all();
}

void HttpCore::Post(const beast::tcp_stream::executor_type& executor, std::function<void()> f) {
  std::lock_guard lock(mutex_);
  if (!stopped_) net::post(executor, std::move(f));
}

void HttpCore::Handle(std::shared_ptr<const HttpRequest> request, HttpDone done) {
  try {
    handler_(std::move(request), done);
  } catch (const std::exception& e) {
    LogError("handler failed", {{"server", options_.name}, {"error", e.what()}});
    done(ErrorResponse(Internal("something failed")));
  }
}

void HttpCore::Count(int status, double seconds) {
  CounterOf("spm_http_requests_total", "Answers by class of status",
            {{"server", options_.name}, {"status", std::to_string(status / 100) + "xx"}})
      .Add();
  seconds_.Observe(seconds);
}

std::vector<std::shared_ptr<HttpConnection>> HttpCore::Connections() {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<HttpConnection>> all;
  for (const auto& [_, weak] : connections_)
    if (auto connection = weak.lock()) all.push_back(std::move(connection));
  return all;
}

bool HttpCore::AwaitNone(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return none_.wait_for(lock, timeout, [this] { return connections_.empty(); });
}

void HttpCore::Stop(std::chrono::milliseconds grace) {
  if (threads_.empty()) return;
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
  }
  net::post(acceptor_.get_executor(), [self = shared_from_this()] {
    error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
  for (auto& connection : Connections()) connection->Drain();
  if (!AwaitNone(grace)) {
    for (auto& connection : Connections()) connection->Abort();
    AwaitNone(std::chrono::seconds(1));
  }
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  work_.reset();
  ioc_.stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  // What is still queued holds connections, and they hold this.
  ioc_.restart();
  ioc_.poll();
}

HttpServer::HttpServer(HttpServerOptions options, HttpHandler handler)
    : core_(std::make_shared<HttpCore>(std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() { Stop(); }
Status HttpServer::Start() { return core_->Start(); }
int HttpServer::port() const { return core_->port(); }
void HttpServer::Stop(std::chrono::milliseconds grace) { core_->Stop(grace); }

}  // namespace spm
