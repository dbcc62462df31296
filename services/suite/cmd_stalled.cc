#include <CLI/CLI.hpp>
#include <memory>

#include "google/type/money.pb.h"
#include "services/suite/commands.h"
#include "services/suite/names.h"
#include "services/suite/query.h"
#include "spm/leads/v1/opportunity.pb.h"

namespace spm::suite {
namespace {

using leads::v1::ListStalledOpportunitiesRequest;
using leads::v1::ListStalledOpportunitiesResponse;
using leads::v1::StalledOpportunity;

constexpr int kPage = 1000;

struct StalledOptions {
  int days = 7;
  std::string as_of;
  std::string owner;
  bool json = false;
};

double Major(const google::type::Money& money) {
  return static_cast<double>(money.units()) + static_cast<double>(money.nanos()) / 1e9;
}

Status Take(const StalledOpportunity& stalled, const Zone& zone, int digits, Names* names,
            std::vector<Json>* rows, Table* table) {
  const auto& deal = stalled.opportunity();
  ASSIGN_OR_RETURN(const std::string owner, names->Person(deal.owner_id()));
  ASSIGN_OR_RETURN(const std::string product, names->Product(deal.product_id()));
  ASSIGN_OR_RETURN(const std::string customer, names->Customer(deal.customer_id()));
  const std::string external = deal.external_ids_size() > 0 ? deal.external_ids(0).id() : "";
  const std::string since = FormatDay(zone.DayAt(deal.stage_time().seconds() * kSecondUs));
  const auto text = [](const std::string& value) {
    return value.empty() ? std::optional<std::string>() : std::optional(value);
  };
  Json json = Json::Object();
  json.Add("id", deal.id())
      .AddText("external_id", text(external))
      .AddText("name", text(deal.name()))
      .Add("stage", deal.stage())
      .Add("since", since)
      .Add("days", stalled.days_in_stage())
      .AddText("owner_id", text(deal.owner_id()))
      .AddText("owner", text(owner))
      .AddText("customer_id", text(deal.customer_id()))
      .AddText("customer", text(customer))
      .AddText("product_id", text(deal.product_id()))
      .AddText("product", text(product));
  if (deal.has_value()) {
    json.Add("value", Major(deal.value()));
  } else {
    json.AddNull("value");
  }
  rows->push_back(std::move(json));
  table->Add({external.empty() ? deal.id() : external, deal.stage(), since,
              std::to_string(stalled.days_in_stage()), owner, customer, product,
              deal.has_value() ? Grouped(Major(deal.value()), digits) : "-"});
  return OkStatus();
}

Status List(Session* session, const StalledOptions& options, std::vector<Json>* rows,
            Table* table) {
  ListStalledOpportunitiesRequest request;
  request.set_days(options.days);
  request.set_owner_id(options.owner);
  request.set_page_size(kPage);
  if (!options.as_of.empty()) {
    ASSIGN_OR_RETURN(const int32_t day, ParseDayOption("as-of", options.as_of));
    *request.mutable_as_of() = ToDate(day);
  }
  ASSIGN_OR_RETURN(const Zone zone, Zone::Find(session->company().zone()));
  Names names(session);
  while (true) {
    ListStalledOpportunitiesResponse reply;
    RETURN_IF_ERROR(
        session->Call("spm.leads.v1.OpportunityService/ListStalledOpportunities", request, &reply));
    for (const auto& stalled : reply.stalled())
      RETURN_IF_ERROR(Take(stalled, zone, session->company().minor_digits(), &names, rows, table));
    if (reply.next_page_token().empty()) return OkStatus();
    request.set_page_token(reply.next_page_token());
  }
}

int Run(const Globals& globals, const StalledOptions& options) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  std::vector<Json> rows;
  Table table({"deal", "stage", "since", ">days", "owner", "customer", "product", ">value"});
  const Status listed = List(session->get(), options, &rows, &table);
  if (!listed.ok()) return Fail(listed);
  Print(options.json ? JsonLines(rows) : table.Text());
  if (!options.json) Note(std::to_string(rows.size()) + " open deals");
  return kDone;
}

}  // namespace

void AddStalled(CLI::App* app, Cli* cli) {
  auto options = std::make_shared<StalledOptions>();
  CLI::App* sub = app->add_subcommand("stalled", "Open deals that are long in their stage");
  sub->footer(
      "Dates compare as days: a deal that entered its stage N days ago is not longer than N.\n"
      "Example:\n  spm stalled --days 7 --as-of 2017-12-31 --json");
  sub->add_option("--days", options->days, "Longer in the stage than this (else 7)")
      ->type_name("N")
      ->check(CLI::Range(0, 36500));
  sub->add_option("--as-of", options->as_of, "The day asked for (else today)")->type_name("DAY");
  sub->add_option("--owner", options->owner, "Only of this person: an id")->type_name("PERSON");
  sub->add_flag("--json", options->json, "An array of objects");
  sub->callback([=] { cli->run = [=] { return Run(cli->globals, *options); }; });
}

}  // namespace spm::suite
