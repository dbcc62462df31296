// The policies of a running suite as the commands about them see them. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "services/suite/names.h"
#include "services/suite/session.h"
#include "spm/base/v1/policy.pb.h"

namespace spm::suite {

using Versions = std::vector<base::v1::Policy>;

// Every version of every kind, by service and kind, oldest first; of one service where it is named.
StatusOr<std::vector<Versions>> AllPolicies(Session* session, const std::string& service);

// Every version of a kind. INVALID_ARGUMENT where nobody has it (names those there are), or where
// several services do and none is named.
StatusOr<Versions> VersionsOf(Session* session, const std::string& service,
                              const std::string& kind);

// An empty version 0 of a new kind of a family that there is: "pipeline:x" beside
// "pipeline:default". Its body says the type.
StatusOr<base::v1::Policy> NewOfFamily(Session* session, const std::string& service,
                                       const std::string& kind);

// In force at a moment.
const base::v1::Policy& InForce(const Versions& versions, int64_t at_us);

StatusOr<std::unique_ptr<google::protobuf::Message>> BodyOf(const base::v1::Policy& policy);

// "since ever" or a moment.
std::string SinceText(const base::v1::Policy& policy);
// A person's name, or what else published it.
std::string AuthorText(Names* names, const base::v1::Policy& policy);

}  // namespace spm::suite
