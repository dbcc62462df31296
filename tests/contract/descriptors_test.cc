// What every RPC and every event promises, read from the descriptors.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "google/api/annotations.pb.h"
#include "google/api/field_behavior.pb.h"
#include "spm/base/v1/options.pb.h"
#include "tests/contract/protos.h"
#include "tests/contract/specs.h"

namespace spm {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

// What an operator does to the process itself: repeating it does no harm, and no journal records
// it.
const std::set<std::string> kWithoutRequestId = {
    "spm.base.v1.BackupService.CreateBackup",
    "spm.base.v1.OperationsService.ReplayHeldEvents",
    "spm.base.v1.OperationsService.DiscardHeldEvents",
    "spm.base.v1.OperationsService.AdvanceClock",
    "spm.base.v1.OperationsService.RebuildService",
};
// Questions whose form is too large for a URL.
const std::set<std::string> kQuestionsByPost = {
    "spm.base.v1.PolicyService.PreviewPolicy",
    "spm.performance.v1.MetricService.QueryMetrics",
    "spm.performance.v1.MetricService.ExplainMetric",
    "spm.performance.v1.TargetService.SplitTarget",
};

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file : testing::SuiteProtos())
    for (int i = 0; i < file->service_count(); ++i)
      for (int j = 0; j < file->service(i)->method_count(); ++j)
        methods.push_back(file->service(i)->method(j));
  return methods;
}

const google::api::HttpRule& HttpOf(const MethodDescriptor& method) {
  return method.options().GetExtension(google::api::http);
}

TEST(Rpc, EveryOneHasAccessAndAnHttpForm) {
  EXPECT_GT(Methods().size(), 50u);
  std::map<std::string, std::string> forms;
  for (const auto* method : Methods()) {
    const auto& access = method->options().GetExtension(base::v1::access);
    EXPECT_TRUE(access.member() || access.roles_size() > 0) << method->full_name() << ": no access";
    const auto& http = HttpOf(*method);
    EXPECT_NE(http.pattern_case(), google::api::HttpRule::PATTERN_NOT_SET)
        << method->full_name() << ": no http";
    const std::string form = http.ShortDebugString();
    EXPECT_TRUE(forms.emplace(form, method->full_name()).second)
        << method->full_name() << " and " << forms[form] << " have one form";
    const bool body = http.has_post() || http.has_patch() || http.has_put();
    EXPECT_EQ(http.body(), body ? "*" : "") << method->full_name();
  }
}

// G2: what changes something is exactly-once by its request_id, which the caller must give.
TEST(Rpc, WhatChangesSomethingHasARequiredRequestId) {
  for (const auto* method : Methods()) {
    const std::string& name = method->full_name();
    const FieldDescriptor* id = method->input_type()->FindFieldByName("request_id");
    const bool changes = !HttpOf(*method).has_get() && !kWithoutRequestId.contains(name) &&
                         !kQuestionsByPost.contains(name);
    EXPECT_EQ(id != nullptr, changes) << name;
    if (id == nullptr) continue;
    const auto& options = id->options();
    bool required = false;
    for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i)
      required |= options.GetExtension(google::api::field_behavior, i) == google::api::REQUIRED;
    EXPECT_TRUE(required) << name;
  }
}

// A command of a service is what changes something, a query is what does not, and nothing is
// missing.
TEST(Rpc, EveryOneIsServedByItsServiceAsWhatItIs) {
  std::map<std::string, bool> served;
  std::set<std::string> packages;
  for (const ServiceSpec& spec : testing::AllSpecs()) {
    packages.insert("spm." + spec.name + ".v1");
    for (const auto& c : spec.commands)
      EXPECT_TRUE(served.emplace(c.method, true).second) << c.method;
    for (const auto& q : spec.queries)
      EXPECT_TRUE(served.emplace(q.method, false).second) << q.method;
  }
  size_t known = 0;
  for (const auto* method : Methods()) {
    if (!packages.contains(method->file()->package())) continue;
    const std::string name = method->service()->full_name() + "/" + method->name();
    auto found = served.find(name);
    if (found == served.end()) {
      ADD_FAILURE() << name << " is not served";
      continue;
    }
    ++known;
    EXPECT_EQ(found->second, method->input_type()->FindFieldByName("request_id") != nullptr)
        << name;
  }
  EXPECT_EQ(known, served.size()) << "something is served that no proto has";
}

void FindPersonal(const Descriptor& type, const std::string& path,
                  std::set<const Descriptor*>* seen) {
  if (!seen->insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string at = path + "." + field.name();
    EXPECT_FALSE(field.options().GetExtension(base::v1::personal)) << at << " is personal";
    if (field.message_type() != nullptr) FindPersonal(*field.message_type(), at, seen);
  }
}

// Erasing a person is one command, because nothing of it is in a journal or on the bus.
TEST(Events, CarryNothingPersonal) {
  EXPECT_GT(testing::EventTypes().size(), 30u);
  for (const Descriptor* type : testing::EventTypes()) {
    std::set<const Descriptor*> seen;
    FindPersonal(*type, type->full_name(), &seen);
  }
}

// The annotation is in use, so that the test above can find something.
TEST(Events, ThePersonalFieldsAreMarked) {
  int marked = 0;
  for (const auto* file : testing::SuiteProtos())
    for (int i = 0; i < file->message_type_count(); ++i)
      for (int j = 0; j < file->message_type(i)->field_count(); ++j)
        marked += file->message_type(i)->field(j)->options().GetExtension(base::v1::personal);
  EXPECT_GE(marked, 6);
}

}  // namespace
}  // namespace spm
