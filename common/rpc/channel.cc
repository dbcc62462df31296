#include "common/rpc/channel.h"

#include <future>
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

// One call's memory, which must live until its callback.
struct Pending {
  std::shared_ptr<grpc::GenericStub> stub;
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
    // A proxy of the environment is for the world outside, never for the suite.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    stub_ = std::make_shared<grpc::GenericStub>(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  }

  void CallBytes(const std::string& method, std::string request_bytes, const CallOptions& options,
                 Done done) override {
    auto call = std::make_shared<Pending>();
    call->stub = stub_;
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
  std::shared_ptr<grpc::GenericStub> stub_;
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
