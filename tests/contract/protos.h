// The descriptors of every proto of the suite, found by the files of proto/. One thread.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace spm::testing {

inline std::vector<const google::protobuf::FileDescriptor*> SuiteProtos() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("proto/spm"))
    if (entry.path().extension() == ".proto")
      names.push_back(std::filesystem::relative(entry.path(), "proto").string());
  std::sort(names.begin(), names.end());
  std::vector<const google::protobuf::FileDescriptor*> files;
  for (const std::string& name : names) {
    files.push_back(google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name));
    EXPECT_NE(files.back(), nullptr) << name << " is not linked";
  }
  return files;
}

// What services publish: the messages of every events.proto, a new policy, an event given up.
inline std::vector<const google::protobuf::Descriptor*> EventTypes() {
  std::vector<const google::protobuf::Descriptor*> types;
  for (const auto* file : SuiteProtos()) {
    if (!file->name().ends_with("/events.proto")) continue;
    for (int i = 0; i < file->message_type_count(); ++i) types.push_back(file->message_type(i));
  }
  for (const char* name :
       {"spm.base.v1.PolicyPublished", "spm.base.v1.HeldEventDiscarded", "spm.base.v1.Event"})
    types.push_back(
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name));
  return types;
}

}  // namespace spm::testing
