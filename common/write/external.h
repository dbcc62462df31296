// Keys of other systems: (kind, source, key) -> id, with the hash of the row as last imported,
// which makes imports repeatable. For the lane's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/db/tx.h"

namespace spm {

struct ExternalRow {
  std::string id;
  // SHA-256 of the row as last imported; empty where it only names a record.
  std::string hash;
};

// Looks all keys of a batch up with one query; the ones found later by FindExternal cost none.
// Returns key -> row for those that exist.
StatusOr<std::vector<std::pair<std::string, ExternalRow>>> FindExternals(
    Tx& tx, const std::string& kind, const std::string& source,
    const std::vector<std::string>& keys);
StatusOr<std::optional<ExternalRow>> FindExternal(Reader& reader, const std::string& kind,
                                                  const std::string& source,
                                                  const std::string& key);
void SaveExternal(Tx& tx, const std::string& kind, const std::string& source,
                  const std::string& key, const ExternalRow& row);

// A reference in an imported row: an id as it is, or `source:key` of any kind known to this
// service. INVALID_ARGUMENT with `field` where a key is unknown.
StatusOr<std::string> ResolveRef(Reader& reader, const std::string& kind, const std::string& ref,
                                 const std::string& field);
// SHA-256 of a row's deterministic bytes.
std::string RowHash(const google::protobuf::Message& row);

}  // namespace spm
