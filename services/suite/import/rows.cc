#include "services/suite/import/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>

#include "common/base/time.h"
#include "google/type/money.pb.h"

namespace spm::suite {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Upper(std::string text) {
  for (char& c : text)
    c = c == ' ' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// UNIT_KIND_ of UnitKind, from the name of its first value.
std::string PrefixOf(const EnumDescriptor* type) {
  const std::string first = type->value(0)->name();
  return first.substr(0, first.size() - std::string("UNSPECIFIED").size());
}

StatusOr<int> WordValue(const EnumDescriptor* type, const std::string& word) {
  const auto* value = type->FindValueByName(PrefixOf(type) + Upper(word));
  if (value != nullptr && value->number() != 0) return value->number();
  std::string known;
  for (const auto& one : EnumWords(type)) known += (known.empty() ? "" : ", ") + one;
  return Error(StatusCode::kInvalidArgument, "BAD_WORD",
               fmt::format("'{}' is none of {}", word, known));
}

StatusOr<bool> YesNo(const std::string& text) {
  const std::string low = Upper(text);
  for (const char* yes : {"YES", "Y", "TRUE", "T", "1", "X", "是"})
    if (low == yes) return true;
  for (const char* no : {"NO", "N", "FALSE", "F", "0", "否"})
    if (low == no) return false;
  return Error(StatusCode::kInvalidArgument, "BAD_WORD", "'" + text + "' is neither yes nor no");
}

std::vector<std::string> Split(const std::string& text, const std::string& by) {
  std::vector<std::string> out;
  for (size_t at = 0; at <= text.size();) {
    size_t end = by.empty() ? std::string::npos : text.find(by, at);
    if (end == std::string::npos) end = text.size();
    std::string item = text.substr(at, end - at);
    TrimCell(&item);
    if (!item.empty()) out.push_back(std::move(item));
    at = end + std::max<size_t>(1, by.size());
  }
  return out;
}

// Walks the path to the message that has the last field.
const FieldDescriptor* Walk(std::string_view path, Message** message) {
  while (true) {
    const size_t dot = path.find('.');
    const auto* field =
        (*message)->GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
    if (dot == std::string_view::npos) return field;
    *message = (*message)->GetReflection()->MutableMessage(*message, field);
    path.remove_prefix(dot + 1);
  }
}

std::string TextOf(const Status& status) { return std::string(status.message()); }

Status AtLine(const Mapping& mapping, int line, const std::string& text) {
  return Error(StatusCode::kInvalidArgument, "BAD_MAPPING",
               fmt::format("{}:{}: {}", mapping.path, line, text));
}

}  // namespace

void SetDate(int32_t day, google::type::Date* date) {
  const Ymd ymd = YmdOf(day);
  date->set_year(ymd.year);
  date->set_month(ymd.month);
  date->set_day(ymd.day);
}

void SetMoment(int64_t us, google::protobuf::Timestamp* time) {
  const int64_t seconds = us >= 0 ? us / kSecondUs : -((-us + kSecondUs - 1) / kSecondUs);
  time->set_seconds(seconds);
  time->set_nanos(static_cast<int32_t>((us - seconds * kSecondUs) * 1000));
}

std::vector<std::string> EnumWords(const EnumDescriptor* type) {
  std::vector<std::string> words;
  const size_t prefix = PrefixOf(type).size();
  for (int i = 1; i < type->value_count(); ++i) {
    std::string word = type->value(i)->name().substr(prefix);
    for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    words.push_back(word);
  }
  return words;
}

bool IsWordOf(Kind kind, const Field& field, const std::string& text) {
  if (field.type == Type::kYesNo) return YesNo(text).ok();
  if (field.type == Type::kOwn)
    return text == "company" || text == "region" || text == "team" || text == "person" ||
           text == "product";
  if (field.type != Type::kWord && field.type != Type::kWords) return false;
  auto request = NewRequest(kind);
  Message* row = AddRow(request.get());
  return WordValue(Walk(field.path, &row)->enum_type(), text).ok();
}

std::unique_ptr<Message> NewRequest(Kind kind) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      std::string(InfoOf(kind).request));
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

Message* AddRow(Message* request) {
  return request->GetReflection()->AddMessage(request,
                                              request->GetDescriptor()->FindFieldByName("rows"));
}

std::string RowBuilder::Reference(const Expr& expr, const std::string& key) const {
  return (expr.source.empty() ? mapping_->source : expr.source) + ":" + key;
}

int64_t RowBuilder::Moment(const LocalTime& time, const Expr& expr) const {
  // A day is the company's, whatever zone the file's times are in.
  if (time.time_us && expr.zone) return expr.zone->ToUs(time);
  return company_.zone.ToUs(time);
}

