#include <fmt/format.h>

#include "common/base/time.h"
#include "services/suite/import/mapping_parser.h"

namespace spm::suite {

void MappingParser::ReadKind(Kind kind, const YAML::Node& node) {
  if (node.IsSequence()) {
    for (const auto& item : node) ReadBlock(kind, item);
  } else {
    ReadBlock(kind, node);
  }
}

void MappingParser::ReadBlock(Kind kind, const YAML::Node& node) {
  Block block;
  block.line = LineOf(node);
  block.kind = kind;
  const std::string what(InfoOf(kind).name);
  std::vector<YamlReader::Key> keys = {
      {"file", [&](const YAML::Node& v) { block.file = yaml_.Text(v, "file"); }},
      {"where", [&](const YAML::Node& v) { block.where = expr_.ReadConditions(v, what); }}};
  for (const auto& field : InfoOf(kind).fields) {
    if (field.name == "history") {
      keys.push_back({"history", [&](const YAML::Node& v) { ReadHistory(v, &block); }});
      continue;
    }
    keys.push_back({std::string(field.name), [&, f = &field](const YAML::Node& v) {
                      const std::string name(f->name);
                      block.fields[name] = expr_.Read(v, name + " of " + what, f->plain_is_value);
                    }});
  }
  if (kind == Kind::kTargets) {
    for (const std::string key :
         {"months", "quarters", "weights", "roll_up", "repeats", "under", "effective_from"})
      keys.push_back({key, [&, key](const YAML::Node& v) { ReadTargetKey(key, v, &block); }});
  } else {
    keys.push_back({"distinct", [&](const YAML::Node& v) {
                      block.distinct = true;
                      block.fields["key"] = expr_.Read(v, "distinct of " + what, false);
                    }});
    keys.push_back({"repeats", [&](const YAML::Node& v) {
                      const std::string text = yaml_.Text(v, "repeats");
                      block.first_wins = text == "first";
                      if (text != "first" && text != "refuse")
                        yaml_.Fault(v, "repeats is refuse or first");
                    }});
  }
  yaml_.Keys(node, what, keys);
  Complete(node, &block);
  mapping_.blocks.push_back(std::move(block));
}

void MappingParser::ReadTargetKey(const std::string& key, const YAML::Node& node, Block* block) {
  const auto columns = [&](size_t n, std::vector<Expr>* to) {
    if (!node.IsSequence() || node.size() != n)
      return yaml_.Fault(node, fmt::format("{} takes a list of {} columns", key, n));
    for (const auto& item : node) to->push_back(expr_.Read(item, key, false));
  };
  if (key == "months") {
    columns(12, &block->months);
  } else if (key == "quarters") {
    columns(4, &block->quarters);
  } else if (key == "weights") {
    for (const auto& text : yaml_.Texts(node, "weights")) {
      NumberFormat plain;
      plain.thousands = 0;
      const auto decimal = ReadDecimal(text, plain, "");
      const auto weight = decimal.ok() ? InUnitsOf(*decimal, 6, plain) : StatusOr<int64_t>(-1);
      if (!weight.ok() || *weight < 0)
        return yaml_.Fault(node, "weights are numbers, not negative");
      block->weights.push_back(*weight);
    }
    if (block->weights.size() != 12) yaml_.Fault(node, "weights has twelve numbers, January first");
  } else if (key == "roll_up") {
    block->roll_up = yaml_.YesNo(node, "roll_up");
  } else if (key == "repeats") {
    const std::string text = yaml_.Text(node, "repeats");
    block->add_up = text == "add";
    if (text != "add" && text != "refuse") yaml_.Fault(node, "repeats of targets is refuse or add");
  } else if (key == "under") {
    block->under_company = yaml_.Text(node, "under") == "company";
    if (!block->under_company) yaml_.Fault(node, "under is company");
  } else if (key == "effective_from") {
    block->effective_day = ParseDay(yaml_.Text(node, "effective_from"));
    if (!block->effective_day) yaml_.Fault(node, "effective_from is a day: yyyy-mm-dd");
  }
}

void MappingParser::ReadHistory(const YAML::Node& node, Block* block) {
  if (!node.IsSequence() || node.size() == 0)
    return yaml_.Fault(node, "history takes a list of steps, each with stage and date");
  for (const auto& entry : node) {
    Step step;
    step.line = LineOf(entry);
    yaml_.Keys(entry, "step of history",
               {{"stage", [&](const YAML::Node& v) { step.stage = expr_.Read(v, "stage", true); }},
                {"date", [&](const YAML::Node& v) { step.date = expr_.Read(v, "date", false); }},
                {"when", [&](const YAML::Node& v) { step.when = expr_.ReadConditions(v, "step"); }},
                {"file", [&](const YAML::Node& v) { step.file = yaml_.Text(v, "file"); }},
                {"match", [&](const YAML::Node& v) { step.match = yaml_.Text(v, "match"); }}});
    if (!step.stage.given() || !step.date.given())
      yaml_.Fault(entry, "a step of history needs stage and date");
    if (step.file.empty() != step.match.empty())
      yaml_.Fault(entry,
                  "a step from another file needs `file` and `match` (the column there that "
                  "has the deal's key)");
    if (!step.file.empty() && mapping_.File(step.file) == nullptr && !mapping_.files.empty())
      yaml_.Fault(entry, "file '" + step.file + "' is not among `files`");
    block->history.push_back(std::move(step));
  }
}

void MappingParser::Complete(const YAML::Node& node, Block* block) {
  const auto& info = InfoOf(block->kind);
  const std::string what(info.name);
  if (block->file.empty()) yaml_.Fault(node, what + " has no `file`");
  if (info.fields[1].name == "name" && info.fields[1].required && block->Find("name") == nullptr &&
      block->Find("key") != nullptr && block->kind != Kind::kContacts)
    block->fields["name"] = *block->Find("key");
  for (const auto& field : info.fields) {
    // Whose benchmark it is: the mapping's source where nothing is said.
    if (!field.required || field.name == "publisher") continue;
    const bool given =
        field.name == "history" ? !block->history.empty() : block->Find(field.name) != nullptr;
    if (!given) yaml_.Fault(node, fmt::format("{} needs `{}`", what, field.name));
  }
  if (block->kind == Kind::kTargets) {
    const bool rows = block->Find("amount") != nullptr &&
                      (block->Find("period") != nullptr || block->Find("year") != nullptr);
    const bool wide =
        block->Find("year") != nullptr && (!block->months.empty() || !block->quarters.empty());
    if (rows == wide)
      yaml_.Fault(node,
                  "targets need `period` and `amount` (or `year` and `amount`), or `year` and "
                  "`months` or `quarters`");
  }
}

}  // namespace spm::suite
