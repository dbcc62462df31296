#include "services/dashboard/gateway_routes.h"

#include <gtest/gtest.h>

#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "services/dashboard/service.h"

namespace spm::dashboard {
namespace {

using google::api::HttpRule;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptorProto;

// One RPC with this annotation, whose request has id, count, ids and inner.
class OneRpc {
 public:
  explicit OneRpc(const std::function<void(HttpRule*)>& annotate, bool streaming = false) {
    google::protobuf::FileDescriptorProto file;
    file.set_name("t.proto");
    file.set_package("t");
    file.set_syntax("proto3");
    file.add_dependency("google/api/annotations.proto");
    auto* message = file.add_message_type();
    message->set_name("Q");
    AddField(message, "id", FieldDescriptorProto::TYPE_STRING);
    AddField(message, "count", FieldDescriptorProto::TYPE_INT32);
    AddField(message, "ids", FieldDescriptorProto::TYPE_STRING)
        ->set_label(FieldDescriptorProto::LABEL_REPEATED);
    AddField(message, "inner", FieldDescriptorProto::TYPE_MESSAGE)->set_type_name(".t.Q");
    auto* service = file.add_service();
    service->set_name("S");
    auto* method = service->add_method();
    method->set_name("M");
    method->set_input_type(".t.Q");
    method->set_output_type(".t.Q");
    method->set_server_streaming(streaming);
    if (annotate) annotate(method->mutable_options()->MutableExtension(google::api::http));
    const auto* built = pool_.BuildFile(file);
    EXPECT_NE(built, nullptr);
    rpc_ = built->service(0)->method(0);
  }

  StatusOr<Route> Parse() const { return ParseRoute(*rpc_); }

 private:
  static FieldDescriptorProto* AddField(google::protobuf::DescriptorProto* message,
                                        const std::string& name, FieldDescriptorProto::Type type) {
    auto* field = message->add_field();
    field->set_name(name);
    field->set_number(message->field_size());
    field->set_type(type);
    field->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
    return field;
  }

