#include "services/dashboard/gateway.h"

#include <charconv>

#include "common/base/log.h"
#include "common/base/trace.h"
#include "common/http/errors.h"
#include "google/protobuf/util/json_util.h"
#include "services/dashboard/gateway_bind.h"
#include "services/dashboard/gateway_json.h"

namespace spm::dashboard {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr int kMaxTimeoutMs = 120'000;

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

Status BindBody(const HttpRequest& request, Message* message, Violations* wrong) {
  for (const auto& [name, _] : request.query)
    wrong->push_back({IsUtf8(name) ? name : "query", "give it in the body, not in the query"});
  if (request.body.empty()) return OkStatus();
  ASSIGN_OR_RETURN(JsonValue json, ParseJson(request.body));
  BindJson(json, message, wrong);
  return OkStatus();
}

// A field that the path gives may be repeated in body or query, with the same value.
void BindPath(const RouteMatch& match, Message* message, Violations* wrong) {
  size_t next = 0;
  const auto& reflection = *message->GetReflection();
  for (const RouteSegment& segment : match.route->segments) {
    if (segment.field == nullptr) continue;
    std::unique_ptr<Message> alone = NewMessage(message->GetDescriptor());
    std::string what = SetFromText(alone.get(), segment.field, match.values[next++]);
    if (what.empty() && reflection.HasField(*message, segment.field)) {
      std::unique_ptr<Message> given(message->New());
      given->CopyFrom(*message);
      given->MergeFrom(*alone);
      if (given->SerializeAsString() != message->SerializeAsString())
        what = "differs from the one in the path";
    }
    if (!what.empty()) {
      wrong->push_back({segment.field->json_name(), what});
    } else {
      message->MergeFrom(*alone);
    }
  }
}

// Broken ones are replaced, as W3C Trace Context says.
std::string TraceOf(const HttpRequest& request) {
  const std::string* trace = request.Header("traceparent");
  return ChildTrace(trace == nullptr ? "" : *trace);
}

// Not the text, which may quote the input.
HttpResponse Refusal(const RouteMatch& match, const std::string& traceparent,
                     const Status& status) {
  const std::string trace = TraceId(traceparent);
  LogInfo("request refused", {{"service", "dashboard"},
                              {"method", match.route->rpc_name},
                              {"code", CodeName(status.code())},
                              {"reason", Reason(status)},
                              {"trace", trace}});
  return ErrorResponse(WithTrace(status, trace));
}

HttpResponse NotServed(const HttpRequest& request, const RouteMatch& match) {
  if (match.other_methods.empty())
    return ErrorResponse(Error(StatusCode::kNotFound, "NO_SUCH_PATH",
                               "nothing is served under this path; /openapi.json lists what is"));
  std::string allowed;
  for (const std::string& method : match.other_methods)
    allowed += (allowed.empty() ? "" : ", ") + method;
  HttpResponse response = ErrorResponse(
      405, Error(StatusCode::kUnimplemented, "METHOD_NOT_ALLOWED", "this path takes " + allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

HttpResponse Reply(const Descriptor* type, const Status& status, const std::string& bytes) {
  if (!status.ok()) return ErrorResponse(status);
  std::unique_ptr<Message> reply = NewMessage(type);
  if (!reply->ParseFromString(bytes))
    return ErrorResponse(Internal("the reply cannot be decoded as " + type->full_name()));
  StatusOr<std::string> json = WriteJson(*reply);
  if (!json.ok()) return ErrorResponse(json.status());
  HttpResponse response;
  response.body = *std::move(json);
  return response;
}

}  // namespace

StatusOr<std::unique_ptr<Message>> ReadRequest(const HttpRequest& request,
                                               const RouteMatch& match) {
  std::unique_ptr<Message> message = NewMessage(match.route->rpc->input_type());
  Violations wrong;
  if (match.route->body) {
    RETURN_IF_ERROR(BindBody(request, message.get(), &wrong));
  } else {
    if (!request.body.empty())
      wrong.push_back({"body", request.method + " takes none: give fields in the query"});
    BindQuery(request.query, message.get(), &wrong);
  }
  BindPath(match, message.get(), &wrong);
  if (!wrong.empty()) return InvalidFields(wrong);
  return message;
}

StatusOr<CallOptions> ReadCallOptions(const HttpRequest& request) {
  CallOptions options;
  if (const std::string* as = request.Header("X-Spm-As")) options.as = *as;
  if (const std::string* trace = request.Header("traceparent")) options.traceparent = *trace;
  if (const std::string* text = request.Header("X-Timeout-Ms")) {
    int ms = 0;
    auto [at, error] = std::from_chars(text->data(), text->data() + text->size(), ms);
    if (error != std::errc() || at != text->data() + text->size() || ms < 1 || ms > kMaxTimeoutMs)
      return InvalidField("X-Timeout-Ms",
                          "must be milliseconds from 1 to " + std::to_string(kMaxTimeoutMs));
    options.timeout = std::chrono::milliseconds(ms);
  }
  return options;
}

StatusOr<std::string> WriteJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  auto status = MessageToJsonString(message, &json, options);
  if (!status.ok())
    return Internal(message.GetDescriptor()->full_name() +
                    " has no JSON form: " + status.ToString());
  return json;
}

void Gateway::Handle(std::shared_ptr<const HttpRequest> request, HttpDone done) const {
  RouteMatch match = routes_.Find(request->method, request->path);
  if (match.route == nullptr) return done(NotServed(*request, match));
  StatusOr<CallOptions> options = ReadCallOptions(*request);
  if (!options.ok()) return done(Refusal(match, TraceOf(*request), options.status()));
  // What is refused here is found in the log like what a service refuses.
  options->traceparent = ChildTrace(options->traceparent);
  auto message = ReadRequest(*request, match);
  if (!message.ok()) return done(Refusal(match, options->traceparent, message.status()));
  const Descriptor* reply = match.route->rpc->output_type();
  Channel& channel = channels_(match.route->rpc->service()->full_name());
  channel.CallBytes(match.route->rpc_name, (*message)->SerializeAsString(), *options,
                    [done = std::move(done), reply](Status status, std::string bytes) {
                      done(Reply(reply, status, bytes));
                    });
}

}  // namespace spm::dashboard
