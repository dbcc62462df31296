#include <fmt/format.h>

#include <algorithm>

#include "services/suite/import/mapping_yaml.h"
#include "services/suite/import/rows.h"

namespace spm::suite {
namespace {

// What a header that lacks a column tells about the file.
std::string Advice(const std::vector<std::string>& header) {
  if (header.size() != 1) return " (its first line; a file without a header line takes `columns`)";
  for (const auto& [mark, name] : {std::pair(';', ";"), {'\t', "tab"}, {'|', "|"}, {',', ","}})
    if (header[0].find(mark) != std::string::npos)
      return fmt::format(" (one column: say `delimiter: \"{}\"` of the file)", name);
  return "";
}

class Binder {
 public:
  Binder(const Headers& headers, Mapping* mapping)
      : headers_(headers), mapping_(mapping), faults_(mapping->path) {}

  Status Run() {
    for (auto& file : mapping_->files) {
      Bind(file.name, &file.where);
      for (const auto& [column, map] : file.values) Index(file.name, column, file.line);
    }
    for (auto& block : mapping_->blocks) BindBlock(&block);
    return faults_.any() ? faults_.ToStatus() : OkStatus();
  }

 private:
  void BindBlock(Block* block) {
    Bind(block->file, &block->where);
    for (auto& [name, expr] : block->fields) {
      Bind(block->file, &expr);
      const Field* field = FindField(block->kind, name);
      if (field != nullptr && field->plain_is_value && !IsWordOf(block->kind, *field, expr.text))
        CheckPlain(block->file, name, expr);
    }
    for (auto& expr : block->months) Bind(block->file, &expr);
    for (auto& expr : block->quarters) Bind(block->file, &expr);
    for (auto& step : block->history) BindStep(*block, &step);
  }

  void BindStep(const Block& block, Step* step) {
    const std::string& file = step->file.empty() ? block.file : step->file;
    if (!HasFile(file, step->line)) return;
    Bind(file, &step->stage);
    Bind(file, &step->date);
    Bind(file, &step->when);
    if (!step->match.empty()) Index(file, step->match, step->line);
    if (step->stage.from != Expr::From::kValue) return;
    const Expr* pipeline = block.Find("pipeline");
    const auto* policy = pipeline != nullptr && pipeline->from == Expr::From::kValue
                             ? mapping_->Pipeline(pipeline->text)
                         : pipeline == nullptr && mapping_->pipelines.size() == 1
                             ? &mapping_->pipelines[0]
                             : nullptr;
    if (policy == nullptr) {
      CheckPlain(file, "stage", step->stage);
      return;
    }
    std::string known;
    for (const auto& stage : policy->stages()) {
      if (stage.id() == step->stage.text) return;
      known += (known.empty() ? "" : ", ") + stage.id();
    }
    faults_.Add(step->line, fmt::format("stage '{}' is not in pipeline {} ({}); from a column: "
                                        "{{column: {}}}",
                                        step->stage.text, policy->id(), known, step->stage.text));
  }

  // A word that is the name of a column was probably meant as one.
  void CheckPlain(const std::string& file, const std::string& name, const Expr& expr) {
    const auto it = headers_.find(file);
    if (expr.from != Expr::From::kValue || it == headers_.end()) return;
    if (std::find(it->second.begin(), it->second.end(), expr.text) == it->second.end()) return;
    faults_.Add(expr.line, fmt::format("{} takes the value '{}' here; for the column of that name "
                                       "write {{column: {}}}",
                                       name, expr.text, expr.text));
  }

  bool HasFile(const std::string& file, int line) {
    if (headers_.contains(file)) return true;
    faults_.Add(line, "file '" + file + "' is not among `files`");
    return false;
  }

  int Index(const std::string& file, const std::string& column, int line) {
    if (!HasFile(file, line)) return -1;
    const auto& header = headers_.at(file);
    const auto at = std::find(header.begin(), header.end(), column);
    if (at == header.end()) {
      std::string known;
      for (const auto& name : header) known += (known.empty() ? "" : ", ") + name;
      const std::string near = Nearest(column, header);
      faults_.Add(line,
                  fmt::format("column '{}' is not in file {}{}; its columns: {}{}. A fixed value "
                              "is written {{value: {}}}",
                              column, file, near.empty() ? "" : " (did you mean '" + near + "'?)",
                              known, Advice(header), column));
      return -1;
    }
    if (std::find(at + 1, header.end(), column) != header.end())
      faults_.Add(line, fmt::format("column '{}' occurs twice in file {}", column, file));
    return static_cast<int>(at - header.begin());
  }

  void Bind(const std::string& file, Conditions* conditions) {
    for (auto& one : *conditions) one.index = Index(file, one.column, one.line);
  }

  void Bind(const std::string& file, Expr* expr) {
    Bind(file, &expr->when);
    for (auto& choice : expr->choices) Bind(file, &choice);
    if (expr->from == Expr::From::kColumn) expr->index = Index(file, expr->text, expr->line);
    if (expr->from == Expr::From::kTemplate) BindTemplate(file, expr);
    if (!expr->lookup) return;
    if (!HasFile(expr->lookup->file, expr->lookup->line)) return;
    Index(expr->lookup->file, expr->lookup->key, expr->lookup->line);
    Index(expr->lookup->file, expr->lookup->take, expr->lookup->line);
  }

  void BindTemplate(const std::string& file, Expr* expr) {
    const std::string& text = expr->text;
    for (size_t at = 0; at < text.size();) {
      const size_t open = text.find('{', at);
      if (open == std::string::npos) {
        expr->pieces.emplace_back(text.substr(at), -1);
        return;
      }
      const size_t close = text.find('}', open);
      if (close == std::string::npos) {
        faults_.Add(expr->line, "a { of the template is not closed");
        return;
      }
      const std::string column = text.substr(open + 1, close - open - 1);
      expr->pieces.emplace_back(text.substr(at, open - at), Index(file, column, expr->line));
      at = close + 1;
    }
  }

  const Headers& headers_;
  Mapping* mapping_;
  Faults faults_;
};

}  // namespace

Status BindMapping(const Headers& headers, Mapping* mapping) {
  return Binder(headers, mapping).Run();
}

}  // namespace spm::suite
