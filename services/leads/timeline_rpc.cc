#include "services/leads/timeline_rpc.h"

#include <algorithm>

#include "common/db/page_token.h"
#include "common/write/journal.h"
#include "google/protobuf/util/json_util.h"
#include "services/leads/customer_store.h"
#include "services/leads/interaction_store.h"
#include "services/leads/lead_store.h"
#include "services/leads/opportunity_store.h"
#include "spm/leads/v1/events.pb.h"

namespace spm::leads {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 1000;

// Aggregates whose events make the timeline of a subject.
StatusOr<std::vector<std::string>> AggregatesOf(Snapshot& snapshot, const std::string& id,
                                                const Call& call) {
  std::vector<std::string> ids = {id};
  ASSIGN_OR_RETURN(auto lead, Leads().Find(snapshot, id, call.scope));
  ASSIGN_OR_RETURN(auto deal, Opportunities().Find(snapshot, id, call.scope));
  ASSIGN_OR_RETURN(auto customer, Customers().Find(snapshot, id, call.scope));
  if (!lead && !deal && !customer) return NotFound("customer, lead or opportunity", id);
  if (customer) {
    ASSIGN_OR_RETURN(auto leads, LeadsOfCustomer(snapshot, id));
    ASSIGN_OR_RETURN(auto deals, DealsOfCustomer(snapshot, id));
    leads.insert(leads.end(), deals.begin(), deals.end());
    for (const OwnedId& one : leads)
      if (call.scope.Sees(one.owner_id)) ids.push_back(one.id);
  }
  ASSIGN_OR_RETURN(auto interactions, InteractionIdsOf(snapshot, ids));
  ids.insert(ids.end(), interactions.begin(), interactions.end());
  if (customer) {
    ASSIGN_OR_RETURN(auto contacts, ContactIdsOf(snapshot, {id}));
    ids.insert(ids.end(), contacts.begin(), contacts.end());
  }
  return ids;
}

// The payload as JSON; "" for a type that this binary does not know.
std::string JsonOf(const base::v1::Event& event) {
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(event.type());
  if (type == nullptr) return "";
  std::unique_ptr<google::protobuf::Message> payload(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!payload->ParseFromString(event.payload()) ||
      !google::protobuf::util::MessageToJsonString(*payload, &json, options).ok())
    return "";
  return json;
}

Status AddEntry(Snapshot& snapshot, const base::v1::Event& event,
                v1::ListTimelineResponse* response) {
  v1::TimelineEntry* entry = response->add_entries();
  SetTime(event.occurred_us(), entry->mutable_occur_time());
  entry->set_type(event.type());
  entry->set_aggregate_id(event.aggregate_id());
  entry->set_version(event.version());
  entry->set_actor(event.actor());
  entry->set_detail(JsonOf(event));
  if (event.type() != v1::InteractionLogged::descriptor()->full_name()) return OkStatus();
  ASSIGN_OR_RETURN(auto interaction,
                   Interactions().Find(snapshot, event.aggregate_id(), Scope::Service()));
  if (interaction) *entry->mutable_interaction() = std::move(*interaction);
  return OkStatus();
}

}  // namespace

StatusOr<v1::ListTimelineResponse> ListTimeline(Snapshot& snapshot,
                                                const v1::ListTimelineRequest& request,
                                                const Call& call) {
  ASSIGN_OR_RETURN(auto ids, AggregatesOf(snapshot, request.subject_id(), call));
  const std::string query = "timeline/" + request.subject_id() + "/" + call.scope.viewer();
  ASSIGN_OR_RETURN(auto keys, ReadPageToken(query, request.page_token(), 2));
  std::optional<EventPosition> after;
  if (!keys.empty()) after = EventPosition{PageTokenNumber(keys[0]), PageTokenNumber(keys[1])};
  const int size =
      request.page_size() <= 0 ? kDefaultPage : std::min(request.page_size(), kLargestPage);
  ASSIGN_OR_RETURN(auto events, ReadByTime(snapshot, ids, after, size + 1));
  v1::ListTimelineResponse response;
  for (size_t i = 0; i < events.size(); ++i) {
    if (response.entries_size() == size) {
      response.set_next_page_token(MakePageToken(
          query,
          {std::to_string(events[i - 1].occurred_us()), std::to_string(events[i - 1].seq())}));
      break;
    }
    RETURN_IF_ERROR(AddEntry(snapshot, events[i], &response));
  }
  return response;
}

}  // namespace spm::leads
