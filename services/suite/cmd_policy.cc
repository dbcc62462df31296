#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/time.h"
#include "common/policy/difference.h"
#include "services/suite/commands.h"
#include "services/suite/output.h"
#include "services/suite/policy_book.h"
#include "services/suite/policy_propose.h"
#include "services/suite/policy_yaml.h"

namespace spm::suite {
namespace {

using base::v1::Policy;

struct ShowOptions {
  std::string service, kind, at;
  bool json = false, yaml = false;
};

Json ToJson(const Policy& policy) {
  Json json = Json::Object();
  json.Add("service", policy.service())
      .Add("kind", policy.kind())
      .Add("version", policy.version())
      .Add("effective_us", policy.effective_us())
      .Add("effective", SinceText(policy))
      .Add("author", policy.author())
      .Add("reason", policy.reason());
  return json;
}

std::string BodyJson(const google::protobuf::Message& body) {
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  print.always_print_primitive_fields = true;
  std::string json;
  if (!MessageToJsonString(body, &json, print).ok()) return "null";
  return json;
}

// Now, or the end of the day that was given.
StatusOr<int64_t> AtUs(Session* session, const std::string& at, int64_t now_us) {
  if (at.empty()) return now_us;
  const auto day = ParseDay(at);
  if (!day) return InvalidField("--at", "'" + at + "' is no day; write yyyy-mm-dd");
  ASSIGN_OR_RETURN(const Zone zone, Zone::Find(session->company().zone()));
  return zone.StartOf(*day + 1) - 1;
}

StatusOr<int64_t> NowUs(Session* session) {
  base::v1::GetStatusResponse status;
  RETURN_IF_ERROR(session->Call("spm.base.v1.OperationsService/GetStatus",
                                base::v1::GetStatusRequest(), &status));
  return status.now_us();
}

// What is to come after the version in force.
std::string Scheduled(const Versions& versions, const Policy& in_force) {
  for (const Policy& p : versions)
    if (p.version() > in_force.version())
      return fmt::format("version {} from {}", p.version(), SinceText(p));
  return "";
}

int ListAll(Session* session, const ShowOptions& options, int64_t at_us) {
  auto all = AllPolicies(session, options.service);
  if (!all.ok()) return Fail(all.status());
  Names names(session);
  std::vector<Json> rows;
  Table table({"service", "kind", ">version", "since", "by", "reason", "then"});
  for (const Versions& versions : *all) {
    const Policy& policy = InForce(versions, at_us);
    const std::string then = Scheduled(versions, policy);
    Json row = ToJson(policy);
    row.Add("versions", static_cast<int64_t>(versions.size())).Add("then", then);
    rows.push_back(row);
    table.Add({policy.service(), policy.kind(), std::to_string(policy.version()), SinceText(policy),
               AuthorText(&names, policy), policy.reason(), then});
  }
  Print(options.json ? JsonLines(rows) : table.Text());
  return kDone;
}

int ShowOne(Session* session, const ShowOptions& options, int64_t at_us) {
  auto versions = VersionsOf(session, options.service, options.kind);
  if (!versions.ok()) return Fail(versions.status());
  const Policy& policy = InForce(*versions, at_us);
  auto body = BodyOf(policy);
  if (!body.ok()) return Fail(body.status());
  if (options.json) {
    Json json = ToJson(policy);
    json.AddRaw("body", BodyJson(**body));
    Print(json.Text() + "\n");
    return kDone;
  }
  Names names(session);
  std::string head =
      fmt::format("# {} {}, version {}, in force since {}, by {}", policy.service(), policy.kind(),
                  policy.version(), SinceText(policy), AuthorText(&names, policy));
  if (!policy.reason().empty()) head += ": " + policy.reason();
  const std::string then = Scheduled(*versions, policy);
  if (!then.empty()) head += "\n# then " + then;
  Print(head + "\n" + BodyToYaml(**body));
  return kDone;
}

int Show(const Globals& globals, const ShowOptions& options) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  auto now_us = NowUs(session->get());
  if (!now_us.ok()) return Fail(now_us.status());
  auto at_us = AtUs(session->get(), options.at, *now_us);
  if (!at_us.ok()) return Fail(at_us.status());
  return options.kind.empty() ? ListAll(session->get(), options, *at_us)
                              : ShowOne(session->get(), options, *at_us);
}

int History(const Globals& globals, const ShowOptions& options) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  auto versions = VersionsOf(session->get(), options.service, options.kind);
  if (!versions.ok()) return Fail(versions.status());
  Names names(session->get());
  std::vector<Json> rows;
  std::string text;
  std::unique_ptr<google::protobuf::Message> before;
  for (const Policy& policy : *versions) {
    auto body = BodyOf(policy);
    if (!body.ok()) return Fail(body.status());
    const std::string why = policy.reason().empty() ? "" : ": " + policy.reason();
    text += fmt::format("version {}, since {}, by {}{}\n", policy.version(), SinceText(policy),
                        AuthorText(&names, policy), why);
    Json changes = Json::Array();
    if (before != nullptr) {
      for (const auto& change : DifferenceOf(before.get(), **body)) {
        text += "  " + ChangeText(change) + "\n";
        changes.AddRaw("", ChangeJson(change).Text());
      }
    }
    rows.push_back(ToJson(policy));
    rows.back().Add("changes", changes);
    before = std::move(*body);
  }
  Print(options.json ? JsonLines(rows) : text);
  return kDone;
}

