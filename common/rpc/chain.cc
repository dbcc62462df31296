#include "common/rpc/chain.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "common/base/log.h"
#include "common/base/time.h"
#include "common/base/trace.h"
#include "common/rpc/access.h"
#include "common/rpc/validate.h"

namespace spm {
namespace {

using google::protobuf::Message;

constexpr int64_t kDefaultTimeoutUs = 10 * kSecondUs;
constexpr size_t kMaxRequestBytes = 4 << 20;
// Of a thousand rows, each with its history.
constexpr size_t kMaxBatchBytes = 16 << 20;

const google::protobuf::MethodDescriptor* DescriptorOf(const std::string& name) {
  std::string full = name;
  const size_t slash = full.find('/');
  if (slash == std::string::npos) return nullptr;
  full[slash] = '.';
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full);
}

bool IsBatch(const google::protobuf::MethodDescriptor& method) {
  return BatchRows(*method.input_type(), *method.output_type()) != nullptr;
}

bool IsBug(StatusCode code) {
  return code == StatusCode::kInternal || code == StatusCode::kUnknown ||
         code == StatusCode::kDataLoss;
}

// Checked already to be a UUID; empty where the request has none.
std::string RequestIdOf(const Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
}

// "leads" of package spm.leads.v1.
std::string OwnerOf(const google::protobuf::MethodDescriptor& method) {
  const std::string& package = method.file()->package();
  const size_t from = std::min(package.find('.') + 1, package.size());
  return package.substr(from, package.find('.', from) - from);
}

bool StartsWith(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

}  // namespace

StatusOr<std::shared_ptr<const BoundMethod>> BoundMethod::Bind(RpcMethod method,
                                                               AuthenticateFor authenticate) {
  const auto* known = DescriptorOf(method.name);
  if (known == nullptr) return Internal("method " + method.name + " is in no proto");
  method.descriptor = known;
  RETURN_IF_ERROR(EveryMethodHasAccess({known}));
  return std::shared_ptr<const BoundMethod>(
      new BoundMethod(std::move(method), std::move(authenticate)));
}

BoundMethod::BoundMethod(RpcMethod method, AuthenticateFor authenticate)
    : method_(std::move(method)),
      authenticate_(std::move(authenticate)),
      prototype_(google::protobuf::MessageFactory::generated_factory()->GetPrototype(
          method_.descriptor->input_type())),
      owner_(OwnerOf(*method_.descriptor)),
      max_bytes_(IsBatch(*method_.descriptor) ? kMaxBatchBytes : kMaxRequestBytes),
      seconds_(HistogramOf("spm_rpc_seconds", "Time from a call's arrival to its answer.",
                           {{"method", method_.name}})) {}

StatusOr<std::unique_ptr<Message>> BoundMethod::Read(const std::string& bytes) const {
  if (bytes.size() > max_bytes_)
    return Error(StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE",
                 "the request has " + std::to_string(bytes.size()) + " bytes; at most " +
                     std::to_string(max_bytes_) + " are taken");
  std::unique_ptr<Message> request(prototype_->New());
  RETURN_IF_ERROR(ParseMessage(bytes, request.get()));
  ClearOutputOnly(request.get());
  TrimTexts(request.get());
  const auto violations = ValidateRequest(*request, *method_.descriptor->output_type());
  if (!violations.empty()) return InvalidFields(violations);
  return request;
}

void BoundMethod::Count(StatusCode code, double seconds) const {
  seconds_.Observe(seconds);
  std::atomic<CounterMetric*>& slot = codes_[static_cast<size_t>(code) % codes_.size()];
  CounterMetric* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &CounterOf("spm_rpc_requests_total", "Calls answered.",
                         {{"method", method_.name}, {"code", CodeName(code)}});
    slot.store(counter, std::memory_order_release);
  }
  counter->Add();
}

RpcCall::RpcCall(std::shared_ptr<const BoundMethod> method, RpcDone reply)
    : method_(std::move(method)),
      reply_(std::move(reply)),
      start_(std::chrono::steady_clock::now()) {}

