// Reads a request's bytes. Where they are refused for a text that is not UTF-8, a second walk over
// the bytes finds the field, since the parser does not say which.
#include <map>

#include "common/base/text.h"
#include "common/rpc/validate.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace spm {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kMaxDepth = 100;

// Path of the first text that is not UTF-8; empty where there is none or the bytes end badly.
std::string BadText(const Descriptor& message, std::string_view bytes, int depth) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  std::map<const FieldDescriptor*, int> counts;
  while (const uint32_t tag = in.ReadTag()) {
    const FieldDescriptor* field =
        message.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&in, tag)) return "";
      continue;
    }
    uint32_t length = 0;
    std::string value;
    if (!in.ReadVarint32(&length) || length > bytes.size()) return "";
    if (!in.ReadString(&value, static_cast<int>(length))) return "";
    if (field == nullptr) continue;
    std::string path = field->name();
    if (field->is_repeated()) path += "[" + std::to_string(counts[field]++) + "]";
    if (field->type() == FieldDescriptor::TYPE_STRING && !IsUtf8(value)) return path;
    if (field->type() != FieldDescriptor::TYPE_MESSAGE || depth == 0) continue;
    const std::string below = BadText(*field->message_type(), value, depth - 1);
    if (!below.empty()) return path + "." + below;
  }
  return "";
}

}  // namespace

Status ParseMessage(const std::string& bytes, google::protobuf::Message* message) {
  if (message->ParseFromString(bytes)) return OkStatus();
  const Descriptor& descriptor = *message->GetDescriptor();
  const std::string path = BadText(descriptor, bytes, kMaxDepth);
  if (!path.empty()) return InvalidField(path, "is not well-formed UTF-8; send it in UTF-8");
  return Error(StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
               "the bytes are no " + descriptor.full_name());
}

}  // namespace spm
