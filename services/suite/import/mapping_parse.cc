#include "services/suite/import/mapping_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/base/money.h"
#include "common/base/text.h"

namespace spm::suite {
namespace {

constexpr size_t kMostSourceBytes = 40;

bool IsSource(const std::string& text) {
  if (text.empty() || text.size() > kMostSourceBytes) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

MappingParser::MappingParser(const std::string& path)
    : faults_(path), yaml_(&faults_), expr_(&yaml_, &defaults_) {
  mapping_.path = path;
  defaults_.formats.push_back(DateFormat::Parse("iso").value());
}

StatusOr<Mapping> MappingParser::Parse(const std::string& text) {
  int line = 1;
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = Utf8CharacterAt(text, at);
    if (bytes == 0 || text[at] == '\0') {
      faults_.Add(line, "holds bytes that are not UTF-8; save the mapping in UTF-8");
      return faults_.ToStatus();
    }
    if (text[at] == '\n') ++line;
    at += bytes;
  }
  YAML::Node root;
  try {
    root = YAML::Load(text);
    if (!root.IsMap()) {
      faults_.Add(1, "a mapping has keys: source, files and kinds such as opportunities");
      return faults_.ToStatus();
    }
    ReadCommon(root);
    ReadAll(root);
  } catch (const YAML::Exception& e) {
    // The library's word for nesting beyond its depth.
    const bool deep = e.msg == YAML::ErrorMsg::BAD_FILE;
    faults_.Add(e.mark.line + 1, deep ? "is nested too deep" : "is no YAML: " + e.msg);
  }
  if (faults_.any()) return faults_.ToStatus();
  return std::move(mapping_);
}

void MappingParser::ReadCommon(const YAML::Node& root) {
  if (const auto dates = root["dates"]) defaults_.formats = expr_.ReadFormats(dates);
  if (const auto zone = root["zone"]) {
    mapping_.zone = yaml_.Text(zone, "zone");
    defaults_.zone = expr_.ReadZone(zone);
  }
  if (const auto blank = root["blank"]) defaults_.blank = yaml_.Texts(blank, "blank");
  if (const auto numbers = root["numbers"]) {
    std::vector<YamlReader::Key> keys;
    for (const std::string key : {"decimal", "thousands", "round"})
      keys.push_back({key, [this, key](const YAML::Node& v) {
                        expr_.ReadNumberKey(key, v, &defaults_.number);
                      }});
    yaml_.Keys(numbers, "numbers", keys);
  }
}

void MappingParser::ReadAll(const YAML::Node& root) {
  const auto done = [](const YAML::Node&) {};
  std::vector<YamlReader::Key> keys = {
      {"source", [this](const YAML::Node& v) { ReadSource(v); }},
      {"currency", [this](const YAML::Node& v) { ReadCurrency(v); }},
      {"zone", done},
      {"dates", done},
      {"blank", done},
      {"numbers", done},
      {"files", [this](const YAML::Node& v) { ReadFiles(v); }},
      {"pipelines", [this](const YAML::Node& v) { ReadPipelines(v); }}};
  for (int i = 0; i < kKinds; ++i) {
    const Kind kind = static_cast<Kind>(i);
    keys.push_back(
        {std::string(InfoOf(kind).name), [this, kind](const YAML::Node& v) { ReadKind(kind, v); }});
  }
  yaml_.Keys(root, "the mapping", keys);
  CheckWhole();
}

void MappingParser::CheckWhole() {
  std::stable_sort(mapping_.blocks.begin(), mapping_.blocks.end(),
                   [](const Block& a, const Block& b) { return a.kind < b.kind; });
  if (mapping_.source.empty())
    faults_.Add(1, "`source` is missing: a short name of the other system, such as crm");
  for (const auto& block : mapping_.blocks)
    if (!block.file.empty() && mapping_.File(block.file) == nullptr)
      faults_.Add(block.line, fmt::format("file '{}' of {} is not among `files`", block.file,
                                          InfoOf(block.kind).name));
  if (mapping_.blocks.empty() && !faults_.any())
    faults_.Add(1, "the mapping imports nothing: no kind is given");
  for (auto& block : mapping_.blocks)
    if (block.kind == Kind::kBenchmarks && block.Find("publisher") == nullptr)
      block.fields["publisher"] = expr_.Value(block.line, mapping_.source);
}

void MappingParser::ReadSource(const YAML::Node& node) {
  mapping_.source = yaml_.Text(node, "source");
  if (!IsSource(mapping_.source))
    yaml_.Fault(node, "source is a short name of small letters, digits, - and _");
}

void MappingParser::ReadCurrency(const YAML::Node& node) {
  mapping_.currency = yaml_.Text(node, "currency");
  if (!FindCurrency(mapping_.currency).ok())
    yaml_.Fault(node, "'" + mapping_.currency + "' is no ISO 4217 currency, such as USD or CNY");
}

void MappingParser::ReadFiles(const YAML::Node& node) {
  yaml_.Entries(node, "files", [this](const std::string& name, const YAML::Node& value) {
    FileSpec file;
    file.line = LineOf(value);
    file.name = name;
    file.blank = defaults_.blank;
    if (value.IsScalar()) {
      file.path = value.Scalar();
    } else {
      ReadFile(value, &file);
    }
    if (file.path.empty()) yaml_.Fault(value, "file " + name + " has no path");
    mapping_.files.push_back(std::move(file));
  });
}

void MappingParser::ReadFile(const YAML::Node& node, FileSpec* file) {
  const std::string what = "file " + file->name;
  yaml_.Keys(node, what,
             {{"path", [&](const YAML::Node& v) { file->path = yaml_.Text(v, "path"); }},
              {"delimiter",
               [&](const YAML::Node& v) {
                 const std::string text = yaml_.Text(v, "delimiter");
                 if (text == "tab") {
                   file->delimiter = '\t';
                 } else if (text.size() == 1 && text != "\"") {
                   file->delimiter = text[0];
                 } else {
                   yaml_.Fault(v, "delimiter is one character such as \",\" or \";\", or tab");
                 }
               }},
              {"columns", [&](const YAML::Node& v) { file->columns = yaml_.Texts(v, "columns"); }},
              {"blank", [&](const YAML::Node& v) { file->blank = yaml_.Texts(v, "blank"); }},
              {"where", [&](const YAML::Node& v) { file->where = expr_.ReadConditions(v, what); }},
              {"values", [&](const YAML::Node& v) {
                 yaml_.Entries(v, "values of " + what,
                               [&](const std::string& column, const YAML::Node& m) {
                                 file->values[column] = yaml_.TextMap(m, "values of " + column);
                               });
               }}});
}

const FileSpec* Mapping::File(const std::string& name) const {
  for (const auto& file : files)
    if (file.name == name) return &file;
  return nullptr;
}

const leads::v1::PipelinePolicy* Mapping::Pipeline(const std::string& id) const {
  for (const auto& pipeline : pipelines)
    if (pipeline.id() == id) return &pipeline;
  return nullptr;
}

StatusOr<Mapping> ParseMappingText(const std::string& path, const std::string& yaml) {
  return MappingParser(path).Parse(yaml);
}

StatusOr<Mapping> ParseMapping(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return Error(StatusCode::kNotFound, "FILE_NOT_FOUND",
                 path + " is a folder; give the mapping's file, then the folder of the data");
  std::ifstream in(path);
  if (!in)
    return Error(StatusCode::kNotFound, "FILE_NOT_FOUND",
                 path +
                     " cannot be opened; give the path of a mapping (README.md, Importing your "
                     "data)");
  std::stringstream text;
  text << in.rdbuf();
  return ParseMappingText(path, text.str());
}

}  // namespace spm::suite
