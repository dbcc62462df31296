#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "services/suite/commands.h"
#include "services/suite/import/importer.h"
#include "services/suite/output.h"
#include "services/suite/progress.h"

namespace spm::suite {
namespace {

struct ImportOptions {
  std::string mapping;
  std::string folder;
  std::string report;
  bool dry_run = false;
  bool json = false;
};

int Run(const Globals& globals, const ImportOptions& options) {
  if (!std::filesystem::is_directory(options.folder))
    return Fail(Error(StatusCode::kInvalidArgument, "FOLDER", options.folder + " is no folder"));
  if (!options.report.empty())
    if (const Status writable = TryReport(options.report); !writable.ok()) return Fail(writable);
  auto input = OpenImport(options.mapping, options.folder);
  if (!input.ok()) return Fail(input.status());
  auto session = Session::Open(globals);
  // A dry run without a suite checks the files against each other.
  if (!session.ok() && !(options.dry_run && session.status().code() == StatusCode::kUnavailable))
    return Fail(session.status());
  if (!session.ok()) Note("the suite is not running: only the files are checked");
  Progress progress;
  Importer importer(session.ok() ? session->get() : nullptr, &*input, options.dry_run, &progress);
  auto summary = importer.Run();
  progress.Clear();
  if (!summary.ok()) {
    const int code = Fail(summary.status());
    if (!options.dry_run) Note("the import was broken off; repeat it, what is written stays");
    return code == kWrongUsage && Reason(summary.status()) == "BAD_MAPPING" ? kWrongUsage
                                                                            : kBrokenOff;
  }
  if (!options.report.empty())
    if (const Status written = WriteReport(*summary, options.report); !written.ok())
      return Fail(written);
  Print(options.json ? ToJson(*summary).Text() + "\n" : ToText(*summary));
  return summary->refusals.empty() ? kDone : kDoneInPart;
}

}  // namespace

void AddImport(CLI::App* app, Cli* cli) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* sub = app->add_subcommand("import", "Import CSV files by a mapping");
  sub->footer(
      "Repeating an import changes nothing; a changed row updates.\n"
      "Exit codes: 0 done, 3 some rows were refused, 2 mapping or files wrong, 1 broken off.\n"
      "Example:\n  spm import examples/quickstart/mapping.yaml examples/quickstart --dry-run");
  sub->add_option("MAPPING", options->mapping, "The mapping (README.md, Importing your data)")
      ->required();
  sub->add_option("FOLDER", options->folder, "Where the files are")->required();
  sub->add_flag("--dry-run", options->dry_run, "Check everything, write nothing");
  sub->add_option("--report", options->report,
                  "Write refused rows and counts: JSON if it ends in .json, else CSV")
      ->type_name("FILE");
  sub->add_flag("--json", options->json, "Print the summary as JSON");
  sub->callback([=] { cli->run = [=] { return Run(cli->globals, *options); }; });
}

}  // namespace spm::suite
