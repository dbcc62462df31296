// Names of people, products and customers by id, for tables. One thread.
#pragma once

#include <map>
#include <string>

#include "common/base/status.h"
#include "services/suite/session.h"

namespace spm::suite {

class Names {
 public:
  explicit Names(Session* session) : session_(session) {}

  // The id itself where the caller may not see the record.
  StatusOr<std::string> Person(const std::string& id);
  StatusOr<std::string> Product(const std::string& id);
  StatusOr<std::string> Customer(const std::string& id);

 private:
  Session* session_;
  std::map<std::string, std::string> known_;
};

}  // namespace spm::suite
