#include "common/write/call.h"

#include <stdexcept>

#include "common/base/ids.h"
#include "google/protobuf/timestamp.pb.h"

namespace spm {

std::string Call::NewId() const { return MakeId(now_us, id_seed, ids_++); }

std::string Call::policies_used() const { return used_; }

const google::protobuf::Message* Call::FindPolicyBody(const std::string& kind,
                                                      int64_t at_us) const {
  const PolicyVersion* version = policies->At(kind, at_us);
  if (version == nullptr) return nullptr;
  std::string mark = kind + "@" + std::to_string(version->version);
  if (("," + used_ + ",").find("," + mark + ",") == std::string::npos)
    used_ += (used_.empty() ? "" : ",") + mark;
  return version->body.get();
}

const google::protobuf::Message& Call::PolicyBody(const std::string& kind, int64_t at_us) const {
  const auto* body = FindPolicyBody(kind, at_us);
  // The lane turns it into INTERNAL: a kind that ships with a default is always there.
  if (body == nullptr) throw std::logic_error("no policy of kind " + kind);
  return *body;
}

StatusOr<int64_t> Call::OccurredUs(bool given, const google::protobuf::Timestamp& at,
                                   const std::string& field) const {
  if (!given) return now_us;
  if (!imports())
    return Error(
        StatusCode::kPermissionDenied, "OCCUR_TIME_NOT_ALLOWED",
        field + ": only imports and connectors say when something happened; leave it empty");
  int64_t us = ToUs(at);
  if (us > now_us) return InvalidField(field, "lies in the future; give a time up to now");
  return us;
}

int64_t ToUs(const google::protobuf::Timestamp& at) {
  return at.seconds() * kSecondUs + at.nanos() / 1000;
}

void SetTime(int64_t us, google::protobuf::Timestamp* at) {
  int64_t seconds = us / kSecondUs, rest = us % kSecondUs;
  if (rest < 0) {
    seconds -= 1;
    rest += kSecondUs;
  }
  at->set_seconds(seconds);
  at->set_nanos(static_cast<int32_t>(rest * 1000));
}

}  // namespace spm
