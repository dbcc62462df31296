#include "services/suite/import/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "common/base/text.h"

namespace spm::suite {
namespace {

// Marks of direction that address books and spreadsheets put around what is copied from them.
bool IsDirectionMark(char32_t c) { return IsDirectionControl(c) || c == 0x200e || c == 0x200f; }

std::string_view WithoutMarks(std::string_view text) {
  constexpr size_t kMarkBytes = 3;
  const auto mark = [&](size_t at) {
    return Utf8CharacterAt(text, at) == kMarkBytes &&
           IsDirectionMark(Utf8CodePoint(text.substr(at, kMarkBytes)));
  };
  while (text.size() >= kMarkBytes && mark(0)) text = Trimmed(text.substr(kMarkBytes));
  while (text.size() >= kMarkBytes && mark(text.size() - kMarkBytes))
    text = Trimmed(text.substr(0, text.size() - kMarkBytes));
  return text;
}

}  // namespace

void TrimCell(std::string* text) {
  const std::string_view view = WithoutMarks(Trimmed(*text));
  if (view.size() != text->size()) *text = std::string(view);
  const auto breaks = [](char c) { return c >= '\t' && c <= '\r'; };
  if (std::none_of(text->begin(), text->end(), breaks)) return;
  std::string line;
  for (const char c : *text)
    if (!breaks(c))
      line += c;
    else if (line.back() != ' ')
      line += ' ';
  text->swap(line);
}

bool Holds(const Conditions& conditions, const Row& row) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& one) {
    const auto& cell = row.cells[static_cast<size_t>(one.index)];
    const bool found = std::find(one.values.begin(), one.values.end(), cell) != one.values.end();
    return found != one.negate;
  });
}

bool RowReader::Next(Row* row) {
  while (csv_->Next(&record_)) {
    row->line = record_.line;
    row->error = record_.error;
    row->cells.swap(record_.fields);
    if (row->error.empty() && row->cells.size() != columns_)
      row->error = fmt::format(
          "has {} columns where the file has {}; a value that holds the delimiter "
          "stands in quotes",
          row->cells.size(), columns_);
    row->cells.resize(columns_);
    for (size_t i = 0; i < columns_; ++i) {
      auto& cell = row->cells[i];
      TrimCell(&cell);
      if (std::find(spec_->blank.begin(), spec_->blank.end(), cell) != spec_->blank.end())
        cell.clear();
      if (maps_[i] == nullptr) continue;
      const auto found = maps_[i]->find(cell);
      if (found != maps_[i]->end()) cell = found->second;
    }
    if (!row->error.empty() || Holds(spec_->where, *row)) return true;
  }
  return false;
}

StatusOr<FileSet> FileSet::Open(const Mapping& mapping, const std::string& folder) {
  FileSet set;
  set.folder_ = folder;
  for (const auto& file : mapping.files) {
    const std::string path = (std::filesystem::path(folder) / file.path).string();
    set.paths_[file.name] = path;
    auto csv = CsvReader::Open(path, file.delimiter);
    if (!csv.ok())
      return Error(csv.status().code(), "FILE_NOT_FOUND",
                   fmt::format("{}:{}: file {}: {}", mapping.path, file.line, file.name,
                               std::string(csv.status().message())));
    auto& header = set.headers_[file.name];
    header = file.columns;
    if (!header.empty()) continue;
    CsvRecord record;
    if (!(*csv)->Next(&record)) {
      RETURN_IF_ERROR((*csv)->status());
      return Error(StatusCode::kInvalidArgument, "BAD_CSV", path + " is empty: no header line");
    }
    if (!record.error.empty())
      return Error(StatusCode::kInvalidArgument, "BAD_CSV",
                   fmt::format("{}, line {}: {}", path, record.line, record.error));
    // Tabs that stand for a delimiter are left, so that the error can say so.
    const bool tabs = record.fields.size() == 1 && record.fields[0].find('\t') != std::string::npos;
    if (!tabs)
      for (auto& name : record.fields) TrimCell(&name);
    header = record.fields;
  }
  return set;
}

std::string FileSet::PathOf(const std::string& name) const {
  const auto it = paths_.find(name);
  return it == paths_.end() ? name : it->second;
}

int FileSet::IndexOf(const std::string& file, const std::string& column) const {
  const auto it = headers_.find(file);
  if (it == headers_.end()) return -1;
  const auto at = std::find(it->second.begin(), it->second.end(), column);
  return at == it->second.end() ? -1 : static_cast<int>(at - it->second.begin());
}

StatusOr<std::unique_ptr<RowReader>> FileSet::Read(const FileSpec& file) const {
  auto reader = std::make_unique<RowReader>();
  reader->spec_ = &file;
  const auto& header = headers_.at(file.name);
  reader->columns_ = header.size();
  for (const auto& column : header) {
    const auto it = file.values.find(column);
    reader->maps_.push_back(it == file.values.end() ? nullptr : &it->second);
  }
  ASSIGN_OR_RETURN(reader->csv_, CsvReader::Open(PathOf(file.name), file.delimiter));
  CsvRecord header_line;
  if (file.columns.empty()) reader->csv_->Next(&header_line);
  return reader;
}

StatusOr<std::map<std::string, int64_t>> FileSet::Scan(const Mapping& mapping) const {
  std::map<std::string, int64_t> records;
  for (const auto& file : mapping.files) {
    ASSIGN_OR_RETURN(auto csv, CsvReader::Open(PathOf(file.name), file.delimiter));
    CsvRecord record;
    int64_t n = file.columns.empty() ? -1 : 0;
    while (csv->Next(&record)) ++n;
    RETURN_IF_ERROR(csv->status());
    records[file.name] = n;
  }
  return records;
}

StatusOr<std::unordered_map<std::string, std::string>> FileSet::Table(
    const FileSpec& file, const std::string& key, const std::string& take) const {
  const auto from = static_cast<size_t>(IndexOf(file.name, key));
  const auto to = static_cast<size_t>(IndexOf(file.name, take));
  std::unordered_map<std::string, std::string> table;
  ASSIGN_OR_RETURN(auto reader, Read(file));
  Row row;
  while (reader->Next(&row))
    if (row.error.empty() && !row.cells[from].empty())
      table.emplace(row.cells[from], row.cells[to]);
  RETURN_IF_ERROR(reader->status());
  return table;
}

}  // namespace spm::suite