Status RowBuilder::SetField(const Field& field, const Expr& expr, const Cell& cell,
                            Message* message) {
  const FieldDescriptor* to = Walk(field.path, &message);
  const auto* reflection = message->GetReflection();
  switch (field.type) {
    case Type::kText:
      reflection->SetString(message, to, cell.text);
      break;
    case Type::kReference:
      reflection->SetString(message, to, Reference(expr, cell.text));
      break;
    case Type::kMoney: {
      ASSIGN_OR_RETURN(const int64_t minor, ReadMinor(cell.text, expr.number, company_.currency));
      reflection->MutableMessage(message, to)->CopyFrom(ToMoney(minor, company_.currency));
      break;
    }
    case Type::kDecimal: {
      ASSIGN_OR_RETURN(Decimal decimal, ReadDecimal(cell.text, expr.number, ""));
      decimal.digits *= expr.number.scale;
      reflection->SetString(message, to, DecimalText(decimal));
      break;
    }
    case Type::kInteger: {
      ASSIGN_OR_RETURN(const int64_t value, ReadInteger(cell.text, expr.number));
      if (value < std::numeric_limits<int32_t>::min() ||
          value > std::numeric_limits<int32_t>::max())
        return Error(StatusCode::kInvalidArgument, "BAD_NUMBER",
                     "'" + cell.text + "' is too large");
      reflection->SetInt32(message, to, static_cast<int32_t>(value));
      break;
    }
    case Type::kYesNo: {
      ASSIGN_OR_RETURN(const bool value, YesNo(cell.text));
      reflection->SetBool(message, to, value);
      break;
    }
    case Type::kTexts:
      for (auto& item : Split(cell.text, expr.split)) reflection->AddString(message, to, item);
      break;
    case Type::kWord: {
      ASSIGN_OR_RETURN(const int value, WordValue(to->enum_type(), cell.text));
      reflection->SetEnumValue(message, to, value);
      break;
    }
    case Type::kWords:
      for (const auto& item : Split(cell.text, expr.split)) {
        ASSIGN_OR_RETURN(const int value, WordValue(to->enum_type(), item));
        reflection->AddEnumValue(message, to, value);
      }
      break;
    case Type::kDay: {
      ASSIGN_OR_RETURN(const LocalTime time, DateOf(expr, cell));
      SetDate(time.day, static_cast<google::type::Date*>(reflection->MutableMessage(message, to)));
      break;
    }
    case Type::kMoment: {
      ASSIGN_OR_RETURN(const LocalTime time, DateOf(expr, cell));
      SetMoment(Moment(time, expr),
                static_cast<google::protobuf::Timestamp*>(reflection->MutableMessage(message, to)));
      break;
    }
    case Type::kOwn:
      break;
  }
  return OkStatus();
}

std::optional<RowFault> RowBuilder::Build(const Block& block, const Row& row, Message* message,
                                          RowNotes* notes) {
  if (!row.error.empty()) return RowFault{"", row.error};
  for (const auto& field : InfoOf(block.kind).fields) {
    const Expr* expr = block.Find(field.name);
    if (expr == nullptr || field.type == Type::kOwn) continue;
    const std::string name(field.name);
    auto cell = values_.Eval(*expr, row);
    if (!cell.ok()) return RowFault{name, TextOf(cell.status())};
    if (field.name == "key") notes->key = cell->text;
    // The top of a hierarchy is often written as its own superior.
    if (field.type == Type::kReference && field.refers_to == block.kind && cell->text == notes->key)
      continue;
    if (cell->text.empty()) {
      if (field.required) return RowFault{name, "is blank"};
      continue;
    }
    if (cell->defaulted) notes->defaulted.push_back(name);
    if (field.type == Type::kReference && expr->source.empty())
      notes->references.emplace_back(field.refers_to, cell->text);
    if (const Status set = SetField(field, *expr, *cell, message); !set.ok())
      return RowFault{name, TextOf(set)};
  }
  if (block.kind != Kind::kOpportunities) return std::nullopt;
  if (block.Find("pipeline") == nullptr && mapping_->pipelines.size() == 1)
    message->GetReflection()->SetString(message,
                                        message->GetDescriptor()->FindFieldByName("pipeline"),
                                        mapping_->pipelines[0].id());
  return BuildHistory(block, row, notes->key, message, notes);
}

Status RowBuilder::CheckConstant(const Block& block, const Field& field, const Expr& expr) {
  if (field.type == Type::kOwn) return OkStatus();
  std::vector<std::string> texts;
  if (expr.from == Expr::From::kValue) texts.push_back(expr.text);
  if (expr.fallback) texts.push_back(*expr.fallback);
  for (const auto& text : texts) {
    if (text.empty()) continue;
    auto request = NewRequest(block.kind);
    const Status set = SetField(field, expr, Cell{text, false, true}, AddRow(request.get()));
    if (!set.ok())
      return AtLine(*mapping_, expr.line,
                    fmt::format("{} of {}: {}", field.name, InfoOf(block.kind).name, TextOf(set)));
  }
  return OkStatus();
}

Status RowBuilder::Prepare() {
  for (const auto& block : mapping_->blocks) {
    for (const auto& [name, expr] : block.fields)
      if (const Field* field = FindField(block.kind, name); field != nullptr)
        RETURN_IF_ERROR(CheckConstant(block, *field, expr));
    for (const auto& step : block.history) {
      if (step.date.fallback) {
        const auto date = DateOf(step.date, Cell{*step.date.fallback, true, true});
        if (!date.ok()) return AtLine(*mapping_, step.line, TextOf(date.status()));
      }
      if (!step.file.empty()) RETURN_IF_ERROR(ReadHistoryFile(step, &histories_[step.line]));
    }
  }
  return OkStatus();
}

}  // namespace spm::suite
