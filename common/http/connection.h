// One client of the HTTP server: reads a request, hands it to the handler, writes the answer,
// again. Everything runs on its strand, but for Send, Close and the handler's answer, which come
// from any thread. Part of the server; nobody else includes it.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

// After <utility>, which Boost 1.74 needs and forgets.
#include <boost/asio.hpp>
#include <boost/beast.hpp>

#include "common/http/server.h"

namespace spm {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = boost::asio::ip::tcp;
using boost::system::error_code;

class HttpConnection : public StreamWriter, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<HttpCore> core, tcp::socket socket);
  ~HttpConnection() override;

  void Run();
  // Sends these bytes as far as they go at once, and closes.
  void TurnAway(std::string_view bytes);
  // Ends it at once while it waits for a request or is a stream.
  void Drain();
  void Abort();

  bool Send(std::string bytes) override;
  size_t queued() const override;
  bool closed() const override;
  void Close() override;
  void OnClose(std::function<void()> f) override;

 private:
  void Post(void (HttpConnection::*f)());
  void AwaitRequest();
  void ReadHeader();
  void OnHeader(error_code ec);
  void ReadBody();
  void Refuse(error_code ec);
  void Dispatch();
  void Answer(HttpResponse response);
  void FillHeader(http::response_header<>* out, const HttpResponse& response);
  void WriteWhole(HttpResponse response);
  void OnWritten(error_code ec);
  void StartStream(HttpResponse response);
  void WatchPeer();
  void WriteQueued();
  void Linger(size_t left);
  void Finish();

  // First, so that the io_context outlives the socket.
  std::shared_ptr<HttpCore> core_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::shared_ptr<void> response_;
  std::string discarded_;
  bool first_ = true;
  bool keep_alive_ = false;
  bool head_ = false;
  bool idle_ = false;
  bool answered_ = false;
  bool streaming_ = false;
  bool chunked_ = false;
  unsigned version_ = 11;
  int64_t begun_us_ = 0;

  mutable std::mutex mutex_;
  std::deque<std::string> queue_;
  std::string writing_bytes_;
  size_t queued_ = 0;
  bool writing_ = false;
  bool ending_ = false;
  bool closed_ = false;
  std::function<void()> on_close_;
};

}  // namespace spm
