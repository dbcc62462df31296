// A gRPC client of bytes for tests of the server: calls any path with any metadata and no help of
// ours. One thread.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spm {

struct GenericReply {
  grpc::Status status;
  std::string bytes;
};

class GenericClient {
 public:
  using Metadata = std::map<std::string, std::string>;

  explicit GenericClient(int port) {
    grpc::ChannelArguments arguments;
    // A connection for each client.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(64 << 20);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                         grpc::InsecureChannelCredentials(), arguments);
    stub_ = std::make_unique<grpc::GenericStub>(channel_);
  }

  // Without a deadline where `timeout` is 0.
  GenericReply Call(const std::string& method, const std::string& request,
                    const Metadata& metadata = {},
                    std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    grpc::ClientContext context;
    Prepare(&context, metadata, timeout);
    grpc::CompletionQueue queue;
    const grpc::ByteBuffer sent = Buffer(request);
    auto call = stub_->PrepareUnaryCall(&context, "/" + method, sent, &queue);
    call->StartCall();
    grpc::ByteBuffer received;
    GenericReply reply;
    call->Finish(&received, &reply.status, this);
    Next(&queue);
    reply.bytes = Bytes(received);
    return reply;
  }

  // A stream of answers to one request.
  class Stream {
   public:
    Stream(GenericClient* client, const std::string& method, const std::string& request) {
      Prepare(&context_, {}, std::chrono::seconds(20));
      call_ = client->stub_->PrepareCall(&context_, "/" + method, &queue_);
      call_->StartCall(this);
      GenericClient::Next(&queue_);
      call_->Write(Buffer(request), this);
      GenericClient::Next(&queue_);
    }
    std::optional<std::string> Next() {
      grpc::ByteBuffer received;
      call_->Read(&received, this);
      if (!GenericClient::Next(&queue_)) return std::nullopt;
      return Bytes(received);
    }
    grpc::Status End() {
      context_.TryCancel();
      grpc::Status status;
      call_->Finish(&status, this);
      GenericClient::Next(&queue_);
      return status;
    }
    grpc::Status Finish() {
      grpc::Status status;
      call_->Finish(&status, this);
      GenericClient::Next(&queue_);
      return status;
    }

   private:
    grpc::CompletionQueue queue_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  };

 private:
  static void Prepare(grpc::ClientContext* context, const Metadata& metadata,
                      std::chrono::milliseconds timeout) {
    for (const auto& [key, value] : metadata) context->AddMetadata(key, value);
    context->set_wait_for_ready(false);
    if (timeout.count() > 0) context->set_deadline(std::chrono::system_clock::now() + timeout);
  }
  static grpc::ByteBuffer Buffer(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return grpc::ByteBuffer(&slice, 1);
  }
  static std::string Bytes(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    std::string bytes;
    if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;
    for (const auto& slice : slices)
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    return bytes;
  }
  static bool Next(grpc::CompletionQueue* queue) {
    void* tag = nullptr;
    bool ok = false;
    return queue->Next(&tag, &ok) && ok;
  }

  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

}  // namespace spm
