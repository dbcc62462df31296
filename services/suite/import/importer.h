// Imports the files of a mapping: kind by kind, in batches, waiting between kinds until the
// services have applied what the next rows refer to. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/status.h"
#include "services/suite/import/report.h"
#include "services/suite/import/resolver.h"
#include "services/suite/import/rows.h"
#include "services/suite/import/sender.h"
#include "services/suite/import/targets.h"
#include "services/suite/progress.h"
#include "services/suite/session.h"

namespace spm::suite {

// The mapping and its files, checked as far as that goes without a suite: keys, columns, quotes,
// encoding. An error says where.
struct ImportInput {
  Mapping mapping;
  FileSet files;
  // Records of each file, for the bar.
  std::map<std::string, int64_t> records;
};
StatusOr<ImportInput> OpenImport(const std::string& mapping, const std::string& folder);

class Importer {
 public:
  // Without a session only a dry run is possible: it checks against the files alone.
  Importer(Session* session, const ImportInput* input, bool dry_run, Progress* progress)
      : session_(session), input_(input), dry_run_(dry_run), progress_(progress) {}

  // An error breaks the import off; what was written stays, and the same import may be repeated.
  StatusOr<ImportSummary> Run();

 private:
  struct Seen {
    std::string file;
    int64_t line = 0;
    size_t hash = 0;
  };
  // A row whose order is decided when all are known.
  struct Waiting {
    std::unique_ptr<google::protobuf::Message> row;
    Origin origin;
    std::vector<std::string> before;
  };

  StatusOr<CompanyFacts> Company();
  Status CreatePipelines();
  Status ImportKind(Kind kind);
  Status ImportBlock(const Block& block);
  Status Take(const Block& block, const Row& row);
  std::optional<RowFault> CheckKey(const Block& block, const Origin& origin,
                                   const google::protobuf::Message& row, bool* pass_over);
  Status CheckReferences(const Block& block, const Origin& origin, const RowNotes& notes);
  Status SendInOrder();
  Status WaitUntilApplied(bool last);
  void Refuse(Kind kind, const Origin& origin, const RowFault& fault);

  Session* session_;
  const ImportInput* input_;
  bool dry_run_;
  Progress* progress_;
  std::unique_ptr<RowBuilder> rows_;
  std::unique_ptr<TargetPlans> targets_;
  std::unique_ptr<Resolver> resolver_;
  ImportSummary summary_;
  // Of the kind that is imported now.
  KindStats* stats_ = nullptr;
  std::unique_ptr<BatchSender> sender_;
  std::unordered_map<std::string, Seen> seen_;
  std::vector<Waiting> waiting_;
  int64_t read_ = 0;
  // Keys of each kind in the files; for dry runs.
  std::map<Kind, std::unordered_map<std::string, bool>> keys_;
};

}  // namespace spm::suite
