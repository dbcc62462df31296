#include "services/suite/policy_propose.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>

#include "common/base/ids.h"
#include "common/base/time.h"
#include "services/suite/policy_book.h"
#include "services/suite/policy_yaml.h"

namespace spm::suite {
namespace {

using base::v1::Policy;
using base::v1::PolicyEffect;
using base::v1::PreviewPolicyResponse;

// Over much data; the server pages.
constexpr auto kTimeout = std::chrono::minutes(10);

StatusOr<std::string> ReadText(const std::string& file) {
  std::stringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream in(file, std::ios::binary);
  text << in.rdbuf();
  if (!in) return InvalidField("FILE", file + " cannot be read");
  return text.str();
}

// The first moment of the day; 0 for at once.
StatusOr<int64_t> EffectiveUs(const Session& session, const std::string& day) {
  if (day.empty()) return 0;
  const auto parsed = ParseDay(day);
  if (!parsed) return InvalidField("--effective", "'" + day + "' is no day; write yyyy-mm-dd");
  if (day <= session.company().today())
    return InvalidField("--effective", day + " has begun already (today is " +
                                           session.company().today() +
                                           "); give a later day, or leave it out to begin at once");
  ASSIGN_OR_RETURN(const Zone zone, Zone::Find(session.company().zone()));
  return zone.StartOf(*parsed);
}

std::string Number(const PolicyEffect& effect, int64_t value, const base::v1::Company& company) {
  if (effect.unit() != "minor") return Grouped(value);
  double scale = 1;
  for (int i = 0; i < company.minor_digits(); ++i) scale *= 10;
  return Grouped(static_cast<double>(value) / scale, company.minor_digits());
}

std::string Signed(const std::string& number, int64_t value) {
  return value > 0 ? "+" + number : number;
}

void PrintPreview(const PreviewPolicyResponse& preview, const base::v1::Company& company) {
  Table fields({"field", "before", "after"});
  for (const auto& c : preview.changes()) fields.Add({c.path(), c.before(), c.after()});
  Print("\n" + fields.Text());
  if (preview.effects_size() == 0) return;
  Table effects({"of the data of now", ">before", ">after", ">change", ">looked at", "in"});
  std::string examples;
  for (const auto& e : preview.effects()) {
    const int64_t change = e.after() - e.before();
    effects.Add({e.name(), Number(e, e.before(), company), Number(e, e.after(), company),
                 Signed(Number(e, change, company), change), Grouped(e.examined()),
                 e.unit() == "minor" ? company.currency() : e.unit()});
    for (const auto& x : e.examples()) {
      const std::string name = x.name().empty() ? x.id() : x.name() + " (" + x.id() + ")";
      examples += fmt::format("  {}: {}: {} -> {}\n", e.name(), name, x.before(), x.after());
    }
  }
  Print("\n" + effects.Text());
  if (!examples.empty()) Print("\nfor example\n" + examples);
}

Json PreviewJson(const PreviewPolicyResponse& preview) {
  Json changes = Json::Array(), effects = Json::Array();
  for (const auto& c : preview.changes()) changes.AddRaw("", ChangeJson(c).Text());
  for (const auto& e : preview.effects()) {
    Json examples = Json::Array();
    for (const auto& x : e.examples())
      examples.AddRaw("", Json::Object()
                              .Add("id", x.id())
                              .Add("name", x.name())
                              .Add("before", x.before())
                              .Add("after", x.after())
                              .Text());
    effects.AddRaw("", Json::Object()
                           .Add("name", e.name())
                           .Add("unit", e.unit())
                           .Add("before", e.before())
                           .Add("after", e.after())
                           .Add("examined", e.examined())
                           .Add("examples", examples)
                           .Text());
  }
  Json json = Json::Object();
  json.Add("version", preview.version())
      .Add("replaces", preview.in_force().version())
      .Add("changes", changes)
      .Add("effects", effects)
      .Add("blocked", preview.blocked());
  return json;
}

bool OnTerminal() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

std::string Ask(const std::string& question) {
  fmt::print(stderr, "{} ", question);
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer;
}

// Whether to save; a reason is asked for where none was given.
StatusOr<bool> Wanted(const ProposeOptions& options, std::string* reason) {
  const bool ask = OnTerminal() && !options.yes && !options.json && options.file != "-";
  if (!options.save && !ask) return false;
  if (ask) {
    const std::string answer = Ask("Save this version? [y/N]");
    if (answer != "y" && answer != "Y" && answer != "yes") return false;
    if (reason->empty()) *reason = Ask("Why?");
  }
  if (reason->empty()) return InvalidField("--reason", "say why; it is kept with the version");
  return true;
}

// What is known of the kind before: its versions, or none of a new one.
struct Subject {
  Policy newest;
  std::unique_ptr<google::protobuf::Message> body;
};

StatusOr<Subject> ReadSubject(Session* session, const ProposeOptions& options) {
  Subject subject;
  auto versions = VersionsOf(session, options.service, options.kind);
  if (versions.ok()) {
    subject.newest = versions->back();
  } else {
    if (versions.status().code() != StatusCode::kInvalidArgument) return versions.status();
    ASSIGN_OR_RETURN(subject.newest, NewOfFamily(session, options.service, options.kind));
  }
  ASSIGN_OR_RETURN(auto known, BodyOf(subject.newest));
  subject.body.reset(known->New());
  ASSIGN_OR_RETURN(const std::string text, ReadText(options.file));
  RETURN_IF_ERROR(BodyFromYaml(options.file, text, subject.body.get()));
  return subject;
}

StatusOr<Policy> Save(Session* session, const Subject& subject, int64_t effective_us,
                      const std::string& reason) {
  base::v1::CreatePolicyRequest request;
  request.set_request_id(RandomUuid());
  request.set_service(subject.newest.service());
  request.set_kind(subject.newest.kind());
  request.mutable_body()->PackFrom(*subject.body);
  request.set_effective_us(effective_us);
  request.set_reason(reason);
  request.set_base_version(subject.newest.version());
  Policy saved;
  RETURN_IF_ERROR(session->Call("spm.base.v1.PolicyService/CreatePolicy", request, &saved));
  return saved;
}

StatusOr<PreviewPolicyResponse> Preview(Session* session, const Subject& subject,
                                        int64_t effective_us) {
  base::v1::PreviewPolicyRequest request;
  request.set_service(subject.newest.service());
  request.set_kind(subject.newest.kind());
  request.mutable_body()->PackFrom(*subject.body);
  request.set_effective_us(effective_us);
  PreviewPolicyResponse reply;
  RETURN_IF_ERROR(
      session->Call("spm.base.v1.PolicyService/PreviewPolicy", request, &reply, kTimeout));
  return reply;
}

void PrintHead(const Subject& subject, const PreviewPolicyResponse& preview,
               const std::string& effective) {
  const std::string from = effective.empty() ? "at once" : "from " + effective;
  std::string text =
      fmt::format("{} {}: would be version {}, {}", subject.newest.service(), subject.newest.kind(),
                  preview.version(), preview.has_in_force() ? from : "from ever");
  if (preview.has_in_force())
    text += fmt::format(", in place of version {} (since {})", preview.in_force().version(),
                        SinceText(preview.in_force()));
  Print(text + "\n");
}

// After the preview: saves it, where that is wanted.
int Finish(Session* session, const ProposeOptions& options, const Subject& subject,
           const PreviewPolicyResponse& preview, int64_t effective_us) {
  const auto end = [&](bool saved, const Policy& policy, int code) {
    Json json = PreviewJson(preview);
    json.Add("saved", saved);
    if (saved) json.Add("effective", SinceText(policy));
    if (options.json) Print(json.Text() + "\n");
    return code;
  };
  if (preview.changes_size() == 0) {
    if (!options.json)
      Print(fmt::format("nothing differs from version {}; there is nothing to save\n",
                        preview.in_force().version()));
    return end(false, {}, kDone);
  }
  if (!preview.blocked().empty()) {
    Note("it cannot be saved as things stand: " + preview.blocked());
    return end(false, {}, kDoneInPart);
  }
  std::string reason = options.reason;
  auto wanted = Wanted(options, &reason);
  if (!wanted.ok()) return Fail(wanted.status());
  if (!*wanted) {
    if (!options.json) Note("nothing was saved; --save --reason TEXT saves it");
    return end(false, {}, kDone);
  }
  auto saved = Save(session, subject, effective_us, reason);
  if (!saved.ok()) return Fail(saved.status());
  if (!options.json)
    Print(fmt::format("\nsaved as version {}, in force since {}\n", saved->version(),
                      SinceText(*saved)));
  return end(true, *saved, kDone);
}

}  // namespace

std::string ChangeText(const base::v1::PolicyChange& change) {
  if (change.before().empty()) return change.path() + ": + " + change.after();
  if (change.after().empty()) return change.path() + ": - " + change.before();
  return fmt::format("{}: {} -> {}", change.path(), change.before(), change.after());
}

Json ChangeJson(const base::v1::PolicyChange& change) {
  Json json = Json::Object();
  json.Add("path", change.path()).Add("before", change.before()).Add("after", change.after());
  return json;
}

int Propose(const Globals& globals, const ProposeOptions& options) {
  auto session = Session::Open(globals);
  if (!session.ok()) return Fail(session.status());
  auto effective_us = EffectiveUs(**session, options.effective);
  if (!effective_us.ok()) return Fail(effective_us.status());
  auto subject = ReadSubject(session->get(), options);
  if (!subject.ok()) return Fail(subject.status());
  auto preview = Preview(session->get(), *subject, *effective_us);
  if (!preview.ok()) return Fail(preview.status());
  if (!options.json && preview->changes_size() > 0) {
    PrintHead(*subject, *preview, options.effective);
    PrintPreview(*preview, (*session)->company());
  }
  return Finish(session->get(), options, *subject, *preview, *effective_us);
}

}  // namespace spm::suite
