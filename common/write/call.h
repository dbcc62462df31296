// What a handler knows of the call it serves: who calls, when, what is in force. Made by the
// machinery for each command, query, event, timer and job. A value, read by one thread.
#pragma once

#include <memory>
#include <string>

#include "common/base/money.h"
#include "common/base/time.h"
#include "common/db/scope.h"
#include "common/org/caller.h"
#include "common/org/directory.h"
#include "common/policy/policies.h"

namespace google::protobuf {
class Timestamp;
}

namespace spm {

// Settings of the company; one for each deployment.
struct CompanySettings {
  Currency currency;
  Zone zone = Zone::Utc();
  std::string language = "en";
};

struct Call {
  Caller caller;
  Scope scope;
  // The lane's time of a command, the clock's of a query.
  int64_t now_us = 0;
  // Day of now_us in the company's zone.
  int32_t today = 0;
  std::string request_id;
  // W3C traceparent.
  std::string trace;
  std::shared_ptr<const CompanySettings> company;
  std::shared_ptr<const Directory> directory;
  std::shared_ptr<const PolicyBook> policies;

  // A new id; the same for the n-th of the same command decided again at the same time.
  std::string NewId() const;
  // The policy of a kind in force now; its version is noted in the journal. The kind must have
  // shipped with a default.
  template <typename P>
  const P& Policy(const std::string& kind) const {
    return static_cast<const P&>(PolicyBody(kind, now_us));
  }
  // Likewise, null where nobody has published such a kind ("pipeline:<id>").
  template <typename P>
  const P* FindPolicy(const std::string& kind) const {
    return static_cast<const P*>(FindPolicyBody(kind, now_us));
  }
  bool imports() const {
    return caller.Has(base::v1::ROLE_OPERATOR) || caller.Has(base::v1::ROLE_SERVICE);
  }
  // "grade@1,contact@2": the policies used so far.
  std::string policies_used() const;

  // When a command says that it happened: taken from connectors and imports only
  // (PERMISSION_DENIED), never in the future (INVALID_ARGUMENT); `now_us` where it does not say.
  StatusOr<int64_t> OccurredUs(bool given, const google::protobuf::Timestamp& at,
                               const std::string& field) const;

  // Seed of NewId.
  std::string id_seed;

 private:
  const google::protobuf::Message& PolicyBody(const std::string& kind, int64_t at_us) const;
  const google::protobuf::Message* FindPolicyBody(const std::string& kind, int64_t at_us) const;
  mutable uint64_t ids_ = 0;
  mutable std::string used_;
};

// The version that a caller has read must be the row's: ABORTED, VERSION_CONFLICT. An empty etag
// asks no check.
template <typename Request, typename Row>
Status CheckEtag(const Request& request, const Row& row) {
  if (request.etag().empty() || request.etag() == std::to_string(row.version())) return OkStatus();
  return WithField(
      Aborted("VERSION_CONFLICT", "etag: the record has version " + std::to_string(row.version()) +
                                      ", not " + request.etag() + "; read it again and repeat"),
      "etag");
}

int64_t ToUs(const google::protobuf::Timestamp& at);
void SetTime(int64_t us, google::protobuf::Timestamp* at);

}  // namespace spm
