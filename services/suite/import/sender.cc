#include "services/suite/import/sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

#include "common/base/ids.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/suite/import/rows.h"

namespace spm::suite {
namespace {

using google::protobuf::Message;
using spm::base::v1::RowResult;

constexpr size_t kMostRows = 1000;
constexpr size_t kMostBytes = 2 << 20;
constexpr auto kBatchTimeout = std::chrono::seconds(60);
constexpr int kTries = 8;

void SetText(Message* message, const char* field, const std::string& text) {
  const auto* to = message->GetDescriptor()->FindFieldByName(field);
  if (to != nullptr) message->GetReflection()->SetString(message, to, text);
}

// N of rows[N]...; -1 without.
int RowIndex(const std::string& field) {
  constexpr char kRows[] = "rows[";
  if (!field.starts_with(kRows)) return -1;
  return std::atoi(field.c_str() + sizeof(kRows) - 1);
}

std::string WithoutRow(const std::string& field) {
  if (RowIndex(field) < 0) return field;
  const size_t close = field.find(']');
  return close + 2 <= field.size() ? field.substr(close + 2) : "";
}

}  // namespace

std::pair<std::string, std::string> FieldOf(const Status& status) {
  google::rpc::BadRequest bad;
  const google::rpc::Status proto = ToProto(status);
  for (const auto& any : proto.details())
    if (any.UnpackTo(&bad) && bad.field_violations_size() > 0)
      return {WithoutRow(bad.field_violations(0).field()), bad.field_violations(0).description()};
  return {"", std::string(status.message())};
}

BatchSender::~BatchSender() {
  if (answer_.valid()) answer_.wait();
}

BatchSender::Batch BatchSender::NewBatch() const {
  Batch batch;
  batch.request = NewRequest(stats_->kind);
  SetText(batch.request.get(), "request_id", RandomUuid());
  SetText(batch.request.get(), "source", source_);
  return batch;
}

Status BatchSender::Add(const Message& row, Origin origin) {
  if (next_.request == nullptr) next_ = NewBatch();
  AddRow(next_.request.get())->CopyFrom(row);
  next_.bytes += row.ByteSizeLong() + 8;
  next_.origins.push_back(std::move(origin));
  return next_.origins.size() >= kMostRows || next_.bytes >= kMostBytes ? Flush() : OkStatus();
}

Status BatchSender::Flush() {
  RETURN_IF_ERROR(Await());
  if (next_.request == nullptr) return OkStatus();
  sent_ = std::move(next_);
  next_ = Batch();
  answer_ = Send(sent_);
  return OkStatus();
}

Status BatchSender::Finish() {
  RETURN_IF_ERROR(Flush());
  return Await();
}

std::future<BatchSender::Answer> BatchSender::Send(const Batch& batch) {
  auto promise = std::make_shared<std::promise<Answer>>();
  auto answer = promise->get_future();
  session_->channel()->CallBytes(
      std::string(InfoOf(stats_->kind).method), batch.request->SerializeAsString(),
      session_->Options(kBatchTimeout), [promise](Status status, std::string reply) {
        promise->set_value({std::move(status), std::move(reply)});
      });
  return answer;
}

Status BatchSender::Await() {
  if (!answer_.valid()) return OkStatus();
  auto pause = std::chrono::milliseconds(200);
  for (int tries = 1;; ++tries) {
    auto [status, reply] = answer_.get();
    if (status.ok()) return Count(sent_, reply);
    if (DropNamedRows(status, &sent_)) {
      if (sent_.origins.empty()) return OkStatus();
    } else if (sent_.origins.size() == 1 && !IsInfrastructure(status) &&
               status.code() == StatusCode::kInvalidArgument) {
      Refuse(sent_.origins[0], status);
      return OkStatus();
    } else if (IsInfrastructure(status) && tries < kTries) {
      // The same request id: what was written already is not written again.
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, std::chrono::milliseconds(5000));
    } else {
      return status;
    }
    answer_ = Send(sent_);
  }
}

bool BatchSender::DropNamedRows(const Status& status, Batch* batch) {
  if (status.code() != StatusCode::kInvalidArgument) return false;
  std::set<int> named;
  google::rpc::BadRequest bad;
  const google::rpc::Status proto = ToProto(status);
  for (const auto& any : proto.details()) {
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      const int index = RowIndex(violation.field());
      if (index < 0 || index >= static_cast<int>(batch->origins.size())) continue;
      if (named.insert(index).second)
        Refuse(batch->origins[static_cast<size_t>(index)],
               InvalidField(WithoutRow(violation.field()), violation.description()));
    }
  }
  if (named.empty()) return false;
  Batch rest = NewBatch();
  const auto* rows = batch->request->GetDescriptor()->FindFieldByName("rows");
  for (int i = 0; i < static_cast<int>(batch->origins.size()); ++i) {
    if (named.contains(i)) continue;
    AddRow(rest.request.get())
        ->CopyFrom(batch->request->GetReflection()->GetRepeatedMessage(*batch->request, rows, i));
    rest.origins.push_back(std::move(batch->origins[static_cast<size_t>(i)]));
  }
  *batch = std::move(rest);
  return true;
}

void BatchSender::Refuse(const Origin& origin, const Status& status) {
  auto [field, reason] = FieldOf(status);
  // The name that the mapping has for it.
  for (const auto& known : InfoOf(stats_->kind).fields)
    if (!known.path.empty() && known.path == field) field = known.name;
  ++stats_->refused;
  refusals_->push_back({stats_->kind, origin.file, origin.line, origin.key, field, reason});
}

Status BatchSender::Count(const Batch& batch, const std::string& reply) {
  // Every batch call answers `repeated RowResult results = 1`.
  std::string name(InfoOf(stats_->kind).request);
  name.replace(name.rfind("Request"), std::string::npos, "Response");
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  const std::unique_ptr<Message> response(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!response->ParseFromString(reply)) return Internal("the reply of a batch is not readable");
  const auto* field = type->FindFieldByName("results");
  const auto* reflection = response->GetReflection();
  const int n = reflection->FieldSize(*response, field);
  if (n != static_cast<int>(batch.origins.size()))
    return Internal(fmt::format("{} results for {} rows", n, batch.origins.size()));
  for (int i = 0; i < n; ++i) {
    const auto& result =
        static_cast<const RowResult&>(reflection->GetRepeatedMessage(*response, field, i));
    switch (result.outcome()) {
      case RowResult::OUTCOME_CREATED:
        ++stats_->created;
        break;
      case RowResult::OUTCOME_UPDATED:
        ++stats_->updated;
        break;
      case RowResult::OUTCOME_UNCHANGED:
        ++stats_->unchanged;
        break;
      default:
        Refuse(batch.origins[static_cast<size_t>(i)], FromProto(result.error()));
    }
  }
  return OkStatus();
}

}  // namespace spm::suite
