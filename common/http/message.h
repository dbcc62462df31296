// Requests and answers of the HTTP server, free of the library beneath. Values; a StreamWriter may
// be used from any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spm {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  // As sent: percent-encoded, without the query.
  std::string path;
  // Decoded, in the order sent.
  HttpFields query;
  HttpFields headers;
  std::string body;
  // The peer is on this machine.
  bool loopback = false;

  // Names in any case; nullptr where it is missing.
  const std::string* Header(std::string_view name) const;
};

// The open end of an answer that goes on, as server-sent events do.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Queues bytes for the client. False once closed; a client that leaves more than the server's
  // stream limit queued is dropped.
  virtual bool Send(std::string bytes) = 0;
  // Bytes that the client has not taken yet.
  virtual size_t queued() const = 0;
  virtual bool closed() const = 0;
  // Ends the answer after what is queued.
  virtual void Close() = 0;
  // Called once when the connection has ended, at once where it has already.
  virtual void OnClose(std::function<void()> f) = 0;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  HttpFields headers;
  std::string body;
  // Where set, the body is a stream: called once with its writer, which the callee keeps.
  std::function<void(std::shared_ptr<StreamWriter>)> stream;
};

// May be called from any thread, once.
using HttpDone = std::function<void(HttpResponse)>;
// Runs on the server's threads and must not block.
using HttpHandler = std::function<void(std::shared_ptr<const HttpRequest>, HttpDone)>;

// nullopt where a % is not followed by two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);
// a=1&b=2, decoded; nullopt where the encoding is broken.
std::optional<HttpFields> ParseQuery(std::string_view text);
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace spm
