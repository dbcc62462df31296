#include "services/suite/import/evaluate.h"

#include <fmt/format.h>

#include <cctype>

namespace spm::suite {

StatusOr<Cell> Evaluator::Raw(const Expr& expr, const Row& row) {
  Cell cell;
  switch (expr.from) {
    case Expr::From::kNothing:
      break;
    case Expr::From::kColumn:
      cell.text = row.cells[static_cast<size_t>(expr.index)];
      break;
    case Expr::From::kValue:
      cell.text = expr.text;
      cell.constant = true;
      break;
    case Expr::From::kTemplate: {
      bool any = false;
      for (const auto& [text, index] : expr.pieces) {
        cell.text += text;
        if (index < 0) continue;
        const auto& part = row.cells[static_cast<size_t>(index)];
        any = any || !part.empty();
        cell.text += part;
      }
      // A template of blank columns only is blank.
      if (!any) cell.text.clear();
      TrimCell(&cell.text);
      break;
    }
    case Expr::From::kFirst:
      for (const auto& choice : expr.choices) {
        ASSIGN_OR_RETURN(cell, Eval(choice, row));
        if (!cell.text.empty()) break;
      }
      break;
  }
  return cell;
}

StatusOr<const Evaluator::Table*> Evaluator::TableOf(const Lookup& lookup) {
  const std::string name = lookup.file + "\n" + lookup.key + "\n" + lookup.take;
  auto it = tables_.find(name);
  if (it == tables_.end()) {
    ASSIGN_OR_RETURN(Table table,
                     files_->Table(*mapping_->File(lookup.file), lookup.key, lookup.take));
    it = tables_.emplace(name, std::move(table)).first;
  }
  return &it->second;
}

StatusOr<Cell> Evaluator::Eval(const Expr& expr, const Row& row) {
  if (!Holds(expr.when, row)) return Cell{};
  ASSIGN_OR_RETURN(Cell cell, Raw(expr, row));
  // ASCII only: other letters have no case that all languages agree on.
  if (!expr.letters.empty())
    for (char& c : cell.text)
      c = static_cast<char>(expr.letters == "upper" ? std::toupper(static_cast<unsigned char>(c))
                                                    : std::tolower(static_cast<unsigned char>(c)));
  if (!cell.text.empty() || expr.map.contains("")) {
    const auto found = expr.map.find(cell.text);
    if (found != expr.map.end()) {
      cell.text = found->second;
    } else if (expr.otherwise) {
      cell.text = *expr.otherwise;
    }
  }
  if (expr.lookup && !cell.text.empty()) {
    ASSIGN_OR_RETURN(const Table* table, TableOf(*expr.lookup));
    const auto found = table->find(cell.text);
    if (found == table->end() && !expr.fallback)
      return Error(StatusCode::kInvalidArgument, "NO_MATCH",
                   fmt::format("no row of file {} has '{}' in column {}", expr.lookup->file,
                               cell.text, expr.lookup->key));
    cell.text = found == table->end() ? "" : found->second;
  }
  if (cell.text.empty() && expr.fallback) return Cell{*expr.fallback, true, true};
  return cell;
}

StatusOr<LocalTime> DateOf(const Expr& expr, const Cell& cell) {
  auto time = ReadDate(cell.text, expr.formats);
  if (!time && cell.constant) {
    static const std::vector<DateFormat> kIso = {DateFormat::Parse("iso").value()};
    time = ReadDate(cell.text, kIso);
  }
  if (!time) {
    std::string known;
    for (const auto& format : expr.formats) known += (known.empty() ? "" : ", ") + format.text();
    return Error(StatusCode::kInvalidArgument, "BAD_DATE",
                 fmt::format("'{}' is no date of the form {}", cell.text, known));
  }
  if (expr.as_day) {
    time->time_us.reset();
    time->offset_minutes.reset();
  }
  return *time;
}

}  // namespace spm::suite
