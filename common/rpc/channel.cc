#include "common/rpc/channel.h"

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/status.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace spm {
namespace {

constexpr int kMaxReceiveBytes = 64 << 20;

Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return OkStatus();
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details()))
    return FromProto(details);
  const auto code = static_cast<StatusCode>(status.error_code());
  return Error(code, CodeName(code), status.error_message());
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToBytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  bytes.reserve(buffer.Length());
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const auto& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// The calls of a channel that have not ended. gRPC's own threads must not be the ones that let go
// of a channel: the last one of a process would wait for the thread that it is on.
class Calls {
 public:
  void Begin(grpc::ClientContext* context) {
    std::lock_guard lock(mutex_);
    ++running_;
    contexts_.insert(context);
  }
  // The context is about to go.
  void Forget(grpc::ClientContext* context) {
    std::lock_guard lock(mutex_);
    contexts_.erase(context);
  }
  void End() {
    std::lock_guard lock(mutex_);
    if (--running_ == 0) ended_.notify_all();
  }
  void CancelAndWait() {
    std::unique_lock lock(mutex_);
    for (grpc::ClientContext* context : contexts_) context->TryCancel();
    ended_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::set<grpc::ClientContext*> contexts_;
  int running_ = 0;
};

// One call's memory, which must live until its callback.
struct Pending {
  // Ends the call when everything else of it is gone.
  struct Ending {
    std::shared_ptr<Calls> calls;
    ~Ending() { calls->End(); }
  };
  explicit Pending(const std::shared_ptr<Calls>& calls) : ending{calls} { calls->Begin(&context); }
  ~Pending() { ending.calls->Forget(&context); }

  Ending ending;
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer reply;
  Channel::Done done;
};

class GrpcChannel : public Channel {
 public:
  explicit GrpcChannel(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    // A connection of its own: gRPC would share one, and with it the server's limit of streams.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    // A proxy of the environment is for the world outside, never for the suite.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    stub_ = std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  }

  ~GrpcChannel() override { calls_->CancelAndWait(); }

  void CallBytes(const std::string& method, std::string request_bytes, const CallOptions& options,
                 Done done) override {
    auto call = std::make_shared<Pending>(calls_);
    call->done = std::move(done);
    call->request = ToBuffer(request_bytes);
    call->context.set_deadline(std::chrono::system_clock::now() + options.timeout);
    if (!options.as.empty()) call->context.AddMetadata("x-spm-as", options.as);
    if (!options.traceparent.empty()) call->context.AddMetadata("traceparent", options.traceparent);
    stub_->UnaryCall(&call->context, "/" + method, grpc::StubOptions(), &call->request,
                     &call->reply, [call](const grpc::Status& status) {
                       call->done(FromGrpc(status),
                                  status.ok() ? ToBytes(call->reply) : std::string());
                     });
  }

 private:
  const std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  std::unique_ptr<grpc::GenericStub> stub_;
};

}  // namespace

std::unique_ptr<Channel> Channel::Connect(const std::string& address) {
  return std::make_unique<GrpcChannel>(address);
}

Status Channel::Call(const std::string& method, const google::protobuf::Message& request,
                     google::protobuf::Message* reply, const CallOptions& options) {
  std::promise<std::pair<Status, std::string>> promise;
  auto answer = promise.get_future();
  CallBytes(method, request.SerializeAsString(), options,
            [&promise](Status status, std::string bytes) {
              promise.set_value({std::move(status), std::move(bytes)});
            });
  auto [status, bytes] = answer.get();
  RETURN_IF_ERROR(status);
  if (!reply->ParseFromString(bytes))
    return Internal("the reply of " + method + " is no " + reply->GetTypeName());
  return OkStatus();
}

}  // namespace spm
