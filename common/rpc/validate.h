// The one check of input: a message against what its descriptor says. Pure functions of the
// message; any thread.
#pragma once

#include <string>
#include <vector>

#include "common/base/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace spm {

// At most 20 of what is wrong: required fields that are empty, limits of texts, lists and numbers,
// control characters and ill-formed UTF-8, unknown enum values, days, moments and money that are
// none. Paths are those of the fields after `prefix`: "rows[3]" gives "rows[3].name".
std::vector<Violation> ValidateMessage(const google::protobuf::Message& message,
                                       const std::string& prefix = "");

// A whole request: also its request_id and page_size. Rows of a batch are counted and not looked
// into: each refuses itself alone, and the batch runs ValidateMessage on it. Inside the resource of
// an update only those required fields count that the update mask names.
std::vector<Violation> ValidateRequest(const google::protobuf::Message& request,
                                       const google::protobuf::Descriptor& response);

// The rows of a batch: a repeated message `rows` or `leads` of a request whose response has
// `results`; nullptr otherwise.
const google::protobuf::FieldDescriptor* BatchRows(const google::protobuf::Descriptor& request,
                                                   const google::protobuf::Descriptor& response);

// What only the server may say is ignored in a request, at any depth.
void ClearOutputOnly(google::protobuf::Message* message);

// Removes white space at both ends of every text, at any depth, so that " Acme" is "Acme" wherever
// it comes from. Packed messages stay as they are.
void TrimTexts(google::protobuf::Message* message);

// INVALID_ARGUMENT where the bytes are no such message; names the field where a text is not UTF-8.
Status ParseMessage(const std::string& bytes, google::protobuf::Message* message);

}  // namespace spm
