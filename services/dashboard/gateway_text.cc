// Single values from text, as JSON strings and numbers, query parameters and path segments give
// them.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "common/base/time.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/time_util.h"
#include "google/type/date.pb.h"
#include "services/dashboard/gateway_bind.h"

namespace spm::dashboard {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::TimeUtil;

// Whole numbers also as JSON may write them: 3.0, 1e3. Exact up to 2^53 in that form.
template <typename T>
std::optional<T> Whole(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && at == end) return value;
  double wide = 0;
  auto [wide_at, wide_error] = std::from_chars(text.data(), end, wide);
  if (text.find_first_of(".eE") == std::string::npos || wide_error != std::errc() || wide_at != end)
    return std::nullopt;
  if (wide != std::trunc(wide) || std::abs(wide) > 9007199254740992.0 ||
      wide < static_cast<double>(std::numeric_limits<T>::min()) ||
      wide > static_cast<double>(std::numeric_limits<T>::max()))
    return std::nullopt;
  return static_cast<T>(wide);
}

std::optional<double> Real(const std::string& text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const char* end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, value);
  // from_chars takes "inf" and "nan" too.
  if (error != std::errc() || at != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

template <typename T>
std::string NotWhole() {
  return "must be a whole number from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
         std::to_string(std::numeric_limits<T>::max());
}

std::optional<std::string> FromBase64(const std::string& text) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text.substr(0, text.find('='))) {
    int digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : c >= '0' && c <= '9' ? c - '0' + 52
                : c == '+' || c == '-' ? 62
                : c == '/' || c == '_' ? 63
                                       : -1;
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

std::string SetEnum(Message* message, const FieldDescriptor* field, const std::string& text) {
  const auto* type = field->enum_type();
  const auto* value = type->FindValueByName(text);
  if (value == nullptr)
    if (auto number = Whole<int32_t>(text)) value = type->FindValueByNumber(*number);
  if (value == nullptr) {
    std::string known;
    for (int i = 0; i < type->value_count(); ++i)
      known += (i > 0 ? ", " : "") + type->value(i)->name();
    return "must be one of " + known;
  }
  const auto& reflection = *message->GetReflection();
  if (field->is_repeated()) {
    reflection.AddEnum(message, field, value);
  } else {
    reflection.SetEnum(message, field, value);
  }
  return "";
}

std::string SetDate(Message* message, const std::string& text) {
  auto day = ParseDay(text);
  if (!day) return "must be a day like 2017-06-01";
  Ymd ymd = YmdOf(*day);
  google::type::Date date;
  date.set_year(ymd.year);
  date.set_month(ymd.month);
  date.set_day(ymd.day);
  message->CopyFrom(date);
  return "";
}

// ownerId,amount; also owner_id.
std::string SetMask(Message* message, const std::string& text) {
  google::protobuf::FieldMask mask;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find(',', at), text.size());
    std::string path;
    for (char c : text.substr(at, end - at)) {
      bool upper = c >= 'A' && c <= 'Z';
      if (upper) path += '_';
      path += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (path.empty()) return "must be names of fields separated by commas";
    mask.add_paths(path);
    at = end + 1;
  }
  message->CopyFrom(mask);
  return "";
}

std::string SetMessage(Message* message, const std::string& text) {
  const std::string& type = message->GetDescriptor()->full_name();
  if (type == "google.type.Date") return SetDate(message, text);
  if (type == "google.protobuf.FieldMask") return SetMask(message, text);
  if (type == "google.protobuf.Timestamp") {
    google::protobuf::Timestamp time;
    if (!TimeUtil::FromString(text, &time)) return "must be a time like 2017-06-01T12:00:00Z";
    message->CopyFrom(time);
    return "";
  }
  if (type == "google.protobuf.Duration") {
    google::protobuf::Duration duration;
    if (!TimeUtil::FromString(text, &duration)) return "must be seconds like 1.5s";
    message->CopyFrom(duration);
    return "";
  }
  return "is not a single value: give its fields, as in name.field";
}

// Adds to a repeated field, sets another.
#define SPM_PUT(kind, value)                                                         \
  (field->is_repeated() ? message->GetReflection()->Add##kind(message, field, value) \
                        : message->GetReflection()->Set##kind(message, field, value))

#define SPM_PUT_WHOLE(kind, type)        \
  {                                      \
    auto value = Whole<type>(text);      \
    if (!value) return NotWhole<type>(); \
    SPM_PUT(kind, *value);               \
    return "";                           \
  }

std::string SetString(Message* message, const FieldDescriptor* field, const std::string& text) {
  if (field->type() == FieldDescriptor::TYPE_BYTES) {
    auto bytes = FromBase64(text);
    if (!bytes) return "must be base64";
    SPM_PUT(String, *std::move(bytes));
    return "";
  }
  if (!IsUtf8(text)) return "must be UTF-8";
  SPM_PUT(String, text);
  return "";
}

std::string SetReal(Message* message, const FieldDescriptor* field, const std::string& text) {
  auto value = Real(text);
  if (!value) return "must be a number";
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
    SPM_PUT(Float, static_cast<float>(*value));
  } else {
    SPM_PUT(Double, *value);
  }
  return "";
}

}  // namespace

bool IsTextMessage(const Descriptor& type) {
  const std::string& name = type.full_name();
  return name == "google.type.Date" || name == "google.protobuf.FieldMask" ||
         name == "google.protobuf.Timestamp" || name == "google.protobuf.Duration";
}

std::string SetFromText(Message* message, const FieldDescriptor* field, const std::string& text) {
  const auto& reflection = *message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return SetString(message, field, text);
    case FieldDescriptor::CPPTYPE_INT32:
      SPM_PUT_WHOLE(Int32, int32_t)
    case FieldDescriptor::CPPTYPE_INT64:
      SPM_PUT_WHOLE(Int64, int64_t)
    case FieldDescriptor::CPPTYPE_UINT32:
      SPM_PUT_WHOLE(UInt32, uint32_t)
    case FieldDescriptor::CPPTYPE_UINT64:
      SPM_PUT_WHOLE(UInt64, uint64_t)
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return SetReal(message, field, text);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return "must be true or false";
      SPM_PUT(Bool, text == "true");
      return "";
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(field->is_repeated() ? reflection.AddMessage(message, field)
                                             : reflection.MutableMessage(message, field),
                        text);
  }
  return "has an unknown type";
}

#undef SPM_PUT
#undef SPM_PUT_WHOLE

}  // namespace spm::dashboard
