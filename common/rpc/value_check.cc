#include "common/rpc/value_check.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "common/base/text.h"
#include "common/base/time.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"

namespace spm {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Sums of many such amounts still fit into 64 bits of minor units.
constexpr int64_t kMaxMoneyUnits = 10'000'000'000'000;
constexpr int kMaxPackedBytes = 65'536;
constexpr int kMaxPaths = 100;

// What must not be in a text: control characters, line separators, what shows nothing, and what
// turns the direction of reading, so that a text could look like another. "" for any other.
std::string Unwelcome(char32_t c, bool multiline) {
  if (multiline && (c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029)) return "";
  if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
    return "a control character";
  if (IsDirectionControl(c)) return "a direction control";
  if (IsInvisible(c)) return "an invisible character";
  // Of no character, for ever.
  if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef)) return "a noncharacter";
  return "";
}

std::string CodePoint(char32_t c) {
  char text[16];
  std::snprintf(text, sizeof(text), "U+%04X", static_cast<unsigned>(c));
  return text;
}

std::string CheckText(const std::string& text, const FieldPlan& plan) {
  if (text.size() > static_cast<size_t>(plan.max_bytes))
    return "has " + std::to_string(text.size()) + " bytes; at most " +
           std::to_string(plan.max_bytes) + " are allowed";
  if (plan.field->type() == FieldDescriptor::TYPE_BYTES) return "";
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8CharacterAt(text, i);
    if (length == 0)
      return "is not well-formed UTF-8 at byte " + std::to_string(i) + "; send it in UTF-8";
    const char32_t c = Utf8CodePoint(std::string_view(text).substr(i, length));
    if (const std::string what = Unwelcome(c, plan.multiline); !what.empty())
      return "has " + what + " (" + CodePoint(c) + ") at byte " + std::to_string(i) +
             "; leave it out";
    i += length;
  }
  return "";
}

std::string CheckNumber(int64_t value, const FieldPlan& plan) {
  if (plan.min == 0 && plan.max == 0) return "";
  if (value >= plan.min && value <= plan.max) return "";
  return "is " + std::to_string(value) + "; allowed are " + std::to_string(plan.min) + " to " +
         std::to_string(plan.max);
}

std::string CheckReal(double value, const FieldPlan& plan) {
  if (!std::isfinite(value)) return "must be a finite number";
  if (plan.min == 0 && plan.max == 0) return "";
  if (value >= static_cast<double>(plan.min) && value <= static_cast<double>(plan.max)) return "";
  return "is out of range; allowed are " + std::to_string(plan.min) + " to " +
         std::to_string(plan.max);
}

std::string CheckEnum(int value, const EnumDescriptor& type) {
  if (type.FindValueByNumber(value) != nullptr) return "";
  std::string known;
  for (int i = 0; i < type.value_count(); ++i)
    if (type.value(i)->number() != 0) known += (known.empty() ? "" : ", ") + type.value(i)->name();
  return "is " + std::to_string(value) + ", which is no " + type.name() + "; known are " + known;
}

std::string CheckDate(const google::type::Date& date) {
  const Ymd ymd = {date.year(), date.month(), date.day()};
  if (IsValid(ymd) && ymd.year >= kFirstYear && ymd.year <= kLastYear) return "";
  return "is no day; year, month and day must name a real one from 1900 to 2200";
}

std::string CheckMoney(const google::type::Money& money) {
  const std::string& code = money.currency_code();
  const bool letters = code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
  if (!code.empty() && (code.size() != 3 || !letters))
    return "has no ISO 4217 currency code; write one like USD, or leave it empty";
  if (money.nanos() <= -1'000'000'000 || money.nanos() >= 1'000'000'000)
    return "has nanos beyond 999999999; whole units belong into units";
  if ((money.units() > 0 && money.nanos() < 0) || (money.units() < 0 && money.nanos() > 0))
    return "has units and nanos of different signs";
  if (money.units() > kMaxMoneyUnits || money.units() < -kMaxMoneyUnits)
    return "is too large; at most " + std::to_string(kMaxMoneyUnits) + " units are allowed";
  return "";
}

