#include <fmt/format.h>

#include <algorithm>

#include "common/base/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "services/suite/import/rows.h"

namespace spm::suite {
namespace {

using google::protobuf::Message;

std::string TextOf(const Status& status) { return std::string(status.message()); }

}  // namespace

void RowBuilder::SetTime(const LocalTime& time, const Expr& expr, HistoryStep* step) const {
  step->time = time;
  step->us = Moment(time, expr);
  step->day = time.time_us ? company_.zone.DayAt(step->us) : time.day;
}

Status RowBuilder::ReadHistoryFile(const Step& step, Histories* histories) {
  ASSIGN_OR_RETURN(auto reader, files_->Read(*mapping_->File(step.file)));
  const auto match = static_cast<size_t>(files_->IndexOf(step.file, step.match));
  Row row;
  while (reader->Next(&row)) {
    if (!row.error.empty() && row.cells[match].empty()) continue;
    if (row.error.empty() && !Holds(step.when, row)) continue;
    HistoryStep one;
    one.field = fmt::format("history ({}, line {})", step.file, row.line);
    one.fault = row.error;
    const auto stage = values_.Eval(step.stage, row);
    const auto cell = values_.Eval(step.date, row);
    if (!stage.ok()) one.fault = TextOf(stage.status());
    if (!cell.ok()) one.fault = TextOf(cell.status());
    if (one.fault.empty() && stage->text.empty()) continue;
    if (one.fault.empty()) {
      one.stage = stage->text;
      const auto time = DateOf(step.date, *cell);
      if (time.ok()) {
        SetTime(*time, step.date, &one);
      } else {
        one.fault = cell->text.empty() ? "the date is blank" : TextOf(time.status());
      }
    }
    (*histories)[row.cells[match]].push_back(std::move(one));
  }
  return reader->status();
}

std::optional<RowFault> RowBuilder::StepsOf(const Block& block, const Row& row,
                                            const std::string& key, std::vector<HistoryStep>* steps,
                                            RowNotes* notes) {
  bool from_files = false;
  for (size_t i = 0; i < block.history.size(); ++i) {
    const Step& step = block.history[i];
    if (!step.file.empty()) {
      from_files = true;
      const auto& histories = histories_[step.line];
      if (const auto found = histories.find(key); found != histories.end())
        steps->insert(steps->end(), found->second.begin(), found->second.end());
      continue;
    }
    if (!Holds(step.when, row)) continue;
    HistoryStep one;
    one.field = fmt::format("history[{}]", i);
    const auto stage = values_.Eval(step.stage, row);
    if (!stage.ok()) return RowFault{one.field + ".stage", TextOf(stage.status())};
    const auto cell = values_.Eval(step.date, row);
    if (!cell.ok()) return RowFault{one.field + ".date", TextOf(cell.status())};
    if (stage->text.empty()) continue;
    if (cell->text.empty()) {
      // Without a condition a blank date says that the stage was not reached.
      if (step.when.empty()) continue;
      return RowFault{
          one.field + ".date",
          fmt::format("is blank for stage {}; the mapping may give a default", stage->text)};
    }
    const auto time = DateOf(step.date, *cell);
    if (!time.ok()) return RowFault{one.field + ".date", TextOf(time.status())};
    if (cell->defaulted) notes->defaulted.push_back(one.field + ".date");
    one.stage = stage->text;
    SetTime(*time, step.date, &one);
    steps->push_back(std::move(one));
  }
  if (from_files)
    std::stable_sort(steps->begin(), steps->end(),
                     [](const auto& a, const auto& b) { return a.us < b.us; });
  return std::nullopt;
}

std::optional<RowFault> RowBuilder::BuildHistory(const Block& block, const Row& row,
                                                 const std::string& key, Message* message,
                                                 RowNotes* notes) {
  std::vector<HistoryStep> steps;
  if (auto fault = StepsOf(block, row, key, &steps, notes)) return fault;
  if (steps.empty())
    return RowFault{"history", "no step of the mapping's history applies to this row"};
  const auto* field = message->GetDescriptor()->FindFieldByName("history");
  const auto* reflection = message->GetReflection();
  const HistoryStep* before = nullptr;
  for (const auto& step : steps) {
    if (!step.fault.empty()) return RowFault{step.field, step.fault};
    if (before != nullptr && before->stage == step.stage) continue;
    // Where one of two has no time of day they compare as days.
    const bool days = before != nullptr && !(step.time.time_us && before->time.time_us);
    if (before != nullptr && (days ? step.day < before->day : step.us < before->us))
      return RowFault{
          step.field + ".date",
          fmt::format("{} of stage {} is before {} of stage {}", FormatDay(step.time.day),
                      step.stage, FormatDay(before->time.day), before->stage)};
    before = &step;
    Message* out = reflection->AddMessage(message, field);
    const auto* type = out->GetDescriptor();
    out->GetReflection()->SetString(out, type->FindFieldByName("stage"), step.stage);
    if (step.time.time_us) {
      SetMoment(step.us,
                static_cast<google::protobuf::Timestamp*>(
                    out->GetReflection()->MutableMessage(out, type->FindFieldByName("time"))));
    } else {
      SetDate(step.time.day, static_cast<google::type::Date*>(out->GetReflection()->MutableMessage(
                                 out, type->FindFieldByName("day"))));
    }
  }
  return std::nullopt;
}

}  // namespace spm::suite
