#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/time.h"
#include "services/suite/commands.h"
#include "services/suite/output.h"
#include "spm/base/v1/operations.pb.h"

namespace spm::suite {
namespace {

using base::v1::HeldEvent;

constexpr int kMost = 1000;

struct DlqOptions {
  std::string service;
  std::string aggregate;
  bool all = false;
  bool json = false;
};

std::string StateOf(const HeldEvent& held) {
  return held.state() == HeldEvent::STATE_DEAD ? "dead" : "parked";
}

// The payload as JSON; null where its type is unknown or its bytes cannot be read.
std::string PayloadJson(const base::v1::Event& event) {
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(event.type());
  if (type == nullptr) return "null";
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  std::string json;
  if (!message->ParseFromString(event.payload())) return "null";
  if (!google::protobuf::util::MessageToJsonString(*message, &json, print).ok()) return "null";
  return json;
}

Json ToJson(const HeldEvent& held, bool payload) {
  const auto& event = held.event();
  Json json = Json::Object();
  json.Add("service", held.service())
      .Add("state", StateOf(held))
      .Add("error", held.error())
      .Add("tries", held.tries())
      .Add("aggregate_id", event.aggregate_id())
      .Add("version", event.version())
      .Add("type", event.type())
      .Add("occurred", FormatTime(event.occurred_us()))
      .Add("recorded", FormatTime(event.recorded_us()))
      .Add("actor", event.actor())
      .Add("trace", event.trace());
  if (payload) json.AddRaw("payload", PayloadJson(event));
  return json;
}

StatusOr<base::v1::ListHeldEventsResponse> Held(Session* session, const DlqOptions& options) {
  base::v1::ListHeldEventsRequest request;
  request.set_service(options.service);
  request.set_aggregate_id(options.aggregate);
  request.set_page_size(kMost);
  base::v1::ListHeldEventsResponse reply;
  RETURN_IF_ERROR(session->Call("spm.base.v1.OperationsService/ListHeldEvents", request, &reply));
  return reply;
}

int List(Session* session, const DlqOptions& options) {
  auto held = Held(session, options);
  if (!held.ok()) return Fail(held.status());
  std::vector<Json> rows;
  Table table({"service", "state", "aggregate", ">version", "type", ">tries", "error"});
  for (const auto& one : held->held_events()) {
    rows.push_back(ToJson(one, false));
    table.Add({one.service(), StateOf(one), one.event().aggregate_id(),
               std::to_string(one.event().version()), one.event().type(),
               std::to_string(one.tries()), one.error().substr(0, 80)});
  }
  Print(options.json ? JsonLines(rows) : table.empty() ? "no events are held\n" : table.Text());
  if (held->total() > held->held_events_size())
    Note(fmt::format("{} of {} held events; --service and an aggregate narrow it",
                     held->held_events_size(), held->total()));
  return kDone;
}

int Show(Session* session, const DlqOptions& options) {
  auto held = Held(session, options);
  if (!held.ok()) return Fail(held.status());
  if (held->held_events_size() == 0)
    return Fail(Error(StatusCode::kNotFound, "NOT_HELD",
                      fmt::format("no event of {} is held; see: spm dlq list", options.aggregate)));
  std::vector<Json> rows;
  for (const auto& one : held->held_events()) {
    rows.push_back(ToJson(one, true));
    if (options.json) continue;
    const auto& event = one.event();
    Print(
        fmt::format("{} {} {}.{}  {}\n  error: {} (tried {} times)\n  occurred {}, recorded {}, by "
                    "{}\n  {}\n",
                    one.service(), StateOf(one), event.aggregate_id(), event.version(),
                    event.type(), one.error(), one.tries(), FormatTime(event.occurred_us()),
                    FormatTime(event.recorded_us()), event.actor(), PayloadJson(event)));
  }
  if (options.json) Print(JsonLines(rows));
  return kDone;
}

// The service that holds the aggregate, where the caller did not name one.
StatusOr<std::string> ServiceOf(Session* session, const DlqOptions& options) {
  if (!options.service.empty()) return options.service;
  ASSIGN_OR_RETURN(const auto held, Held(session, options));
  if (held.held_events_size() == 0)
    return Error(StatusCode::kNotFound, "NOT_HELD", "no event is held; see: spm dlq list");
  for (const auto& one : held.held_events())
    if (one.service() != held.held_events(0).service())
      return InvalidField("service", "several services hold events of it; say --service");
  return held.held_events(0).service();
}

int Replay(Session* session, const DlqOptions& options) {
  if (options.aggregate.empty() && !options.all)
    return Fail(InvalidField("AGGREGATE", "name an aggregate, or say --all"));
  auto service = ServiceOf(session, options);
  if (!service.ok()) return Fail(service.status());
  base::v1::ReplayHeldEventsRequest request;
  request.set_service(*service);
  request.set_aggregate_id(options.aggregate);
  base::v1::ReplayHeldEventsResponse reply;
  const Status done = session->Call("spm.base.v1.OperationsService/ReplayHeldEvents", request,
                                    &reply, std::chrono::minutes(10));
  if (!done.ok()) return Fail(done);
  Print(options.json
            ? Json::Object()
                      .Add("applied", reply.applied())
                      .Add("still_held", reply.still_held())
                      .Text() +
                  "\n"
            : fmt::format("{} applied, {} still held\n", reply.applied(), reply.still_held()));
  return reply.still_held() == 0 ? kDone : kDoneInPart;
}

int Discard(Session* session, const DlqOptions& options) {
  auto service = ServiceOf(session, options);
  if (!service.ok()) return Fail(service.status());
  base::v1::DiscardHeldEventsRequest request;
  request.set_service(*service);
  request.set_aggregate_id(options.aggregate);
  base::v1::DiscardHeldEventsResponse reply;
  const Status done =
      session->Call("spm.base.v1.OperationsService/DiscardHeldEvents", request, &reply);
  if (!done.ok()) return Fail(done);
  Print(options.json
            ? Json::Object()
                      .Add("discarded", reply.discarded())
                      .Add("still_held", reply.still_held())
                      .Text() +
                  "\n"
            : fmt::format("{} discarded, {} still held\n", reply.discarded(), reply.still_held()));
  return kDone;
}

using Action = int (*)(Session*, const DlqOptions&);

CLI::App* AddAction(CLI::App* dlq, Cli* cli, const std::string& name, const std::string& help,
                    const std::string& example, Action action,
                    const std::shared_ptr<DlqOptions>& options) {
  CLI::App* sub = dlq->add_subcommand(name, help);
  sub->footer("Example:\n  " + example);
  sub->add_option("--service", options->service, "Only of this service: performance, leads, ...")
      ->type_name("NAME");
  sub->add_flag("--json", options->json, "Print JSON");
  sub->callback([=] {
    cli->run = [=] {
      auto session = Session::Open(cli->globals);
      return session.ok() ? action(session->get(), *options) : Fail(session.status());
    };
  });
  return sub;
}

}  // namespace

void AddDlq(CLI::App* app, Cli* cli) {
  CLI::App* dlq = app->add_subcommand("dlq", "Events that a service could not take");
  dlq->require_subcommand(1);
  dlq->footer("Example:\n  spm dlq list");
  const auto with = [] { return std::make_shared<DlqOptions>(); };
  const auto list = with();
  AddAction(dlq, cli, "list", "List held events", "spm dlq list --service performance", List, list)
      ->add_option("AGGREGATE", list->aggregate, "Only of this aggregate");
  const auto show = with();
  AddAction(dlq, cli, "show", "Show the held events of an aggregate with their payload",
            "spm dlq show 01890a5d-ac96-774b-bcce-b302099a8057", Show, show)
      ->add_option("AGGREGATE", show->aggregate, "Id of the aggregate")
      ->required();
  const auto replay = with();
  CLI::App* sub = AddAction(dlq, cli, "replay", "Run held events again, in order",
                            "spm dlq replay --service performance --all", Replay, replay);
  sub->add_option("AGGREGATE", replay->aggregate, "Id of the aggregate");
  sub->add_flag("--all", replay->all, "Of every aggregate");
  const auto discard = with();
  AddAction(dlq, cli, "discard", "Give up the first held event of an aggregate",
            "spm dlq discard 01890a5d-ac96-774b-bcce-b302099a8057", Discard, discard)
      ->add_option("AGGREGATE", discard->aggregate, "Id of the aggregate")
      ->required();
}

}  // namespace spm::suite
