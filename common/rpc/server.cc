#include "common/rpc/server.h"

#include <arpa/inet.h>
#include <grpcpp/alarm.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <thread>

#include "common/base/time.h"
#include "common/rpc/connections.h"
#include "common/rpc/libraries.h"
#include "common/rpc/wire_status.h"

namespace spm {
namespace {

constexpr int kMaxMessageBytes = 16 << 20;
constexpr int kMaxMetadataBytes = 8 << 10;
constexpr int kMaxStreams = 100;
constexpr int kMaxThreads = 64;
constexpr int kPingIntervalMs = 10'000;
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kConnectionAgeMs = 3'600'000;
constexpr int kConnectionGraceMs = 60'000;
// Calls are turned away before the end until none has come for so long.
constexpr auto kQuiet = std::chrono::milliseconds(50);

std::string MetadataOf(const grpc::CallbackServerContext& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return "";
  return std::string(found->second.data(), found->second.size());
}

// On the steady clock; 0 where the caller gave none.
int64_t DeadlineOf(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  const auto now = std::chrono::system_clock::now();
  if (deadline > now + std::chrono::hours(24 * 365)) return 0;
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - now);
  return std::max<int64_t>(SteadyUs() + left.count(), 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// Whether calls are taken, how many are inside, and when the last one was turned away (steady
// clock).
struct Door {
  std::atomic<bool> closed{false};
  std::atomic<int> inside{0};
  std::atomic<int64_t> last_us{0};
};

// Tells the caller to come again later.
class TurnedAway : public grpc::ServerUnaryReactor {
 public:
  TurnedAway() { Finish(ToGrpc(Unavailable("the process is stopping; try again"))); }
  void OnDone() override { delete this; }
};

// One call on the transport; lives until gRPC is done with it.
class Reactor : public grpc::ServerUnaryReactor {
 public:
  Reactor(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
          grpc::ByteBuffer* response, std::shared_ptr<const BoundMethod> method,
          std::shared_ptr<Door> door)
      : door_(std::move(door)),
        response_(response),
        call_(std::make_shared<RpcCall>(
            std::move(method), [this](StatusOr<std::string> reply) { Reply(std::move(reply)); })) {
    ++door_->inside;
    const IncomingCall incoming = {.peer = context->peer(),
                                   .as = MetadataOf(*context, "x-spm-as"),
                                   .traceparent = MetadataOf(*context, "traceparent"),
                                   .deadline_us = DeadlineOf(*context),
                                   .bytes = BytesOf(*request)};
    call_->Run(incoming);
    // gRPC ends a call at the caller's deadline; where the caller has none, we do at ours.
    if (incoming.deadline_us == 0 && !call_->answered()) SetAlarm();
  }

  void OnCancel() override {
    const bool late = SteadyUs() >= call_->deadline_us();
    call_->Abandon(late ? StatusCode::kDeadlineExceeded : StatusCode::kCancelled);
  }
  void OnDone() override {
    door_->last_us = SteadyUs();
    --door_->inside;
    delete this;
  }

 private:
  void SetAlarm() {
    const auto left = std::chrono::microseconds(call_->deadline_us() - SteadyUs());
    alarm_.Set(std::chrono::system_clock::now() + left,
               [weak = std::weak_ptr<RpcCall>(call_)](bool rang) {
                 const auto call = weak.lock();
                 if (rang && call != nullptr) call->Abandon(StatusCode::kDeadlineExceeded);
               });
  }

  void Reply(StatusOr<std::string> reply) {
    if (!reply.ok()) return Finish(ToGrpc(reply.status()));
    const grpc::Slice slice(*reply);
    *response_ = grpc::ByteBuffer(&slice, 1);
    Finish(grpc::Status::OK);
  }

  const std::shared_ptr<Door> door_;
  grpc::ByteBuffer* const response_;
  const std::shared_ptr<RpcCall> call_;
  grpc::Alarm alarm_;
};

// The methods of one proto service; reflection lists services by their paths.
class BoundService : public grpc::Service {
 public:
  void Add(std::shared_ptr<const BoundMethod> method, const std::shared_ptr<Door>& door) {
    using Handler = grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;
    paths_.push_back(std::make_unique<std::string>("/" + method->method().name));
    AddMethod(new grpc::internal::RpcServiceMethod(paths_.back()->c_str(),
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(
        static_cast<int>(paths_.size()) - 1,
        new Handler([method, door](grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) -> grpc::ServerUnaryReactor* {
          if (door->closed) {
            door->last_us = SteadyUs();
            return new TurnedAway;
          }
          return new Reactor(context, request, response, method, door);
        }));
  }

 private:
  std::vector<std::unique_ptr<std::string>> paths_;
};

// Linking the reflection library adds its plugin to every server of the process; without the flag
// it is taken out again.
class WithoutReflection : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    const std::string name = grpc::reflection::ProtoServerReflectionPlugin().name();
    plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                  [&](const auto& plugin) { return plugin->name() == name; }),
                   plugins->end());
  }
};

Status PortError(const RpcServer::Options& options, const std::string& why) {
  return Precondition("PORT", "cannot serve gRPC on " + options.address + ":" +
                                  std::to_string(options.port) + ": " + why);
}

// gRPC does not say why it cannot listen, so the port is tried before.
Status TryPort(const RpcServer::Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(options.port));
  if (::inet_pton(AF_INET, options.address.c_str(), &address.sin_addr) != 1) return OkStatus();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return PortError(options, std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
                     ::listen(fd, 1) == 0;
  const int error = errno;
  ::close(fd);
  if (bound) return OkStatus();
  if (error == EADDRINUSE)
    return PortError(options,
                     "the port is in use; stop what listens there, or choose another one with "
                     "grpc_port (else it is the one after --port)");
  return PortError(options, std::strerror(error));
}

}  // namespace

