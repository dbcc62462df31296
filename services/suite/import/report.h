// What an import did: counts for each kind, and each refused row with its place in the files.
// Values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "services/suite/import/schema.h"
#include "services/suite/output.h"

namespace spm::suite {

struct Refusal {
  Kind kind = Kind::kUnits;
  // As the mapping's folder has it; line 0 is the file as a whole.
  std::string file;
  int64_t line = 0;
  std::string key;
  std::string field;
  std::string reason;
};

struct KindStats {
  Kind kind = Kind::kUnits;
  int64_t rows = 0;
  int64_t created = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t refused = 0;
  double seconds = 0;
  // Fields where the mapping's default stood in for a blank, and how often.
  std::map<std::string, int64_t> defaults;
};

struct ImportSummary {
  bool dry_run = false;
  std::vector<KindStats> kinds;
  std::vector<Refusal> refusals;
  double seconds = 0;

  int64_t Rows() const;
  double RowsPerSecond() const;
};

Json ToJson(const ImportSummary& summary);
std::string ToText(const ImportSummary& summary);
// Whether it could be written there: asked before anything is imported.
Status TryReport(const std::string& path);
// Writes JSON to a file that ends in .json, else CSV.
Status WriteReport(const ImportSummary& summary, const std::string& path);

}  // namespace spm::suite
