#include "services/suite/session.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/suite/output.h"

namespace spm::suite {
namespace {

constexpr int kDefaultPort = 8080;
constexpr char kDefaultFolder[] = "./data";
constexpr auto kGreetTimeout = std::chrono::seconds(5);

std::string HowToStart(const Globals& globals) {
  const std::string folder = DataFolder(globals);
  return folder == kDefaultFolder ? "./deploy/up" : "./deploy/up --data " + folder;
}

StatusOr<std::string> ReadAddress(const std::string& file) {
  try {
    const YAML::Node root = YAML::LoadFile(file);
    const int port = root["port"] ? root["port"].as<int>() : kDefaultPort;
    const int grpc_port = root["grpc_port"] ? root["grpc_port"].as<int>() : port + 1;
    return fmt::format("127.0.0.1:{}", grpc_port);
  } catch (const YAML::Exception& e) {
    return Error(StatusCode::kInvalidArgument, "BAD_CONFIG", file + ": " + e.what());
  }
}

}  // namespace

std::string DataFolder(const Globals& globals) {
  if (!globals.data.empty()) return globals.data;
  const char* env = std::getenv("SPM_DATA");
  return env != nullptr && *env != '\0' ? env : kDefaultFolder;
}

StatusOr<std::unique_ptr<Session>> Session::Open(const Globals& globals) {
  const std::string file = globals.config.empty()
                               ? (std::filesystem::path(DataFolder(globals)) / "spm.yaml").string()
                               : globals.config;
  if (!std::filesystem::exists(file))
    return Error(StatusCode::kUnavailable, "NOT_RUNNING",
                 fmt::format("no suite was started here: {} does not exist. Type: {}", file,
                             HowToStart(globals)));
  ASSIGN_OR_RETURN(const std::string address, ReadAddress(file));
  auto session = To(address, globals.as);
  if (!session.ok() && session.status().code() == StatusCode::kUnavailable)
    return Error(StatusCode::kUnavailable, "NOT_RUNNING",
                 fmt::format("the suite of {} is not running (nothing answers on {}). Type: {}",
                             file, address, HowToStart(globals)));
  return session;
}

StatusOr<std::unique_ptr<Session>> Session::To(const std::string& address, const std::string& as) {
  std::unique_ptr<Session> session(new Session(address, as));
  RETURN_IF_ERROR(session->Refresh());
  return session;
}

Status Session::Refresh() {
  return Call("spm.base.v1.OperationsService/GetCompany", base::v1::GetCompanyRequest(), &company_,
              kGreetTimeout);
}

CallOptions Session::Options(std::chrono::milliseconds timeout) const {
  CallOptions options;
  options.as = as_;
  options.timeout = timeout;
  return options;
}

Status Session::Call(const std::string& method, const google::protobuf::Message& request,
                     google::protobuf::Message* reply, std::chrono::milliseconds timeout) {
  return channel_->Call(method, request, reply, Options(timeout));
}

int Fail(const Status& status) {
  std::string text = std::string(status.message());
  google::rpc::BadRequest bad;
  const google::rpc::Status proto = ToProto(status);
  for (const auto& any : proto.details()) {
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations())
      if (text.find(violation.description()) == std::string::npos)
        text += fmt::format("\n  {}: {}", violation.field(), violation.description());
  }
  Note("error: " + text);
  return status.code() == StatusCode::kInvalidArgument || status.code() == StatusCode::kNotFound
             ? kWrongUsage
             : kBrokenOff;
}

}  // namespace spm::suite