  DescriptorPool pool_{DescriptorPool::generated_pool()};
  const google::protobuf::MethodDescriptor* rpc_ = nullptr;
};

TEST(Annotation, TheKnownFormsAreTaken) {
  for (const char* path : {"/v1/things", "/v1/things/{id}", "/v1/things/{id}:go", "/v1/things:go",
                           "/v1/things/{count}/parts/{id}"}) {
    EXPECT_TRUE(OneRpc([&](HttpRule* r) { r->set_get(path); }).Parse().ok()) << path;
    EXPECT_TRUE(OneRpc([&](HttpRule* r) { r->set_delete_(path); }).Parse().ok()) << path;
    auto post = OneRpc([&](HttpRule* r) { r->set_post(path), r->set_body("*"); }).Parse();
    ASSERT_TRUE(post.ok()) << path;
    EXPECT_TRUE(post->body);
    EXPECT_TRUE(OneRpc([&](HttpRule* r) { r->set_patch(path), r->set_body("*"); }).Parse().ok());
  }
}

TEST(Annotation, EveryOtherFormIsRefusedByName) {
  const std::vector<std::pair<const char*, std::function<void(HttpRule*)>>> forms = {
      {"put", [](HttpRule* r) { r->set_put("/v1/x"), r->set_body("*"); }},
      {"custom", [](HttpRule* r) { r->mutable_custom()->set_kind("HEAD"); }},
      {"nothing", [](HttpRule*) {}},
      {"get with body", [](HttpRule* r) { r->set_get("/v1/x"), r->set_body("*"); }},
      {"post without body", [](HttpRule* r) { r->set_post("/v1/x"); }},
      {"body of a field", [](HttpRule* r) { r->set_post("/v1/x"), r->set_body("inner"); }},
      {"response body", [](HttpRule* r) { r->set_get("/v1/x"), r->set_response_body("id"); }},
      {"second binding",
       [](HttpRule* r) { r->set_get("/v1/x"), r->add_additional_bindings()->set_get("/v1/y"); }},
      {"pattern", [](HttpRule* r) { r->set_get("/v1/{id=things/*}"); }},
      {"star", [](HttpRule* r) { r->set_get("/v1/*"); }},
      {"stars", [](HttpRule* r) { r->set_get("/v1/**"); }},
      {"field of a field", [](HttpRule* r) { r->set_get("/v1/{inner.id}"); }},
      {"message", [](HttpRule* r) { r->set_get("/v1/{inner}"); }},
      {"repeated", [](HttpRule* r) { r->set_get("/v1/{ids}"); }},
      {"unknown field", [](HttpRule* r) { r->set_get("/v1/{other}"); }},
      {"half a segment", [](HttpRule* r) { r->set_get("/v1/a{id}"); }},
      {"empty segment", [](HttpRule* r) { r->set_get("/v1//x"); }},
      {"no slash", [](HttpRule* r) { r->set_get("v1"); }},
      {"verb in the middle", [](HttpRule* r) { r->set_get("/v1/x:go/{id}"); }},
      {"empty verb", [](HttpRule* r) { r->set_get("/v1/x:"); }},
  };
  for (const auto& [name, annotate] : forms) {
    auto route = OneRpc(annotate).Parse();
    ASSERT_FALSE(route.ok()) << name;
    EXPECT_NE(std::string(route.status().message()).find("t.S/M"), std::string::npos) << name;
  }
  EXPECT_FALSE(OneRpc(nullptr).Parse().ok()) << "without annotation";
  EXPECT_FALSE(OneRpc([](HttpRule* r) { r->set_get("/v1/x"); }, true).Parse().ok()) << "stream";
}

TEST(Annotation, EveryRpcOfTheSuiteHasAPathOfItsOwn) {
  auto table = RouteTable::Build(SuiteServices());
  ASSERT_TRUE(table.ok()) << table.status();
  size_t rpcs = 0;
  for (const std::string& name : SuiteServices())
    rpcs += DescriptorPool::generated_pool()->FindServiceByName(name)->method_count();
  EXPECT_EQ(table->routes().size(), rpcs);
  EXPECT_GT(rpcs, 50u);
}

TEST(Annotation, AnUnknownServiceIsNamed) {
  auto table = RouteTable::Build({"spm.nobody.v1.NoService"});
  EXPECT_NE(std::string(table.status().message()).find("spm.nobody.v1.NoService"),
            std::string::npos);
}

class Routes : public ::testing::Test {
 protected:
  std::string Rpc(const std::string& method, const std::string& path) {
    match_ = table_.Find(method, path);
    return match_.route == nullptr ? "" : match_.route->rpc_name;
  }
  RouteTable table_ = *RouteTable::Build(SuiteServices());
  RouteMatch match_;
};

TEST_F(Routes, FindByMethodPathAndVerb) {
  EXPECT_EQ(Rpc("POST", "/v1/leads"), "spm.leads.v1.LeadService/CreateLead");
  EXPECT_EQ(Rpc("GET", "/v1/leads"), "spm.leads.v1.LeadService/ListLeads");
  EXPECT_EQ(Rpc("POST", "/v1/leads:batchCreate"), "spm.leads.v1.LeadService/BatchCreateLeads");
  EXPECT_EQ(Rpc("GET", "/v1/leads/a%2Fb"), "spm.leads.v1.LeadService/GetLead");
  EXPECT_EQ(match_.values, std::vector<std::string>{"a/b"});
  EXPECT_EQ(Rpc("POST", "/v1/leads/42:assign"), "spm.leads.v1.LeadService/AssignLead");
  EXPECT_EQ(match_.values, std::vector<std::string>{"42"});
  EXPECT_EQ(Rpc("GET", "/v1/policies/leads/pipeline:default"),
            "spm.base.v1.PolicyService/GetPolicy");
  EXPECT_EQ(match_.values, (std::vector<std::string>{"leads", "pipeline:default"}));
}

TEST_F(Routes, AColonInAnIdIsNoVerbUnlessThereIsOne) {
  EXPECT_EQ(Rpc("GET", "/v1/people/crm:17"), "spm.org.v1.OrgService/GetPerson");
  EXPECT_EQ(match_.values, std::vector<std::string>{"crm:17"});
  EXPECT_EQ(Rpc("POST", "/v1/people/crm:17:move"), "spm.org.v1.OrgService/MovePerson");
  EXPECT_EQ(match_.values, std::vector<std::string>{"crm:17"});
  EXPECT_EQ(Rpc("POST", "/v1/people/17%3Amove"), "");
}

TEST_F(Routes, TellUnknownPathsFromUnknownMethods) {
  EXPECT_EQ(Rpc("DELETE", "/v1/leads"), "");
  EXPECT_EQ(match_.other_methods.size(), 2u);
  for (const char* path :
       {"/v1/nothing", "/v1/leads/", "/v1/leads/a/b/c", "/v1", "", "/v1/leads/%zz", "/v1//leads"}) {
    EXPECT_EQ(Rpc("GET", path), "") << path;
    EXPECT_TRUE(match_.other_methods.empty()) << path;
  }
  EXPECT_EQ(Rpc("POST", "/v1/leads/:assign"), "") << "a verb needs an id before it";
}

}  // namespace
}  // namespace spm::dashboard
