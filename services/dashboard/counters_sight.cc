#include "services/dashboard/counters_sight.h"

#include "spm/performance/v1/metrics.pb.h"

namespace spm::dashboard {

bool Sight::Sees(const CounterKey& key) const {
  if (company) return true;
  if (key.grain == "rep") return reps.contains(key.subject);
  if (key.grain == "team") return teams.contains(key.subject);
  if (key.grain == "region") return regions.contains(key.subject);
  return false;
}

std::string Sight::Key() const {
  std::string key = company ? "company" : "";
  for (const auto* ids : {&reps, &teams, &regions}) {
    key += '|';
    for (const std::string& id : *ids) key += id + ",";
  }
  return key;
}

void AskSight(Channel& performance, const CallOptions& options, SightDone done) {
  performance.CallBytes("spm.performance.v1.MetricService/GetVisibility",
                        performance::v1::GetVisibilityRequest().SerializeAsString(), options,
                        [done = std::move(done)](Status status, std::string bytes) {
                          if (!status.ok()) return done(status);
                          performance::v1::Visibility reply;
                          if (!reply.ParseFromString(bytes))
                            return done(Internal("the reply of GetVisibility cannot be decoded"));
                          auto sight = std::make_shared<Sight>();
                          sight->company = reply.company();
                          sight->reps.insert(reply.rep_ids().begin(), reply.rep_ids().end());
                          sight->teams.insert(reply.team_ids().begin(), reply.team_ids().end());
                          sight->regions.insert(reply.region_ids().begin(),
                                                reply.region_ids().end());
                          done(std::shared_ptr<const Sight>(std::move(sight)));
                        });
}

}  // namespace spm::dashboard
