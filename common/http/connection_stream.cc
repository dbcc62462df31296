// Answers that go on: queued from any thread, written in chunks on the strand.
#include <fmt/format.h>

#include "common/http/connection.h"
#include "common/http/core.h"

namespace spm {
namespace {
constexpr size_t kWriteChunk = 64 << 10;
}  // namespace

void HttpConnection::StartStream(HttpResponse response) {
  streaming_ = true;
  chunked_ = version_ > 10;
  keep_alive_ = false;
  auto out = std::make_shared<http::response<http::empty_body>>();
  FillHeader(out.get(), response);
  out->keep_alive(false);
  if (chunked_) out->chunked(true);
  auto serializer = std::make_shared<http::response_serializer<http::empty_body>>(*out);
  response_ = out;
  stream_.expires_never();
  WatchPeer();
  stream_.expires_after(core_->options().write_timeout);
  http::async_write_header(stream_, *serializer,
                           [self = shared_from_this(), serializer,
                            start = std::move(response.stream)](error_code ec, size_t) {
                             self->response_.reset();
                             if (ec) return self->Finish();
                             start(self);
                             if (self->core_->draining()) self->Close();
                           });
}

// Nothing more is expected from the client: reading tells when it has gone.
void HttpConnection::WatchPeer() {
  discarded_.resize(1024);
  stream_.async_read_some(net::buffer(discarded_),
                          [self = shared_from_this()](error_code ec, size_t) { self->Finish(); });
}

bool HttpConnection::Send(std::string bytes) {
  if (bytes.empty()) return !closed();
  bool fits = true, begin = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_ || ending_) return false;
    fits = queued_ + bytes.size() <= core_->options().stream_limit;
    if (fits) {
      queued_ += bytes.size();
      queue_.push_back(std::move(bytes));
      begin = !writing_;
      writing_ = true;
    } else {
      ending_ = true;
    }
  }
  if (!fits) Post(&HttpConnection::Finish);
  if (begin) Post(&HttpConnection::WriteQueued);
  return fits;
}

size_t HttpConnection::queued() const {
  std::lock_guard lock(mutex_);
  return queued_;
}

bool HttpConnection::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

void HttpConnection::Close() {
  bool begin = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_ || ending_) return;
    ending_ = true;
    begin = !writing_;
    writing_ = true;
  }
  if (begin) Post(&HttpConnection::WriteQueued);
}

void HttpConnection::OnClose(std::function<void()> f) {
  {
    std::lock_guard lock(mutex_);
    if (!closed_) {
      on_close_ = std::move(f);
      return;
    }
  }
  f();
}

void HttpConnection::WriteQueued() {
  size_t payload = 0;
  bool last = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    if (queue_.empty() && !ending_) {
      writing_ = false;
      return;
    }
    std::string bytes;
    while (!queue_.empty() &&
           (bytes.empty() || bytes.size() + queue_.front().size() <= kWriteChunk)) {
      bytes += queue_.front();
      queue_.pop_front();
    }
    payload = bytes.size();
    last = queue_.empty() && ending_;
    writing_bytes_.clear();
    if (chunked_ && payload > 0) writing_bytes_ = fmt::format("{:x}\r\n", payload);
    writing_bytes_ += bytes;
    if (chunked_ && payload > 0) writing_bytes_ += "\r\n";
    if (chunked_ && last) writing_bytes_ += "0\r\n\r\n";
  }
  stream_.expires_after(core_->options().write_timeout);
  net::async_write(stream_, net::buffer(writing_bytes_),
                   [self = shared_from_this(), payload, last](error_code ec, size_t) {
                     if (ec || last) return self->Finish();
                     {
                       std::lock_guard lock(self->mutex_);
                       self->queued_ -= payload;
                     }
                     self->WriteQueued();
                   });
}

}  // namespace spm
