// Makes the row message of a batch call from a row of a file, field by field. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/money.h"
#include "common/base/status.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "services/suite/import/evaluate.h"
#include "services/suite/import/mapping.h"

namespace spm::suite {

// What the company says and files do not.
struct CompanyFacts {
  Currency currency;
  FileZone zone;
};

// Why a row is refused.
struct RowFault {
  std::string field;
  std::string reason;
};

// What building a row has found besides.
struct RowNotes {
  std::string key;
  // Keys of this source that the row refers to.
  std::vector<std::pair<Kind, std::string>> references;
  // Fields in which a default stood in for a blank.
  std::vector<std::string> defaulted;
};

class RowBuilder {
 public:
  RowBuilder(const Mapping* mapping, const FileSet* files, CompanyFacts company)
      : mapping_(mapping), files_(files), company_(std::move(company)), values_(mapping, files) {}

  // Checks the mapping's constants and defaults against the kinds of their fields, and reads what
  // histories of their own files need. INVALID_ARGUMENT with the mapping's line.
  Status Prepare();

  // Fills `message`, a row of the kind's batch request.
  std::optional<RowFault> Build(const Block& block, const Row& row,
                                google::protobuf::Message* message, RowNotes* notes);

  Evaluator* values() { return &values_; }
  const CompanyFacts& company() const { return company_; }
  std::string Reference(const Expr& expr, const std::string& key) const;

 private:
  struct HistoryStep {
    std::string stage;
    LocalTime time;
    // The moment of `time`, and its day in the company's zone.
    int64_t us = 0;
    int32_t day = 0;
    std::string field;
    // Why the step cannot be read.
    std::string fault;
  };
  using Histories = std::map<std::string, std::vector<HistoryStep>>;

  Status SetField(const Field& field, const Expr& expr, const Cell& cell,
                  google::protobuf::Message* message);
  Status CheckConstant(const Block& block, const Field& field, const Expr& expr);
  Status ReadHistoryFile(const Step& step, Histories* histories);
  std::optional<RowFault> BuildHistory(const Block& block, const Row& row, const std::string& key,
                                       google::protobuf::Message* message, RowNotes* notes);
  std::optional<RowFault> StepsOf(const Block& block, const Row& row, const std::string& key,
                                  std::vector<HistoryStep>* steps, RowNotes* notes);
  int64_t Moment(const LocalTime& time, const Expr& expr) const;
  void SetTime(const LocalTime& time, const Expr& expr, HistoryStep* step) const;

  const Mapping* mapping_;
  const FileSet* files_;
  CompanyFacts company_;
  Evaluator values_;
  // By the mapping's line of the step.
  std::map<int, Histories> histories_;
};

// A new request of the kind's batch call, and a row added to it.
std::unique_ptr<google::protobuf::Message> NewRequest(Kind kind);
google::protobuf::Message* AddRow(google::protobuf::Message* request);

void SetDate(int32_t day, google::type::Date* date);
void SetMoment(int64_t us, google::protobuf::Timestamp* time);

// True where the text is one of the few words that the field takes.
bool IsWordOf(Kind kind, const Field& field, const std::string& text);

// The words of an enum in small letters: region, team.
std::vector<std::string> EnumWords(const google::protobuf::EnumDescriptor* type);

}  // namespace spm::suite
