// PolicyBook holds every version of the policies of a service in memory: who asks for a kind at a
// time gets the version in force then. Immutable; a new one replaces it when a policy is published.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "google/protobuf/message.h"

namespace spm {

class Reader;

struct PolicyVersion {
  std::string kind;
  int64_t version = 0;
  int64_t effective_us = 0;
  std::shared_ptr<const google::protobuf::Message> body;
  std::string author;
  std::string reason;
};

class PolicyBook {
 public:
  // In force at a time; null where there is none.
  const PolicyVersion* At(const std::string& kind, int64_t at_us) const;
  const PolicyVersion* Newest(const std::string& kind) const;
  // All versions of a kind, oldest first; all kinds where it is empty.
  std::vector<PolicyVersion> List(const std::string& kind) const;
  // Kinds that begin with a prefix: "pipeline:".
  std::vector<std::string> Kinds(const std::string& prefix) const;
  void Add(PolicyVersion version);

  // Reads table `policy`.
  static StatusOr<std::shared_ptr<const PolicyBook>> Load(Reader& reader);

 private:
  std::map<std::string, std::vector<PolicyVersion>> kinds_;
};

}  // namespace spm
