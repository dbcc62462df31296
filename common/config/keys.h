// The table of all settings: key, what is expected, and its place in Config. Internal to
// common/config.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/config/config.h"

namespace spm {

struct ConfigKey {
  std::string name;      // company.zone
  std::string expected;  // "a port number, 0 to 65535"
  // False where the text is not what is expected.
  std::function<bool(Config*, const std::string&)> set;
  std::function<std::string(const Config&)> get;
};

const std::vector<ConfigKey>& ConfigKeys();
const ConfigKey* FindConfigKey(const std::string& name);
// company.zone -> SPM_COMPANY_ZONE
std::string VariableOf(const std::string& key);
// The name among `known` that is the fewest changes away.
std::string Nearest(const std::string& name, const std::vector<std::string>& known);

}  // namespace spm
