// Messages as JSON Schema, in protobuf's JSON mapping. One thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace spm::dashboard {

// Comments of the protos by the full name of what they stand at.
class Comments {
 public:
  explicit Comments(std::string_view descriptor_set);
  ~Comments();
  // One paragraph; empty if there is none.
  std::string Of(const google::protobuf::Descriptor& message) const;
  std::string Of(const google::protobuf::FieldDescriptor& field) const;
  std::string Of(const google::protobuf::EnumDescriptor& type) const;
  std::string Of(const google::protobuf::MethodDescriptor& rpc) const;
  std::string Of(const google::protobuf::ServiceDescriptor& service) const;

 private:
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
};

class Schemas {
 public:
  explicit Schemas(const Comments& comments) : comments_(comments) {}

  // {"$ref": ...}; the message and all it holds become components.
  std::string Ref(const google::protobuf::Descriptor& message);
  // A field with its type, description and limits.
  std::string Field(const google::protobuf::FieldDescriptor& field);
  // Body of components.schemas.
  std::string Components() const;

 private:
  std::string Value(const google::protobuf::FieldDescriptor& field);
  std::string Object(const google::protobuf::Descriptor& message);
  std::string Enum(const google::protobuf::EnumDescriptor& type);

  const Comments& comments_;
  std::map<std::string, std::string> components_;
  std::set<std::string> begun_;
};

// {"a":1,"b":2} from rendered values; empty ones are left out.
std::string JsonObject(const std::vector<std::pair<std::string, std::string>>& members);
std::string JsonArray(const std::vector<std::string>& items);
bool IsRequired(const google::protobuf::FieldDescriptor& field);

}  // namespace spm::dashboard
