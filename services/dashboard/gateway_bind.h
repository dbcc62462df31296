// Fills request messages from JSON, query parameters and path segments by reflection, after
// protobuf's JSON mapping. Everything that is wrong is collected with the path of its field. Free
// of threads.
#pragma once

#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/http/message.h"
#include "google/protobuf/message.h"
#include "services/dashboard/gateway_json.h"

namespace spm::dashboard {

using Violations = std::vector<Violation>;

// Beyond the mapping, a google.type.Date may be written "2017-06-01".
void BindJson(const JsonValue& json, google::protobuf::Message* message, Violations* wrong);

// owner_id=a&filters.x=1&types=a&types=b: names of fields in either case, dots into messages, a
// repeated field by repetition.
void BindQuery(const HttpFields& query, google::protobuf::Message* message, Violations* wrong);

// Sets a single field from text, or adds to a repeated one; what is wrong with the text otherwise.
std::string SetFromText(google::protobuf::Message* message,
                        const google::protobuf::FieldDescriptor* field, const std::string& text);

// By its name in the proto or in JSON; nullptr if there is none.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& type,
                                                   const std::string& name);

// Messages that JSON writes as text: times, durations, field masks, dates.
bool IsTextMessage(const google::protobuf::Descriptor& type);

}  // namespace spm::dashboard
