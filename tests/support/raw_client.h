// A client of bytes over TCP for tests of what comes from outside: sends what it is told, reads
// with a limit in time. One thread.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace spm {

class RawClient {
 public:
  explicit RawClient(int port, int receive_buffer = 0) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0)
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        connected_(other.connected_),
        rest_(std::move(other.rest_)) {}
  RawClient& operator=(RawClient&& other) noexcept {
    Close();
    fd_ = std::exchange(other.fd_, -1);
    connected_ = other.connected_;
    ended_ = other.ended_;
    rest_ = std::move(other.rest_);
    return *this;
  }
  ~RawClient() { Close(); }

  bool connected() const { return connected_; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  void FinishSending() { shutdown(fd_, SHUT_WR); }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  // Everything up to and with `end`; what there is where the peer closes or time runs out first.
  std::string ReadUntil(std::string_view end,
                        std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
      size_t at = end.empty() ? std::string::npos : rest_.find(end);
      if (at != std::string::npos) {
        std::string out = rest_.substr(0, at + end.size());
        rest_.erase(0, out.size());
        return out;
      }
      if (!Fill(until)) return std::exchange(rest_, {});
    }
  }
  std::string ReadAll(std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    return ReadUntil("", limit);
  }
  std::string Read(size_t bytes, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    auto until = std::chrono::steady_clock::now() + limit;
    while (rest_.size() < bytes && Fill(until)) continue;
    std::string out = rest_.substr(0, bytes);
    rest_.erase(0, out.size());
    return out;
  }
  // True when the peer closes within the limit; what it sends before that is dropped.
  bool ClosedWithin(std::chrono::milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    while (Fill(until)) rest_.clear();
    return ended_;
  }

 private:
  bool Fill(std::chrono::steady_clock::time_point until) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd p{fd_, POLLIN, 0};
    if (left.count() <= 0 || poll(&p, 1, static_cast<int>(left.count())) <= 0) return false;
    char bytes[65536];
    ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
    ended_ = n <= 0;
    if (n > 0) rest_.append(bytes, static_cast<size_t>(n));
    return n > 0;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  std::string rest_;
};

// One answer with a Content-Length.
struct RawAnswer {
  int status = 0;
  std::string head;
  std::string body;
};

inline RawAnswer ReadAnswer(RawClient& client, bool head_only = false) {
  RawAnswer answer;
  answer.head = client.ReadUntil("\r\n\r\n");
  if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
  size_t at = answer.head.find("Content-Length: ");
  if (at != std::string::npos && !head_only)
    answer.body = client.Read(static_cast<size_t>(std::atoll(answer.head.c_str() + at + 16)));
  return answer;
}

// One request on a connection of its own.
inline RawAnswer Ask(int port, const std::string& method, const std::string& target,
                     const std::string& headers = "", const std::string& body = "") {
  RawClient client(port);
  std::string length =
      body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
  std::string host = headers.find("Host:") == 0 || headers.find("\r\nHost:") != std::string::npos
                         ? ""
                         : "Host: localhost:" + std::to_string(port) + "\r\n";
  client.Send(method + " " + target + " HTTP/1.1\r\n" + host + headers + length + "\r\n" + body);
  return ReadAnswer(client, method == "HEAD");
}

}  // namespace spm
