#include "services/suite/import/importer.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "common/base/ids.h"
#include "services/suite/import/settle.h"
#include "spm/base/v1/policy.pb.h"

namespace spm::suite {
namespace {

using google::protobuf::Message;
using std::chrono::steady_clock;

double Since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

// Rows of these kinds refer to rows of their own kind.
bool RefersToItself(Kind kind) { return kind == Kind::kUnits || kind == Kind::kPeople; }

}  // namespace

StatusOr<ImportInput> OpenImport(const std::string& mapping, const std::string& folder) {
  ImportInput input;
  ASSIGN_OR_RETURN(input.mapping, ParseMapping(mapping));
  ASSIGN_OR_RETURN(input.files, FileSet::Open(input.mapping, folder));
  RETURN_IF_ERROR(BindMapping(input.files.headers(), &input.mapping));
  ASSIGN_OR_RETURN(input.records, input.files.Scan(input.mapping));
  return input;
}

StatusOr<CompanyFacts> Importer::Company() {
  const Mapping& mapping = input_->mapping;
  std::string currency = mapping.currency.empty() ? "USD" : mapping.currency;
  std::string zone = "UTC";
  if (session_ != nullptr) {
    if (!mapping.currency.empty() && mapping.currency != session_->company().currency() &&
        !dry_run_) {
      base::v1::SetCurrencyRequest request;
      request.set_request_id(RandomUuid());
      request.set_currency(mapping.currency);
      base::v1::Company company;
      const Status set =
          session_->Call("spm.base.v1.OperationsService/SetCurrency", request, &company);
      if (set.code() == StatusCode::kFailedPrecondition)
        return Precondition(
            Reason(set),
            fmt::format("the mapping's currency is {} and the suite holds money in {}; "
                        "start another one with ./deploy/up --data FOLDER",
                        mapping.currency, session_->company().currency()));
      RETURN_IF_ERROR(set);
      RETURN_IF_ERROR(session_->Refresh());
    }
    if (mapping.currency.empty()) currency = session_->company().currency();
    zone = session_->company().zone();
  }
  CompanyFacts facts;
  ASSIGN_OR_RETURN(facts.currency, FindCurrency(currency));
  ASSIGN_OR_RETURN(facts.zone, FileZone::Find(zone));
  return facts;
}

Status Importer::CreatePipelines() {
  for (const auto& pipeline : input_->mapping.pipelines) {
    base::v1::CreatePolicyRequest request;
    request.set_request_id(RandomUuid());
    request.set_service("leads");
    request.set_kind("pipeline:" + pipeline.id());
    request.mutable_body()->PackFrom(pipeline);
    request.set_reason("import of " + input_->mapping.source);
    base::v1::Policy policy;
    const Status created =
        session_->Call("spm.base.v1.PolicyService/CreatePolicy", request, &policy);
    if (!created.ok()) return Prefixed(created, "pipeline " + pipeline.id());
  }
  return OkStatus();
}

StatusOr<ImportSummary> Importer::Run() {
  const auto start = steady_clock::now();
  summary_.dry_run = dry_run_;
  ASSIGN_OR_RETURN(CompanyFacts company, Company());
  rows_ = std::make_unique<RowBuilder>(&input_->mapping, &input_->files, std::move(company));
  targets_ = std::make_unique<TargetPlans>(&input_->mapping, rows_.get());
  if (session_ != nullptr) resolver_ = std::make_unique<Resolver>(session_, input_->mapping.source);
  RETURN_IF_ERROR(rows_->Prepare());
  if (!dry_run_) RETURN_IF_ERROR(CreatePipelines());
  summary_.kinds.reserve(kKinds);
  for (int i = 0; i < kKinds; ++i) RETURN_IF_ERROR(ImportKind(static_cast<Kind>(i)));
  RETURN_IF_ERROR(WaitUntilApplied(true));
  progress_->Clear();
  std::stable_sort(summary_.refusals.begin(), summary_.refusals.end(),
                   [](const Refusal& a, const Refusal& b) {
                     return std::tie(a.kind, a.file, a.line) < std::tie(b.kind, b.file, b.line);
                   });
  summary_.seconds = Since(start);
  return std::move(summary_);
}

Status Importer::ImportKind(Kind kind) {
  const auto start = steady_clock::now();
  std::vector<const Block*> blocks;
  int64_t total = 0;
  for (const auto& block : input_->mapping.blocks) {
    if (block.kind != kind) continue;
    blocks.push_back(&block);
    total += input_->records.at(block.file);
  }
  if (blocks.empty()) return OkStatus();
  stats_ = &summary_.kinds.emplace_back();
  stats_->kind = kind;
  seen_.clear();
  read_ = 0;
  progress_->Start(std::string(InfoOf(kind).name), total);
  if (!dry_run_ && kind != Kind::kTargets)
    sender_ =
        std::make_unique<BatchSender>(session_, input_->mapping.source, stats_, &summary_.refusals);
  for (const Block* block : blocks) RETURN_IF_ERROR(ImportBlock(*block));
  RETURN_IF_ERROR(SendInOrder());
  if (sender_ != nullptr) RETURN_IF_ERROR(sender_->Finish());
  sender_.reset();
  if (kind == Kind::kTargets && !dry_run_)
    RETURN_IF_ERROR(targets_->Save(session_, stats_, &summary_.refusals));
  RETURN_IF_ERROR(WaitUntilApplied(false));
  stats_->seconds = Since(start);
  return OkStatus();
}

Status Importer::ImportBlock(const Block& block) {
  ASSIGN_OR_RETURN(auto reader, input_->files.Read(*input_->mapping.File(block.file)));
  Row row;
  while (reader->Next(&row)) {
    progress_->Update(++read_);
    if (row.error.empty() && !Holds(block.where, row)) continue;
    RETURN_IF_ERROR(Take(block, row));
  }
  return reader->status();
}

Status Importer::Take(const Block& block, const Row& row) {
  Origin origin{input_->mapping.File(block.file)->path, row.line, ""};
  if (block.kind == Kind::kTargets) {
    ++stats_->rows;
    if (auto fault = targets_->Add(block, row, origin)) Refuse(block.kind, origin, *fault);
    return OkStatus();
  }
  const auto request = NewRequest(block.kind);
  Message* message = AddRow(request.get());
  RowNotes notes;
  auto fault = rows_->Build(block, row, message, &notes);
  origin.key = notes.key;
  // A blank is no value that could become a record.
  if (block.distinct && row.error.empty() && notes.key.empty()) return OkStatus();
  bool pass_over = false;
  if (!fault && block.kind != Kind::kBenchmarks)
    fault = CheckKey(block, origin, *message, &pass_over);
  if (pass_over) return OkStatus();
  ++stats_->rows;
  if (fault) {
    Refuse(block.kind, origin, *fault);
    return OkStatus();
  }
  for (const auto& field : notes.defaulted) ++stats_->defaults[field];
  if (dry_run_) return CheckReferences(block, origin, notes);
  if (!RefersToItself(block.kind)) return sender_->Add(*message, std::move(origin));
  Waiting waiting{std::unique_ptr<Message>(message->New()), std::move(origin), {}};
  waiting.row->CopyFrom(*message);
  for (const auto& [kind, key] : notes.references)
    if (kind == block.kind) waiting.before.push_back(key);
  waiting_.push_back(std::move(waiting));
  return OkStatus();
}

std::optional<RowFault> Importer::CheckKey(const Block& block, const Origin& origin,
                                           const Message& row, bool* pass_over) {
  const size_t hash = block.distinct ? std::hash<std::string>()(row.SerializeAsString()) : 0;
  const auto [it, added] = seen_.try_emplace(origin.key, Seen{origin.file, origin.line, hash});
  if (added) {
    if (dry_run_) keys_[block.kind][origin.key] = true;
    return std::nullopt;
  }
  const Seen& first = it->second;
  *pass_over = block.first_wins || (block.distinct && first.hash == hash);
  if (*pass_over) return std::nullopt;
  if (block.distinct)
    return RowFault{"key",
                    fmt::format("'{}' has other values than in {}, line {}; `repeats: first` "
                                "takes the first",
                                origin.key, first.file, first.line)};
  return RowFault{"key", fmt::format("'{}' is the key of {}, line {}, too", origin.key, first.file,
                                     first.line)};
}

Status Importer::CheckReferences(const Block& block, const Origin& origin, const RowNotes& notes) {
  for (const auto& [kind, key] : notes.references) {
    // Rows of the same kind may follow; they are checked by the services.
    if (kind == block.kind || keys_[kind].contains(key)) continue;
    if (resolver_ != nullptr) {
      ASSIGN_OR_RETURN(const std::string id, resolver_->IdOf(kind, key));
      if (!id.empty()) continue;
    }
    std::string field;
    for (const auto& candidate : InfoOf(block.kind).fields)
      if (candidate.type == Type::kReference && candidate.refers_to == kind &&
          block.Find(candidate.name) != nullptr)
        field = candidate.name;
    Refuse(block.kind, origin,
           {field, fmt::format("'{}' is not among the {} of the files{}", key, InfoOf(kind).name,
                               resolver_ != nullptr ? " or of the suite" : "")});
    return OkStatus();
  }
  return OkStatus();
}

// Sends the rows level by level: first those that refer to no other row, then those that refer to
// them, in the order of the file within a level.
Status Importer::SendInOrder() {
  std::unordered_map<std::string, int> level;
  for (const auto& one : waiting_) level[one.origin.key] = -1;
  size_t left = waiting_.size();
  for (int depth = 0; left > 0; ++depth) {
    std::vector<Waiting*> ready;
    for (auto& one : waiting_) {
      if (one.row == nullptr) continue;
      const bool free = std::all_of(one.before.begin(), one.before.end(), [&](const auto& key) {
        const auto it = level.find(key);
        return it == level.end() || (it->second >= 0 && it->second < depth);
      });
      if (free) ready.push_back(&one);
    }
    for (const auto& one : waiting_) {
      if (!ready.empty()) break;
      if (one.row != nullptr)
        Refuse(stats_->kind, one.origin, {"", "refers to itself in a circle"});
    }
    if (ready.empty()) break;
    for (Waiting* one : ready) {
      level[one->origin.key] = depth;
      RETURN_IF_ERROR(sender_->Add(*one->row, one->origin));
      one->row.reset();
      --left;
    }
    RETURN_IF_ERROR(sender_->Flush());
  }
  waiting_.clear();
  return OkStatus();
}

Status Importer::WaitUntilApplied(bool last) {
  if (dry_run_) return OkStatus();
  if (last) progress_->Start("figures", 0);
  SettleOptions options;
  options.values = last;
  options.waiting = [this](int64_t n) {
    progress_->Say(fmt::format("{} events to be applied", Grouped(n)));
  };
  ASSIGN_OR_RETURN(const int64_t held, Settle(session_, options));
  if (last && held > 0)
    Note(fmt::format("{} events are held after a fault and not in the figures; see: spm dlq list",
                     Grouped(held)));
  return OkStatus();
}

void Importer::Refuse(Kind kind, const Origin& origin, const RowFault& fault) {
  ++stats_->refused;
  summary_.refusals.push_back(
      {kind, origin.file, origin.line, origin.key, fault.field, fault.reason});
}

}  // namespace spm::suite