Status RpcServer::CheckPort(int port) {
  Options options;
  options.port = port;
  return port == 0 ? OkStatus() : TryPort(options);
}

namespace {

void SetLimits(grpc::ServerBuilder* builder) {
  grpc::ResourceQuota quota("spm");
  quota.SetMaxThreads(kMaxThreads);
  builder->SetResourceQuota(quota);
  builder->SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kPingIntervalMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kConnectionAgeMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kConnectionGraceMs);
  // Otherwise two processes share a port and each gets some of the calls.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

struct RpcServer::Running {
  // Outlives the calls, which end when gRPC says.
  const std::shared_ptr<Door> door = std::make_shared<Door>();
  std::map<std::string, BoundService> services;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

RpcServer::RpcServer(Options options) : options_(std::move(options)) {}

RpcServer::~RpcServer() { Stop(std::chrono::milliseconds(0)); }

Status RpcServer::Start() {
  PrepareLibraries();
  auto running = std::make_unique<Running>();
  std::set<std::string> names;
  for (const RpcMethod& method : options_.methods) {
    if (!names.insert(method.name).second)
      return Internal("method " + method.name + " is bound twice");
    ASSIGN_OR_RETURN(auto bound, BoundMethod::Bind(method, options_.authenticate));
    running->services[bound->service()].Add(bound, running->door);
  }
  RETURN_IF_ERROR(TryPort(options_));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  SetLimits(&builder);
  if (!options_.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  builder.AddListeningPort(options_.address + ":" + std::to_string(options_.port),
                           grpc::InsecureServerCredentials(), &running->port);
  for (auto& [name, service] : running->services) builder.RegisterService(&service);
  running->server = builder.BuildAndStart();
  if (running->server == nullptr || running->port == 0)
    return PortError(options_, "the server does not start");
  running_ = std::move(running);
  running_->server->GetHealthCheckService()->SetServingStatus("liveness", true);
  SetServing(false, false);
  return OkStatus();
}

int RpcServer::port() const { return running_ == nullptr ? 0 : running_->port; }

void RpcServer::SetServing(bool startup, bool ready) {
  if (running_ == nullptr) return;
  auto* health = running_->server->GetHealthCheckService();
  health->SetServingStatus("startup", startup);
  health->SetServingStatus("readiness", ready);
  health->SetServingStatus("", ready);
}

void RpcServer::Stop(std::chrono::milliseconds time) {
  if (running_ == nullptr) return;
  SetServing(false, false);
  // To a call that comes just when it shuts down gRPC answers CANCELLED, which nobody may repeat.
  // So whoever calls is told to come again later until those inside are done, and then finds the
  // connection gone.
  Door& door = *running_->door;
  const auto end = std::chrono::steady_clock::now() + time;
  door.last_us = SteadyUs();
  door.closed = true;
  const auto quiet = [&door] {
    return door.inside == 0 &&
           SteadyUs() - door.last_us > std::chrono::microseconds(kQuiet).count();
  };
  while (std::chrono::steady_clock::now() < end && !quiet())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  // A call that does not end by then is cancelled and answered by its reactor, so this returns.
  EndConnections(running_->port);
  const auto left =
      std::max(end - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration::zero());
  running_->server->Shutdown(std::chrono::system_clock::now() + left);
  running_->server->Wait();
  running_.reset();
}

}  // namespace spm
