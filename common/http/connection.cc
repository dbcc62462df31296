#include "common/http/connection.h"

#include <ctime>

#include "common/http/core.h"
#include "common/http/errors.h"

namespace spm {
namespace {

constexpr size_t kReadChunk = 4096;
constexpr size_t kWriteChunk = 64 << 10;
// What a refused client may still send before its connection is cut.
constexpr size_t kLingerBytes = 8 << 20;
constexpr auto kLingerTime = std::chrono::seconds(2);

int64_t SteadyUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string HttpDate() {
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

bool IsHttpError(error_code ec) {
  return ec.category() == http::make_error_code(http::error::bad_method).category();
}

// The request in our own terms; a reason where it makes no sense.
StatusOr<std::shared_ptr<HttpRequest>> Convert(http::request<http::string_body>&& from) {
  auto to = std::make_shared<HttpRequest>();
  to->method = std::string(from.method_string());
  int hosts = 0;
  for (const auto& field : from) {
    hosts += field.name() == http::field::host ? 1 : 0;
    to->headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  if (hosts > 1 || (hosts == 0 && from.version() > 10))
    return InvalidField("Host", "send this header once");
  std::string target(from.target());
  if (target.empty() || target[0] != '/') return InvalidField("path", "must begin with a slash");
  size_t question = target.find('?');
  to->path = target.substr(0, question);
  if (question != std::string::npos) {
    auto query = ParseQuery(std::string_view(target).substr(question + 1));
    if (!query) return InvalidField("query", "% must be followed by two hexadecimal digits");
    to->query = std::move(*query);
  }
  to->body = std::move(from.body());
  return to;
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpCore> core, tcp::socket socket)
    : core_(std::move(core)), stream_(std::move(socket)) {}

HttpConnection::~HttpConnection() {
  if (!closed_) core_->Remove(this);
}

void HttpConnection::Post(void (HttpConnection::*f)()) {
  core_->Post(stream_.get_executor(), [self = shared_from_this(), f] { (self.get()->*f)(); });
}

void HttpConnection::TurnAway(std::string_view bytes) {
  error_code ignored;
  auto& socket = stream_.socket();
  socket.non_blocking(true, ignored);
  socket.send(net::buffer(bytes.data(), bytes.size()), 0, ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  socket.close(ignored);
}

void HttpConnection::Run() {
  error_code ignored;
  stream_.socket().set_option(tcp::no_delay(true), ignored);
  Post(&HttpConnection::AwaitRequest);
}

// Waiting for a request and reading one have limits of their own, so that a slow sender cannot hide
// behind the long wait between requests.
void HttpConnection::AwaitRequest() {
  if (core_->draining() && !first_) return Finish();
  answered_ = false;
  if (buffer_.size() > 0) return ReadHeader();
  idle_ = true;
  stream_.expires_after(first_ ? core_->options().header_timeout : core_->options().idle_timeout);
  first_ = false;
  stream_.async_read_some(buffer_.prepare(kReadChunk),
                          [self = shared_from_this()](error_code ec, size_t n) {
                            self->idle_ = false;
                            if (ec) return self->Finish();
                            self->buffer_.commit(n);
                            self->ReadHeader();
                          });
}

void HttpConnection::ReadHeader() {
  begun_us_ = SteadyUs();
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(core_->options().header_limit));
  parser_->body_limit(core_->options().body_limit);
  stream_.expires_after(core_->options().header_timeout);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code ec, size_t) { self->OnHeader(ec); });
}

void HttpConnection::OnHeader(error_code ec) {
  if (ec) return Refuse(ec);
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return ReadBody();
  static const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  stream_.expires_after(core_->options().write_timeout);
  net::async_write(stream_, net::buffer(kContinue),
                   [self = shared_from_this()](error_code ec, size_t) {
                     if (ec) return self->Finish();
                     self->ReadBody();
                   });
}

void HttpConnection::ReadBody() {
  if (parser_->is_done()) return Dispatch();
  stream_.expires_after(core_->options().body_timeout);
  http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code ec, size_t) {
    if (ec) return self->Refuse(ec);
    self->Dispatch();
  });
}

