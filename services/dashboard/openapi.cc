#include "services/dashboard/openapi.h"

#include <map>

#include "common/base/log.h"
#include "google/rpc/status.pb.h"
#include "services/dashboard/openapi_schema.h"
#include "spm/base/v1/options.pb.h"

namespace spm::dashboard {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// CreateLead -> Create lead
std::string Words(const std::string& name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    bool upper = name[i] >= 'A' && name[i] <= 'Z';
    if (upper && i > 0) out += ' ';
    out += i > 0 ? Lower(name.substr(i, 1)) : name.substr(i, 1);
  }
  return out;
}

std::string WhoMayCall(const MethodDescriptor& rpc) {
  const base::v1::Access& access = rpc.options().GetExtension(base::v1::access);
  if (access.member()) return "Any member of the organisation may call it.";
  std::string roles;
  for (int role : access.roles()) {
    std::string name = base::v1::Role_Name(static_cast<base::v1::Role>(role));
    if (name.starts_with("ROLE_")) name.erase(0, 5);
    roles += (roles.empty() ? "" : ", ") + Lower(name);
  }
  return "Roles that may call it: " + (roles.empty() ? "none" : roles) + ".";
}

std::string Parameter(const std::string& name, const char* in, bool required,
                      const std::string& schema) {
  return JsonObject({{"name", JsonQuote(name)},
                     {"in", JsonQuote(in)},
                     {"required", required ? "true" : "false"},
                     {"schema", schema}});
}

std::vector<std::string> Parameters(const Route& route, Schemas& schemas) {
  std::vector<std::string> out;
  std::set<const FieldDescriptor*> in_path;
  for (const RouteSegment& segment : route.segments) {
    if (segment.field == nullptr) continue;
    in_path.insert(segment.field);
    out.push_back(Parameter(segment.field->name(), "path", true, schemas.Field(*segment.field)));
  }
  const auto& request = *route.rpc->input_type();
  for (int i = 0; i < request.field_count() && !route.body; ++i) {
    const FieldDescriptor& field = *request.field(i);
    if (in_path.contains(&field)) continue;
    bool date = field.type() == FieldDescriptor::TYPE_MESSAGE &&
                field.message_type()->full_name() == "google.type.Date";
    out.push_back(Parameter(field.json_name(), "query", IsRequired(field),
                            date ? R"({"type":"string","format":"date"})" : schemas.Field(field)));
  }
  for (const char* header : {"X-Spm-As", "X-Timeout-Ms", "traceparent"})
    out.push_back(
        JsonObject({{"$ref", JsonQuote(std::string("#/components/parameters/") + header)}}));
  return out;
}

std::string Json(const std::string& schema) {
  return JsonObject({{"application/json", JsonObject({{"schema", schema}})}});
}

std::string Operation(const Route& route, const Comments& comments, Schemas& schemas) {
  std::string comment = comments.Of(*route.rpc);
  std::string description = (comment.empty() ? "" : comment + "\n\n") + WhoMayCall(*route.rpc);
  std::string body;
  if (route.body)
    body = JsonObject(
        {{"required", "true"}, {"content", Json(schemas.Ref(*route.rpc->input_type()))}});
  std::string responses =
      JsonObject({{"200", JsonObject({{"description", "\"OK\""},
                                      {"content", Json(schemas.Ref(*route.rpc->output_type()))}})},
                  {"default", JsonObject({{"$ref", "\"#/components/responses/Error\""}})}});
  return JsonObject({{"operationId", JsonQuote(route.rpc_name)},
                     {"tags", JsonArray({JsonQuote(route.rpc->service()->name())})},
                     {"summary", JsonQuote(Words(route.rpc->name()))},
                     {"description", JsonQuote(description)},
                     {"parameters", JsonArray(Parameters(route, schemas))},
                     {"requestBody", body},
                     {"responses", responses}});
}

std::string Tags(const std::vector<Route>& routes, const Comments& comments) {
  std::map<std::string, std::string> tags;
  for (const Route& route : routes) {
    const auto& service = *route.rpc->service();
    std::string comment = comments.Of(service);
    tags[service.name()] = JsonObject({{"name", JsonQuote(service.name())},
                                       {"description", comment.empty() ? "" : JsonQuote(comment)}});
  }
  std::vector<std::string> items;
  for (const auto& [_, tag] : tags) items.push_back(tag);
  return JsonArray(items);
}

constexpr char kHeaders[] = R"({
"X-Spm-As":{"name":"X-Spm-As","in":"header","description":"Acts as a member: a person's id or source:external_id. Without it the caller is the local operator.","schema":{"type":"string"}},
"X-Timeout-Ms":{"name":"X-Timeout-Ms","in":"header","description":"How long the caller waits; 10,000 without it.","schema":{"type":"integer","minimum":1,"maximum":120000}},
"traceparent":{"name":"traceparent","in":"header","description":"W3C Trace Context.","schema":{"type":"string"}}})";

constexpr char kError[] = R"({"Error":{
"description":"google.rpc.Status: 400 INVALID_ARGUMENT, FAILED_PRECONDITION; 401 UNAUTHENTICATED; 403 PERMISSION_DENIED; 404 NOT_FOUND; 409 ALREADY_EXISTS, ABORTED; 429 RESOURCE_EXHAUSTED; 503 UNAVAILABLE; 504 DEADLINE_EXCEEDED; 500 INTERNAL. Details carry google.rpc.ErrorInfo with a reason, BadRequest with the fields, RetryInfo with Retry-After.",
"content":{"application/json":{"schema":{"$ref":"#/components/schemas/google.rpc.Status"}}}}})";

constexpr char kStream[] = R"({"get":{"operationId":"stream","tags":["DashboardService"],
"summary":"Live counters by server-sent events",
"description":"event: snapshot with its version as id, then event: delta at most every 250 ms, a comment as heartbeat every 15 s; a new snapshot replaces everything before it. data is a GetCountersResponse.",
"parameters":[{"$ref":"#/components/parameters/X-Spm-As"}],
"responses":{"200":{"description":"The stream","content":{"text/event-stream":{"schema":{"type":"string"}}}},"default":{"$ref":"#/components/responses/Error"}}}})";

}  // namespace

std::string OpenApiDocument(const std::vector<Route>& routes, std::string_view descriptors) {
  Comments comments(descriptors);
  Schemas schemas(comments);
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> paths;
  for (const Route& route : routes)
    paths[route.path].emplace_back(Lower(route.http_method), Operation(route, comments, schemas));
  schemas.Ref(*google::rpc::Status::descriptor());
  std::vector<std::pair<std::string, std::string>> all = {{"/v1/stream", kStream}};
  for (const auto& [path, operations] : paths) all.emplace_back(path, JsonObject(operations));
  return JsonObject(
      {{"openapi", "\"3.1.0\""},
       {"info",
        R"({"title":"spm","version":"v1","description":"Sales performance management: every RPC as JSON."})"},
       {"tags", Tags(routes, comments)},
       {"paths", JsonObject(all)},
       {"components", JsonObject({{"parameters", kHeaders},
                                  {"responses", kError},
                                  {"schemas", schemas.Components()}})}});
}

}  // namespace spm::dashboard
