// What can be imported: the kinds in their order, the fields of each, and where a field goes in the
// batch call. The tables here are what README.md describes. Constants.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace spm::suite {

// In the order of import.
enum class Kind {
  kUnits,
  kPeople,
  kProducts,
  kCustomers,
  kContacts,
  kLeads,
  kOpportunities,
  kTargets,
  kBenchmarks,
};
constexpr int kKinds = 9;

enum class Type {
  kText,
  // Key of a record of another kind.
  kReference,
  kMoney,
  // A number that is sent as text.
  kDecimal,
  kInteger,
  kYesNo,
  kTexts,
  // One of a few words, and several of them.
  kWord,
  kWords,
  kDay,
  kMoment,
  // Read by the importer itself.
  kOwn,
};

struct Field {
  std::string_view name;
  Type type = Type::kText;
  // Path in the row's message; empty for kOwn.
  std::string_view path;
  bool required = false;
  // A plain word is the value itself, not the name of a column.
  bool plain_is_value = false;
  Kind refers_to = Kind::kUnits;
};

struct KindInfo {
  Kind kind;
  std::string_view name;
  // The service that owns it, and its batch call and request; empty for targets, which go as plans.
  std::string_view service;
  std::string_view method;
  std::string_view request;
  std::vector<Field> fields;
};

const KindInfo& InfoOf(Kind kind);
const Field* FindField(Kind kind, std::string_view name);
// Names of the fields, comma separated, for errors.
std::string FieldNames(Kind kind);

}  // namespace spm::suite
