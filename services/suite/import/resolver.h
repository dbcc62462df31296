// The ids of records that the suite has under the keys of a source. Each kind is listed once, when
// it is first asked for. One thread.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "common/base/status.h"
#include "services/suite/import/schema.h"
#include "services/suite/session.h"

namespace spm::suite {

class Resolver {
 public:
  Resolver(Session* session, std::string source) : session_(session), source_(std::move(source)) {}

  // Empty where there is none. For units, people, products and customers.
  StatusOr<std::string> IdOf(Kind kind, const std::string& key);
  // Key of the parent unit of a unit or person as of today's last placement; empty without.
  StatusOr<std::string> ParentOf(Kind kind, const std::string& key);
  // region, team or company; empty where the unit is unknown.
  StatusOr<std::string> UnitKindOf(const std::string& key);

 private:
  struct Record {
    std::string id;
    // Id of the unit above.
    std::string parent_id;
    std::string unit_kind;
  };
  using Records = std::unordered_map<std::string, Record>;

  StatusOr<const Records*> All(Kind kind);
  Status ListUnits(Records* records);
  Status ListPeople(Records* records);
  Status ListProducts(Records* records);
  Status ListCustomers(Records* records);

  Session* session_;
  std::string source_;
  std::map<Kind, Records> known_;
};

}  // namespace spm::suite
