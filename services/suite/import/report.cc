#include "services/suite/import/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace spm::suite {
namespace {

constexpr size_t kShownRefusals = 10;

std::string Name(Kind kind) { return std::string(InfoOf(kind).name); }

Json ToJson(const Refusal& refusal) {
  return Json::Object()
      .Add("kind", Name(refusal.kind))
      .Add("file", refusal.file)
      .Add("line", refusal.line)
      .Add("key", refusal.key)
      .Add("field", refusal.field)
      .Add("reason", refusal.reason);
}

Json ToJson(const KindStats& kind) {
  Json defaults = Json::Object();
  for (const auto& [field, n] : kind.defaults) defaults.Add(field, n);
  return Json::Object()
      .Add("kind", Name(kind.kind))
      .Add("rows", kind.rows)
      .Add("created", kind.created)
      .Add("updated", kind.updated)
      .Add("unchanged", kind.unchanged)
      .Add("refused", kind.refused)
      .Add("seconds", std::round(kind.seconds * 1000) / 1000)
      .Add("rows_per_s",
           kind.seconds > 0 ? std::round(static_cast<double>(kind.rows) / kind.seconds) : 0.0)
      .Add("defaults", defaults);
}

std::string CsvCell(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string CsvReport(const ImportSummary& summary) {
  std::string text =
      "record,kind,file,line,key,field,reason,rows,created,updated,unchanged,refused\n";
  for (const auto& r : summary.refusals)
    text += fmt::format("refused,{},{},{},{},{},{},,,,,\n", Name(r.kind), CsvCell(r.file), r.line,
                        CsvCell(r.key), CsvCell(r.field), CsvCell(r.reason));
  for (const auto& k : summary.kinds) {
    text += fmt::format("count,{},,,,,,{},{},{},{},{}\n", Name(k.kind), k.rows, k.created,
                        k.updated, k.unchanged, k.refused);
    for (const auto& [field, n] : k.defaults)
      text += fmt::format("defaulted,{},,,,{},,{},,,,\n", Name(k.kind), CsvCell(field), n);
  }
  return text;
}

}  // namespace

int64_t ImportSummary::Rows() const {
  int64_t rows = 0;
  for (const auto& kind : kinds) rows += kind.rows;
  return rows;
}

double ImportSummary::RowsPerSecond() const {
  return seconds > 0 ? static_cast<double>(Rows()) / seconds : 0;
}

Json ToJson(const ImportSummary& summary) {
  Json kinds = Json::Array();
  for (const auto& kind : summary.kinds) kinds.AddRaw("", ToJson(kind).Text());
  Json refusals = Json::Array();
  for (const auto& refusal : summary.refusals) refusals.AddRaw("", ToJson(refusal).Text());
  const auto sum = [&](int64_t KindStats::*field) {
    int64_t n = 0;
    for (const auto& kind : summary.kinds) n += kind.*field;
    return n;
  };
  return Json::Object()
      .Add("dry_run", summary.dry_run)
      .Add("rows", summary.Rows())
      .Add("created", sum(&KindStats::created))
      .Add("updated", sum(&KindStats::updated))
      .Add("unchanged", sum(&KindStats::unchanged))
      .Add("refused", sum(&KindStats::refused))
      .Add("seconds", std::round(summary.seconds * 1000) / 1000)
      .Add("rows_per_s", std::round(summary.RowsPerSecond()))
      .Add("kinds", kinds)
      .Add("refusals", refusals);
}

std::string ToText(const ImportSummary& summary) {
  Table table({"", ">rows", ">created", ">updated", ">unchanged", ">refused", ">rows/s"});
  std::string defaults;
  for (const auto& k : summary.kinds) {
    const double rate = k.seconds > 0 ? static_cast<double>(k.rows) / k.seconds : 0;
    table.Add({Name(k.kind), Grouped(k.rows), Grouped(k.created), Grouped(k.updated),
               Grouped(k.unchanged), Grouped(k.refused), Grouped(rate, 0)});
    for (const auto& [field, n] : k.defaults)
      defaults += fmt::format("blank, so the mapping's default: {} of {}, {} rows\n", field,
                              Name(k.kind), Grouped(n));
  }
  std::string text = table.Text() + defaults;
  const size_t shown = std::min(kShownRefusals, summary.refusals.size());
  for (size_t i = 0; i < shown; ++i) {
    const auto& r = summary.refusals[i];
    text += fmt::format("refused: {}:{}: {}{}{}\n", r.file, r.line, r.field,
                        r.field.empty() ? "" : ": ", r.reason);
  }
  if (shown < summary.refusals.size())
    text += fmt::format("... and {} more; --report FILE writes them all\n",
                        summary.refusals.size() - shown);
  text += fmt::format("{} rows in {:.1f} s, {} rows/s{}\n", Grouped(summary.Rows()),
                      summary.seconds, Grouped(summary.RowsPerSecond(), 0),
                      summary.dry_run ? "; a dry run, nothing was written" : "");
  return text;
}

Status TryReport(const std::string& path) {
  const std::ofstream out(path, std::ios::app);
  if (out) return OkStatus();
  return Error(StatusCode::kInvalidArgument, "REPORT",
               "--report: " + path + " cannot be written; give another file. Nothing was imported");
}

Status WriteReport(const ImportSummary& summary, const std::string& path) {
  std::ofstream out(path, std::ios::trunc);
  out << (path.ends_with(".json") ? ToJson(summary).Text() + "\n" : CsvReport(summary));
  out.close();
  if (!out) return Error(StatusCode::kInvalidArgument, "REPORT", path + " cannot be written");
  return OkStatus();
}

}  // namespace spm::suite