void RpcCall::Run(const IncomingCall& incoming) {
  const auto self = shared_from_this();
  std::unique_ptr<Message> request;
  const Status passed = Pass(incoming, &request);
  if (!passed.ok()) return Answer(passed);
  context_.cancelled = [abandoned = abandoned_] { return abandoned->load(); };
  // A handler that throws or answers twice harms its own call only.
  try {
    method_->method().handle(context_, std::move(request), [self](StatusOr<std::string> reply) {
      self->Answer(std::move(reply));
    });
  } catch (const std::exception& e) {
    Answer(Internal(std::string("exception: ") + e.what()));
  }
}

Status RpcCall::Pass(const IncomingCall& incoming, std::unique_ptr<Message>* request) {
  context_.trace = ChildTrace(incoming.traceparent);
  const int64_t now_us = SteadyUs();
  context_.deadline_us =
      incoming.deadline_us > 0 ? incoming.deadline_us : now_us + kDefaultTimeoutUs;
  if (!IsLoopback(incoming.peer))
    return Error(StatusCode::kUnauthenticated, "UNAUTHENTICATED",
                 "without tokens only callers on the same machine are served");
  ASSIGN_OR_RETURN(context_.caller, method_->WhoCalls(incoming.as));
  RETURN_IF_ERROR(CheckAccess(method_->method().descriptor, context_.caller));
  ASSIGN_OR_RETURN(*request, method_->Read(incoming.bytes));
  request_id_ = RequestIdOf(**request);
  if (context_.deadline_us <= now_us)
    return Error(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline is over");
  return OkStatus();
}

void RpcCall::Abandon(StatusCode code) {
  *abandoned_ = true;
  const bool late = code == StatusCode::kDeadlineExceeded;
  Answer(Error(code, CodeName(code), late ? "the deadline is over" : "the caller is gone"));
}

void RpcCall::Answer(StatusOr<std::string> reply) {
  if (answered_.exchange(true)) return;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const Status status = reply.status();
  method_->Count(status.code(), seconds);
  Log(status, seconds);
  if (status.ok())
    reply_(std::move(reply));
  else
    reply_(Polished(status));
}

// Hides what a caller must not see, and gives every error its ErrorInfo and its trace.
Status RpcCall::Polished(const Status& status) const {
  const std::string trace = TraceId(context_.trace);
  if (IsBug(status.code()))
    return WithTrace(
        Internal("something failed inside; the log has the cause under trace " + trace), trace);
  if (!Reason(status).empty()) return WithTrace(status, trace);
  return WithTrace(Error(status.code(), CodeName(status.code()), std::string(status.message())),
                   trace);
}

void RpcCall::Log(const Status& status, double seconds) const {
  if (status.ok() && !LogsDebug()) return;
  const std::initializer_list<LogField> fields = {
      {"service", method_->owner()},
      {"method", method_->method().name},
      {"code", CodeName(status.code())},
      {"ms", std::to_string(seconds * 1000)},
      {"trace", TraceId(context_.trace)},
      {"request_id", request_id_},
      {"caller", context_.caller.id},
      {"reason", Reason(status)},
      // Only a bug's text: that of a refusal may quote the input.
      {"error", IsBug(status.code()) ? std::string(status.message()) : ""},
  };
  if (IsBug(status.code()))
    LogError("call failed", fields);
  else if (!status.ok())
    LogInfo("call refused", fields);
  else
    LogDebug("call", fields);
}

int64_t SteadyUs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

bool IsLoopback(const std::string& peer) {
  for (const char* prefix : {"ipv4:127.", "ipv6:[::1]:", "ipv6:%5B::1%5D:", "unix:",
                             "ipv6:[::ffff:127.", "ipv6:%5B::ffff:127."})
    if (StartsWith(peer, prefix)) return true;
  return false;
}

}  // namespace spm
