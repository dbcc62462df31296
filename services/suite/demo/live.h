// The demo's moves: leads come in, are contacted and converted, deals are opened, advanced, won and
// lost, each through the call and as the person that would do it. One thread.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/money.h"
#include "common/base/status.h"
#include "services/suite/demo/world.h"
#include "services/suite/session.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/leads/v1/policy.pb.h"

namespace spm::suite {

class DemoLive {
 public:
  DemoLive(Session* session, const DemoWorld* world, uint64_t seed)
      : session_(session), world_(world), dice_(seed) {}

  // Reads ids, open deals and open leads of the demo's people.
  Status Load();
  // One move. A refusal that any user may get (somebody else was faster, the deal is closed) ends
  // the demo's interest in that record and is no error.
  Status Move();

 private:
  struct Deal {
    std::string id;
    const DemoPerson* owner = nullptr;
    std::string product_id;
    std::string stage;
    int64_t list_minor = 0;
    std::set<std::string> done;
  };
  struct Lead {
    std::string id;
    const DemoPerson* owner = nullptr;
    bool contacted = false;
  };

  Status LoadIds();
  Status LoadDeals();
  Status LoadLeads();
  void Remember(const leads::v1::Opportunity& deal);
  Status NewLead();
  Status ContactLead();
  Status ConvertLead();
  Status OpenDeal();
  Status MoveDeal();
  Status CompleteItem(Deal* deal, const std::string& item);
  Status Advance(size_t at, const std::string& to, bool won, bool lost);
  Status Call(const DemoPerson& as, const std::string& method,
              const google::protobuf::Message& request, google::protobuf::Message* reply);
  const leads::v1::PipelineStage* StageOf(const std::string& id) const;
  // Wins are rare enough that targets stay a matter of weeks.
  bool MayWin();

  Session* session_;
  const DemoWorld* world_;
  Dice dice_;
  Currency currency_;
  leads::v1::PipelinePolicy pipeline_;
  std::map<std::string, std::string> ids_;
  std::map<std::string, const DemoPerson*> people_;
  std::map<std::string, int64_t> price_minor_;
  std::vector<const DemoPerson*> reps_;
  std::vector<Deal> deals_;
  std::vector<Lead> leads_;
  int wins_ = 0;
  std::chrono::steady_clock::time_point next_win_;
};

}  // namespace spm::suite