void AddShow(CLI::App* policy, Cli* cli) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* sub = policy->add_subcommand(
      "show", "The policies in force; one as YAML that can be edited and proposed");
  sub->footer("Example:\n  spm policy show pipeline:default > pipeline.yaml");
  sub->add_option("KIND", options->kind,
                  "grade, assignment, pipeline:default, ...; without it all");
  sub->add_option("--service", options->service, "Of this service: leads, performance, org")
      ->type_name("NAME");
  sub->add_option("--at", options->at, "In force at the end of this day")->type_name("YYYY-MM-DD");
  auto* json = sub->add_flag("--json", options->json, "Print JSON");
  sub->add_flag("--yaml", options->yaml, "Print YAML, as without it")->excludes(json);
  sub->callback([=] { cli->run = [=] { return Show(cli->globals, *options); }; });
}

void AddHistory(CLI::App* policy, Cli* cli) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* sub = policy->add_subcommand(
      "history", "Every version of a policy: since when, who, why, and what changed");
  sub->footer("Example:\n  spm policy history grade");
  sub->add_option("KIND", options->kind, "grade, assignment, pipeline:default, ...")->required();
  sub->add_option("--service", options->service, "Of this service")->type_name("NAME");
  sub->add_flag("--json", options->json, "Print JSON");
  sub->callback([=] { cli->run = [=] { return History(cli->globals, *options); }; });
}

void AddPropose(CLI::App* policy, Cli* cli) {
  auto options = std::make_shared<ProposeOptions>();
  CLI::App* sub = policy->add_subcommand(
      "propose", "Show what a candidate changes and what it makes of the data of now; save it");
  sub->footer(
      "Example:\n  spm policy propose pipeline:default pipeline.yaml\n"
      "  spm policy propose pipeline:default pipeline.yaml --effective 2027-01-01 "
      "--reason 'deals wait too long' --save");
  sub->add_option("KIND", options->kind, "grade, assignment, pipeline:default, ...")->required();
  sub->add_option("FILE", options->file,
                  "The candidate as YAML, as `spm policy show` prints it; - "
                  "is standard input")
      ->required();
  sub->add_option("--service", options->service, "Of this service")->type_name("NAME");
  sub->add_option("--effective", options->effective,
                  "In force from this day on; without it at once")
      ->type_name("YYYY-MM-DD");
  sub->add_option("--reason", options->reason, "Why; kept with the version")->type_name("TEXT");
  sub->add_flag("--save", options->save, "Save it; on a terminal you are asked before");
  sub->add_flag("--yes", options->yes, "Do not ask");
  sub->add_flag("--json", options->json, "Print JSON");
  sub->callback([=] { cli->run = [=] { return Propose(cli->globals, *options); }; });
}

}  // namespace

void AddPolicy(CLI::App* app, Cli* cli) {
  CLI::App* policy =
      app->add_subcommand("policy", "Thresholds, weights and pipelines: show, propose, history");
  policy->require_subcommand(1);
  policy->footer("Example:\n  spm policy show");
  AddShow(policy, cli);
  AddPropose(policy, cli);
  AddHistory(policy, cli);
}

}  // namespace spm::suite
