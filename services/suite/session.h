// The connection of a command to the running suite, which it finds through spm.yaml in the data
// folder. Thread-safe once open.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "google/protobuf/message.h"
#include "spm/base/v1/operations.pb.h"

namespace spm::suite {

// Exit codes of every command.
constexpr int kDone = 0;
constexpr int kBrokenOff = 1;
constexpr int kWrongUsage = 2;
constexpr int kDoneInPart = 3;

// Options that every command has.
struct Globals {
  std::string data;
  std::string config;
  std::string as;
};

// The data folder: --data, else SPM_DATA, else ./data.
std::string DataFolder(const Globals& globals);

class Session {
 public:
  // Finds the suite and asks it for the company. UNAVAILABLE says what to type where it does not
  // run.
  static StatusOr<std::unique_ptr<Session>> Open(const Globals& globals);
  // The suite at an address (host:port), for a caller inside of its process.
  static StatusOr<std::unique_ptr<Session>> To(const std::string& address, const std::string& as);

  Status Call(const std::string& method, const google::protobuf::Message& request,
              google::protobuf::Message* reply,
              std::chrono::milliseconds timeout = std::chrono::seconds(30));
  CallOptions Options(std::chrono::milliseconds timeout) const;
  Channel* channel() { return channel_.get(); }
  // host:port
  const std::string& address() const { return address_; }
  const base::v1::Company& company() const { return company_; }
  // Asks for the company again.
  Status Refresh();

 private:
  Session(std::string address, std::string as)
      : address_(std::move(address)), channel_(Channel::Connect(address_)), as_(std::move(as)) {}

  std::string address_;
  std::unique_ptr<Channel> channel_;
  std::string as_;
  base::v1::Company company_;
};

// Prints the error with its violations to standard error; returns the exit code: 2 where the input
// was wrong, else 1.
int Fail(const Status& status);

}  // namespace spm::suite
