// G10: every event ever published can still be read. golden/ holds one instance of each event type
// with every field set, as it was when it was published; SPM_GOLDEN_WRITE=1 writes those that are
// missing or have new fields.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "tests/contract/protos.h"

namespace spm {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kFolder[] = "tests/contract/golden/";
constexpr int kDeepest = 6;

std::unique_ptr<Message> New(const Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

void Fill(Message* message, int depth);

// Values that tell the fields apart, so that a renumbered or retyped one shows.
void SetOne(Message* m, const FieldDescriptor* f, int n, int depth) {
  const auto* r = m->GetReflection();
  const bool many = f->is_repeated();
  const int number = f->number() * 10 + n;
  switch (f->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? r->AddInt32(m, f, number) : r->SetInt32(m, f, number);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? r->AddInt64(m, f, number + (int64_t{1} << 40))
                  : r->SetInt64(m, f, number + (int64_t{1} << 40));
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? r->AddUInt32(m, f, number) : r->SetUInt32(m, f, number);
    case FieldDescriptor::CPPTYPE_UINT64:
      return many ? r->AddUInt64(m, f, number) : r->SetUInt64(m, f, number);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return many ? r->AddDouble(m, f, number + 0.5) : r->SetDouble(m, f, number + 0.5);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return many ? r->AddFloat(m, f, number + 0.5F) : r->SetFloat(m, f, number + 0.5F);
    case FieldDescriptor::CPPTYPE_BOOL:
      return many ? r->AddBool(m, f, true) : r->SetBool(m, f, true);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = f->enum_type()->value(f->enum_type()->value_count() > 1 ? 1 : 0);
      return many ? r->AddEnum(m, f, value) : r->SetEnum(m, f, value);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = f->name() + " " + std::to_string(number);
      return many ? r->AddString(m, f, text) : r->SetString(m, f, text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(many ? r->AddMessage(m, f) : r->MutableMessage(m, f), depth + 1);
  }
}

void Fill(Message* message, int depth) {
  if (depth > kDeepest) return;
  const Descriptor& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    // Of a oneof the first.
    const auto* oneof = field->real_containing_oneof();
    if (oneof != nullptr && oneof->field(0) != field) continue;
    for (int n = 0; n < (field->is_repeated() ? 2 : 1); ++n) SetOne(message, field, n, depth);
  }
}

std::string BytesOf(const Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

std::string ReadAll(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Path of a field that today's message does not know; empty where all are known.
std::string Unknown(const Message& message) {
  const auto* r = message.GetReflection();
  if (!r->GetUnknownFields(message).empty())
    return message.GetDescriptor()->full_name() + " field " +
           std::to_string(r->GetUnknownFields(message).field(0).number());
  std::vector<const FieldDescriptor*> set;
  r->ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (field->message_type() == nullptr) continue;
    const int count = field->is_repeated() ? r->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      std::string found = Unknown(field->is_repeated() ? r->GetRepeatedMessage(message, field, i)
                                                       : r->GetMessage(message, field));
      if (!found.empty()) return found;
    }
  }
  return "";
}

TEST(Golden, EveryPublishedEventIsStillRead) {
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem().string();
    const auto* type =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
    if (type == nullptr) {
      ADD_FAILURE() << name << " was published and is gone";
      continue;
    }
    const std::string golden = ReadAll(entry.path().string());
    auto message = New(*type);
    EXPECT_TRUE(message->ParseFromString(golden)) << name;
    EXPECT_EQ(Unknown(*message), "") << name << ": a published field is gone or has another type";
    EXPECT_EQ(BytesOf(*message), golden) << name;
    ++read;
  }
  EXPECT_GT(read, 30);
}

TEST(Golden, TheFormOfEveryEventIsTheOneThatWasAgreed) {
  const bool write = std::getenv("SPM_GOLDEN_WRITE") != nullptr;
  for (const Descriptor* type : testing::EventTypes()) {
    const std::string file = kFolder + type->full_name() + ".binpb";
    auto message = New(*type);
    Fill(message.get(), 0);
    const std::string bytes = BytesOf(*message), golden = ReadAll(file);
    if (write && bytes != golden) {
      std::ofstream(file, std::ios::binary) << bytes;
      continue;
    }
    EXPECT_EQ(bytes == golden, true)
        << type->full_name() << " has changed since it was published. Fields may be added, never "
        << "renumbered, retyped or removed. If that is so, run contract_test with "
           "SPM_GOLDEN_WRITE=1.";
  }
}

}  // namespace
}  // namespace spm
