#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <set>

#include "common/base/time.h"
#include "services/suite/commands.h"
#include "services/suite/output.h"
#include "spm/base/v1/operations.pb.h"
#include "spm/base/v1/options.pb.h"

namespace spm::suite {
namespace {

using base::v1::HeldEvent;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kPage = 1000;
constexpr auto kReplayTimeout = std::chrono::minutes(10);

struct DlqOptions {
  std::string service, aggregate, type, state, reason;
  int64_t version = 0;
  bool all = false;
  bool json = false;
};

struct Held {
  std::vector<HeldEvent> events;
  int64_t now_us = 0;
};

std::string StateOf(const HeldEvent& held) {
  return held.state() == HeldEvent::STATE_DEAD ? "dead" : "parked";
}

// Nothing personal belongs into an event; should something be there, it does not come out here.
void HidePersonal(Message* message) {
  const auto& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->options().GetExtension(base::v1::personal)) {
      reflection.ClearField(message, field);
      continue;
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      HidePersonal(reflection.MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i)
      HidePersonal(reflection.MutableRepeatedMessage(message, field, i));
  }
}

// The payload as JSON; null where its type is unknown or its bytes cannot be read.
std::string PayloadJson(const base::v1::Event& event) {
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(event.type());
  if (type == nullptr) return "null";
  const std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  std::string json;
  if (!message->ParseFromString(event.payload())) return "null";
  HidePersonal(message.get());
  if (!google::protobuf::util::MessageToJsonString(*message, &json, print).ok()) return "null";
  return json;
}

int64_t AgeSeconds(const HeldEvent& held, int64_t now_us) {
  return std::max<int64_t>(0, (now_us - held.event().recorded_us()) / kSecondUs);
}

Json ToJson(const HeldEvent& held, int64_t now_us, bool payload) {
  const auto& event = held.event();
  Json json = Json::Object();
  json.Add("service", held.service())
      .Add("source", held.source())
      .Add("state", StateOf(held))
      .Add("error", held.error())
      .Add("tries", held.tries())
      .Add("aggregate_id", event.aggregate_id())
      .Add("version", event.version())
      .Add("type", event.type())
      .Add("occurred", FormatTime(event.occurred_us()))
      .Add("recorded", FormatTime(event.recorded_us()))
      .Add("age_seconds", AgeSeconds(held, now_us))
      .Add("actor", event.actor())
      .Add("request_id", event.request_id())
      .Add("trace", event.trace());
  if (payload) json.AddRaw("payload", PayloadJson(event));
  return json;
}

// Every page.
StatusOr<Held> ReadHeld(Session* session, const DlqOptions& options) {
  Held held;
  base::v1::GetStatusResponse status;
  RETURN_IF_ERROR(session->Call("spm.base.v1.OperationsService/GetStatus",
                                base::v1::GetStatusRequest(), &status));
  held.now_us = status.now_us();
  base::v1::ListHeldEventsRequest request;
  request.set_service(options.service);
  request.set_aggregate_id(options.aggregate);
  request.set_page_size(kPage);
  request.set_type(options.type);
  if (options.state == "dead") request.set_state(HeldEvent::STATE_DEAD);
  if (options.state == "parked") request.set_state(HeldEvent::STATE_PARKED);
  while (true) {
    base::v1::ListHeldEventsResponse reply;
    RETURN_IF_ERROR(session->Call("spm.base.v1.OperationsService/ListHeldEvents", request, &reply));
    for (auto& one : *reply.mutable_held_events())
      if (options.version == 0 || one.event().version() == options.version)
        held.events.push_back(std::move(one));
    if (reply.next_page_token().empty()) return held;
    request.set_page_token(reply.next_page_token());
  }
}

std::string AgeText(int64_t seconds) {
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  return seconds < 172'800 ? fmt::format("{} h", seconds / 3600)
                           : fmt::format("{} d", seconds / 86'400);
}

int List(Session* session, const DlqOptions& options) {
  auto held = ReadHeld(session, options);
  if (!held.ok()) return Fail(held.status());
  std::vector<Json> rows;
  Table table({"service", "state", "aggregate", ">version", "type", ">age", ">tries", "error"});
  for (const auto& one : held->events) {
    rows.push_back(ToJson(one, held->now_us, false));
    table.Add({one.service(), StateOf(one), one.event().aggregate_id(),
               std::to_string(one.event().version()), one.event().type(),
               AgeText(AgeSeconds(one, held->now_us)), std::to_string(one.tries()),
               one.error().substr(0, 80)});
  }
  Print(options.json ? JsonLines(rows) : table.empty() ? "no events are held\n" : table.Text());
  return kDone;
}

// One object a line, for other tools.
int Export(Session* session, const DlqOptions& options) {
  auto held = ReadHeld(session, options);
  if (!held.ok()) return Fail(held.status());
  std::string text;
  for (const auto& one : held->events) text += ToJson(one, held->now_us, true).Text() + "\n";
  Print(text);
  return kDone;
}

int Show(Session* session, const DlqOptions& options) {
  auto held = ReadHeld(session, options);
  if (!held.ok()) return Fail(held.status());
  if (held->events.empty())
    return Fail(
        Error(StatusCode::kNotFound, "NOT_HELD",
              fmt::format("no such event of {} is held; see: spm dlq list", options.aggregate)));
  std::vector<Json> rows;
  for (const auto& one : held->events) {
    rows.push_back(ToJson(one, held->now_us, true));
    if (options.json) continue;
    const auto& event = one.event();
    Print(fmt::format(
        "{} {} {}.{}  {} of {}\n  error: {} (tried {} times)\n  occurred {}, recorded {}, by {}\n"
        "  request {}, trace {}\n  {}\n",
        one.service(), StateOf(one), event.aggregate_id(), event.version(), event.type(),
        one.source(), one.error(), one.tries(), FormatTime(event.occurred_us()),
        FormatTime(event.recorded_us()), event.actor(), event.request_id(), event.trace(),
        PayloadJson(event)));
  }
  if (options.json) Print(JsonLines(rows));
  return kDone;
}

std::set<std::string> ServicesOf(const Held& held) {
  std::set<std::string> services;
  for (const auto& one : held.events) services.insert(one.service());
  return services;
}

// Every service that holds something of it. Again and again is fine: what is applied is not held.
int Replay(Session* session, const DlqOptions& options) {
  if (options.aggregate.empty() != options.all)
    return Fail(InvalidField("AGGREGATE", "name an aggregate, or say --all"));
  auto held = ReadHeld(session, options);
  if (!held.ok()) return Fail(held.status());
  int64_t applied = 0;
  for (const std::string& service : ServicesOf(*held)) {
    base::v1::ReplayHeldEventsRequest request;
    request.set_service(service);
    request.set_aggregate_id(options.aggregate);
    base::v1::ReplayHeldEventsResponse reply;
    const Status done = session->Call("spm.base.v1.OperationsService/ReplayHeldEvents", request,
                                      &reply, kReplayTimeout);
    if (!done.ok()) return Fail(done);
    applied += reply.applied();
  }
  auto left = ReadHeld(session, options);
  if (!left.ok()) return Fail(left.status());
  const auto still = static_cast<int64_t>(left->events.size());
  Print(options.json ? Json::Object().Add("applied", applied).Add("still_held", still).Text() + "\n"
                     : fmt::format("{} applied, {} still held\n", applied, still));
  return still == 0 ? kDone : kDoneInPart;
}

// The first held event of the aggregate, as the operator sees it now: a repeat never gives up the
// next one.
StatusOr<HeldEvent> FirstOf(Session* session, const DlqOptions& options) {
  ASSIGN_OR_RETURN(const Held held, ReadHeld(session, options));
  if (held.events.empty())
    return Error(StatusCode::kNotFound, "NOT_HELD",
                 "no such event is held; see: spm dlq list " + options.aggregate);
  if (ServicesOf(held).size() > 1)
    return InvalidField("service", "several services hold events of it; say --service");
  return held.events.front();
}

int Discard(Session* session, const DlqOptions& options) {
  auto first = FirstOf(session, options);
  if (!first.ok()) return Fail(first.status());
  base::v1::DiscardHeldEventsRequest request;
  request.set_service(first->service());
  request.set_aggregate_id(options.aggregate);
  request.set_version(first->event().version());
  request.set_reason(options.reason);
  base::v1::DiscardHeldEventsResponse reply;
  const Status done = session->Call("spm.base.v1.OperationsService/DiscardHeldEvents", request,
                                    &reply, kReplayTimeout);
  if (!done.ok()) return Fail(done);
  Print(options.json ? Json::Object()
                               .Add("discarded", reply.discarded())
                               .Add("version", first->event().version())
                               .Add("still_held", reply.still_held())
                               .Text() +
                           "\n"
                     : fmt::format("version {} of {} given up; {} still holds {} events\n",
                                   first->event().version(), options.aggregate, first->service(),
                                   reply.still_held()));
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
  sub->callback([=] {
    cli->run = [=] {
      auto session = Session::Open(cli->globals);
      return session.ok() ? action(session->get(), *options) : Fail(session.status());
    };
  });
  return sub;
}

void AddJson(CLI::App* sub, const std::shared_ptr<DlqOptions>& options) {
  sub->add_flag("--json", options->json, "Print JSON");
}

void AddFilters(CLI::App* sub, const std::shared_ptr<DlqOptions>& options) {
  sub->add_option("AGGREGATE", options->aggregate, "Only of this aggregate");
  sub->add_option("--type", options->type, "Only of this type, such as spm.leads.v1.LeadCreated")
      ->type_name("NAME");
  sub->add_option("--state", options->state,
                  "Only dead ones, which failed, or parked ones, which wait for a dead one")
      ->check(CLI::IsMember({"dead", "parked"}));
}

void AddReading(CLI::App* dlq, Cli* cli) {
  const auto list = std::make_shared<DlqOptions>();
  CLI::App* sub = AddAction(dlq, cli, "list", "List held events",
                            "spm dlq list --service performance --state dead", List, list);
  AddFilters(sub, list);
  AddJson(sub, list);
  const auto show = std::make_shared<DlqOptions>();
  sub = AddAction(dlq, cli, "show", "Show held events of an aggregate with their payload",
                  "spm dlq show 01890a5d-ac96-774b-bcce-b302099a8057 3", Show, show);
  sub->add_option("AGGREGATE", show->aggregate, "Id of the aggregate")->required();
  sub->add_option("VERSION", show->version, "Only this one");
  AddJson(sub, show);
  const auto out = std::make_shared<DlqOptions>();
  sub = AddAction(dlq, cli, "export", "Print held events with their payload, a JSON object a line",
                  "spm dlq export > held.jsonl", Export, out);
  AddFilters(sub, out);
  AddJson(sub, out);
}

}  // namespace

void AddDlq(CLI::App* app, Cli* cli) {
  CLI::App* dlq = app->add_subcommand("dlq", "Events that a service could not take");
  dlq->require_subcommand(1);
  dlq->footer("Example:\n  spm dlq list");
  AddReading(dlq, cli);
  const auto replay = std::make_shared<DlqOptions>();
  CLI::App* sub = AddAction(dlq, cli, "replay",
                            "Run held events again, in order; exit code 3 where some stay held",
                            "spm dlq replay --service performance --all", Replay, replay);
  sub->add_option("AGGREGATE", replay->aggregate, "Id of the aggregate");
  sub->add_flag("--all", replay->all, "Of every aggregate");
  AddJson(sub, replay);
  const auto discard = std::make_shared<DlqOptions>();
  sub = AddAction(dlq, cli, "discard",
                  "Give up the first held event of an aggregate; the journal keeps why",
                  "spm dlq discard 01890a5d-ac96-774b-bcce-b302099a8057 --reason 'of a test'",
                  Discard, discard);
  sub->add_option("AGGREGATE", discard->aggregate, "Id of the aggregate")->required();
  sub->add_option("--reason", discard->reason, "Why")->type_name("TEXT")->required();
  sub->add_option("--version", discard->version, "Only if this one is the first")
      ->type_name("NUMBER");
  AddJson(sub, discard);
}

}  // namespace spm::suite
