// How RPCs of the process itself are bound: on the pool, or where the transport calls. For
// common/app's own files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/app/app.h"

namespace spm {

inline const google::protobuf::MethodDescriptor* ProcessMethod(const std::string& name) {
  size_t slash = name.rfind('/');
  return google::protobuf::DescriptorPool::generated_pool()
      ->FindServiceByName(name.substr(0, slash))
      ->FindMethodByName(name.substr(slash + 1));
}

// A method answered on the pool, so it may wait for a lane.
template <typename Q, typename R>
RpcMethod Pooled(App& app, const std::string& name,
                 std::function<StatusOr<R>(const Q&, const RpcContext&)> f) {
  return {name, ProcessMethod(name),
          [&app, f](const RpcContext& context, std::unique_ptr<google::protobuf::Message> request,
                    const RpcDone& done) {
            std::shared_ptr<google::protobuf::Message> shared = std::move(request);
            auto work = [f, context, shared, done] {
              StatusOr<std::string> bytes = Internal("unanswered");
              try {
                auto reply = f(static_cast<const Q&>(*shared), context);
                bytes =
                    reply.ok() ? StatusOr<std::string>(reply->SerializeAsString()) : reply.status();
              } catch (const std::exception& e) {
                bytes = Internal(std::string("exception: ") + e.what());
              }
              done(std::move(bytes));
            };
            if (!app.pool().Submit(work)) done(Unavailable("the process is stopping"));
          }};
}

// Likewise, of a method that asks nothing of the call but its caller.
template <typename Q, typename R>
RpcMethod Method(App& app, const std::string& name,
                 std::function<StatusOr<R>(const Q&, const Caller&)> f) {
  return Pooled<Q, R>(app, name, [f](const Q& request, const RpcContext& context) {
    return f(request, context.caller);
  });
}

// The service that a request names; INVALID_ARGUMENT lists those that run here.
inline StatusOr<ServiceRuntime*> Named(App& app, const std::string& service) {
  ServiceRuntime* found = app.Find(service);
  if (found != nullptr) return found;
  std::string names;
  for (const auto& s : app.services()) names += (names.empty() ? "" : ", ") + s->spec().name;
  return InvalidField("service", "no service '" + service + "' runs here; give one of " + names);
}

// A method answered where it is called, or later by a lane.
inline RpcMethod Direct(App& app, const std::string& name,
                        void (*f)(App&, const RpcContext&, const google::protobuf::Message&,
                                  RpcDone)) {
  return {name, ProcessMethod(name),
          [&app, f](const RpcContext& context, std::unique_ptr<google::protobuf::Message> request,
                    RpcDone done) { f(app, context, *request, std::move(done)); }};
}

// Method of package spm.base.v1 that does not ask who calls.
template <typename Q, typename R>
RpcMethod On(App& app, const std::string& name, StatusOr<R> (*f)(App&, const Q&)) {
  return Method<Q, R>(app, "spm.base.v1." + name,
                      [&app, f](const Q& request, const Caller&) { return f(app, request); });
}

// PolicyService, and the company's settings.
std::vector<RpcMethod> PolicyMethods(App& app);
// How the services stand.
std::vector<RpcMethod> StatusMethods(App& app);
// Events that a consumer could not take.
std::vector<RpcMethod> HeldMethods(App& app);

}  // namespace spm