void HttpConnection::Refuse(error_code ec) {
  if (!IsHttpError(ec) || ec == http::error::end_of_stream || ec == http::error::partial_message)
    return Finish();
  keep_alive_ = false;
  if (ec == http::error::header_limit)
    return WriteWhole(ErrorResponse(
        431,
        InvalidField("headers", "must be shorter than " +
                                    std::to_string(core_->options().header_limit) + " bytes")));
  if (ec == http::error::body_limit)
    return WriteWhole(ErrorResponse(
        413,
        InvalidField("body", "must be shorter than " + std::to_string(core_->options().body_limit) +
                                 " bytes: send less at a time")));
  WriteWhole(ErrorResponse(InvalidField("request", "is no HTTP/1.1: " + ec.message())));
}

void HttpConnection::Dispatch() {
  http::request<http::string_body> message = parser_->release();
  keep_alive_ = message.keep_alive();
  version_ = message.version();
  head_ = message.method() == http::verb::head;
  auto request = Convert(std::move(message));
  if (!request.ok()) {
    keep_alive_ = false;
    return WriteWhole(ErrorResponse(request.status()));
  }
  error_code ignored;
  tcp::endpoint peer = stream_.socket().remote_endpoint(ignored);
  (*request)->loopback = peer.address().is_loopback();
  auto once = std::make_shared<std::atomic<bool>>(false);
  core_->Handle(*std::move(request), [self = shared_from_this(), once](HttpResponse response) {
    if (once->exchange(true)) return;
    auto shared = std::make_shared<HttpResponse>(std::move(response));
    self->core_->Post(self->stream_.get_executor(),
                      [self, shared] { self->Answer(std::move(*shared)); });
  });
}

void HttpConnection::Answer(HttpResponse response) {
  if (closed()) return;
  if (response.stream && !head_) return StartStream(std::move(response));
  WriteWhole(std::move(response));
}

void HttpConnection::FillHeader(http::response_header<>* out, const HttpResponse& response) {
  out->version(version_);
  out->result(static_cast<unsigned>(response.status));
  out->set(http::field::date, HttpDate());
  if (!response.content_type.empty()) out->set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) out->insert(name, value);
}

void HttpConnection::WriteWhole(HttpResponse response) {
  keep_alive_ = keep_alive_ && !core_->draining();
  core_->Count(response.status, static_cast<double>(SteadyUs() - begun_us_) / 1e6);
  stream_.expires_after(core_->options().write_timeout);
  auto written = [self = shared_from_this()](error_code ec, size_t) { self->OnWritten(ec); };
  bool bodiless = head_ || response.status == 304 || response.status == 204;
  if (bodiless) {
    auto out = std::make_shared<http::response<http::empty_body>>();
    FillHeader(out.get(), response);
    out->keep_alive(keep_alive_);
    if (head_) out->content_length(response.body.size());
    response_ = out;
    http::async_write(stream_, *out, std::move(written));
  } else {
    auto out = std::make_shared<http::response<http::string_body>>();
    FillHeader(out.get(), response);
    out->keep_alive(keep_alive_);
    out->body() = std::move(response.body);
    out->prepare_payload();
    response_ = out;
    http::async_write(stream_, *out, std::move(written));
  }
}

void HttpConnection::OnWritten(error_code ec) {
  response_.reset();
  if (ec) return Finish();
  if (keep_alive_) return AwaitRequest();
  // Closing at once would reset the connection under an answer that the client is still reading.
  stream_.socket().shutdown(tcp::socket::shutdown_send, ec);
  stream_.expires_after(kLingerTime);
  Linger(kLingerBytes);
}

void HttpConnection::Linger(size_t left) {
  discarded_.resize(kWriteChunk);
  stream_.async_read_some(net::buffer(discarded_),
                          [self = shared_from_this(), left](error_code ec, size_t n) {
                            if (ec || n >= left) return self->Finish();
                            self->Linger(left - n);
                          });
}

void HttpConnection::Drain() {
  core_->Post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->idle_) self->Finish();
    if (self->streaming_) self->Close();
  });
}

void HttpConnection::Abort() { Post(&HttpConnection::Finish); }

void HttpConnection::Finish() {
  std::function<void()> on_close;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    on_close = std::move(on_close_);
    on_close_ = nullptr;
    queue_.clear();
  }
  stream_.close();
  core_->Remove(this);
  if (on_close) on_close();
}

}  // namespace spm
