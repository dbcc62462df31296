// The demo's last 180 days: the company, its deals and leads, its targets, written through the
// batch calls under the source `demo`. The same day and seed give the same rows, so it may be
// repeated.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/base/money.h"
#include "common/base/status.h"
#include "services/suite/demo/world.h"
#include "services/suite/import/dates.h"
#include "services/suite/import/report.h"
#include "services/suite/session.h"
#include "spm/leads/v1/lead.pb.h"
#include "spm/leads/v1/opportunity.pb.h"
#include "spm/leads/v1/policy.pb.h"
#include "spm/performance/v1/target.pb.h"

namespace spm::suite {

constexpr char kDemoSource[] = "demo";
constexpr int kDemoDays = 180;

class DemoHistory {
 public:
  // `until` is the first day after the history.
  DemoHistory(Session* session, const DemoWorld* world, uint64_t seed, int32_t until)
      : session_(session), world_(world), dice_(seed + 1), until_(until) {}

  // Stops between batches where `stopped` says so; the same history may then be written again.
  Status Write(const std::function<bool()>& stopped);

 private:
  using OpportunityRow = leads::v1::BatchImportOpportunitiesRequest::Row;
  using LeadRow = leads::v1::BatchImportLeadsRequest::Row;

  Status WriteUnits();
  Status WritePeople();
  Status WriteProducts();
  Status WriteCustomers();
  Status WriteContacts();
  Status WriteLeads();
  Status WriteDeals();
  Status WriteTargets();
  Status WriteBenchmarks();
  OpportunityRow Deal(int number, int32_t day);
  void WriteStages(int32_t day, bool won, int cycle_days, OpportunityRow* row);
  performance::v1::TargetPlan Plan(int year, const std::map<std::string, std::string>& ids);
  void SetStanding(int32_t day, int64_t contact_us, LeadRow* row);
  // Percent of the usual target.
  int ShareOfMonth(int year, int month) const;
  int64_t MonthTarget(const DemoPerson& rep, int month);
  bool IsWorkday(int32_t day) const;

  // Sends rows of one kind and fails where one is refused: the demo's rows are right.
  template <typename Row>
  Status Send(Kind kind, const std::vector<Row>& rows);

  Session* session_;
  const DemoWorld* world_;
  Dice dice_;
  int32_t until_;
  Currency currency_;
  leads::v1::PipelinePolicy pipeline_;
  // Minor units won in the history.
  std::map<std::string, int64_t> won_by_rep_;
};

// demo:<key>
std::string DemoRef(const std::string& key);
// The stages of kind open of a pipeline, and the first of another kind.
std::vector<std::string> OpenStages(const leads::v1::PipelinePolicy& pipeline);
std::string StageOfKind(const leads::v1::PipelinePolicy& pipeline, leads::v1::StageKind kind);
// The default pipeline of the suite.
StatusOr<leads::v1::PipelinePolicy> DefaultPipelineOf(Session* session);

}  // namespace spm::suite