std::string CheckTimestamp(const google::protobuf::Timestamp& time) {
  static const int64_t first = DayOf({kFirstYear, 1, 1}) * int64_t{86'400};
  static const int64_t end = (DayOf({kLastYear, 12, 31}) + 1) * int64_t{86'400};
  const bool nanos = time.nanos() >= 0 && time.nanos() <= 999'999'999;
  if (nanos && time.seconds() >= first && time.seconds() < end) return "";
  return "is no moment from 1900 to 2200";
}

std::string CheckMask(const google::protobuf::FieldMask& mask) {
  if (mask.paths_size() > kMaxPaths) return "has more than 100 paths";
  for (const std::string& path : mask.paths())
    if (path.empty() || path.size() > 200 || !IsUtf8(path)) return "has a path that is no field";
  return "";
}

}  // namespace

bool IsEmpty(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) == 0;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING)
    return !reflection.HasField(message, &field);
  std::string scratch;
  const std::string& text = reflection.GetStringReference(message, &field, &scratch);
  return Trimmed(text).empty();
}

std::string CheckScalar(const Message& message, const FieldPlan& plan, int index) {
  const Reflection& r = *message.GetReflection();
  const FieldDescriptor* f = plan.field;
  const bool one = index < 0;
  std::string scratch;
  switch (f->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return CheckText(one ? r.GetStringReference(message, f, &scratch)
                           : r.GetRepeatedStringReference(message, f, index, &scratch),
                       plan);
    case FieldDescriptor::CPPTYPE_ENUM:
      return CheckEnum(one ? r.GetEnumValue(message, f) : r.GetRepeatedEnumValue(message, f, index),
                       *f->enum_type());
    case FieldDescriptor::CPPTYPE_INT32:
      return CheckNumber(one ? r.GetInt32(message, f) : r.GetRepeatedInt32(message, f, index),
                         plan);
    case FieldDescriptor::CPPTYPE_INT64:
      return CheckNumber(one ? r.GetInt64(message, f) : r.GetRepeatedInt64(message, f, index),
                         plan);
    case FieldDescriptor::CPPTYPE_UINT32:
      return CheckNumber(one ? r.GetUInt32(message, f) : r.GetRepeatedUInt32(message, f, index),
                         plan);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return CheckReal(one ? r.GetDouble(message, f) : r.GetRepeatedDouble(message, f, index),
                       plan);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return CheckReal(one ? r.GetFloat(message, f) : r.GetRepeatedFloat(message, f, index), plan);
    default:
      return "";
  }
}

std::string CheckSpecial(const Message& message, Special special) {
  switch (special) {
    case Special::kDate:
      return CheckDate(static_cast<const google::type::Date&>(message));
    case Special::kMoney:
      return CheckMoney(static_cast<const google::type::Money&>(message));
    case Special::kTimestamp:
      return CheckTimestamp(static_cast<const google::protobuf::Timestamp&>(message));
    case Special::kMask:
      return CheckMask(static_cast<const google::protobuf::FieldMask&>(message));
    default:
      return "";
  }
}

std::unique_ptr<Message> Unpacked(const google::protobuf::Any& any, std::string* fault) {
  const std::string name = any.type_url().substr(any.type_url().rfind('/') + 1);
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (type == nullptr) {
    *fault = "is of the unknown type \"" + Utf8Prefix(name, 100) + "\"";
    return nullptr;
  }
  if (any.value().size() > kMaxPackedBytes) {
    *fault = "is larger than " + std::to_string(kMaxPackedBytes) + " bytes";
    return nullptr;
  }
  std::unique_ptr<Message> inner(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (inner->ParseFromString(any.value())) return inner;
  *fault = "cannot be decoded as " + name;
  return nullptr;
}

}  // namespace spm
