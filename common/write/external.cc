#include "common/write/external.h"

#include "common/base/ids.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"

namespace spm {

StatusOr<std::vector<std::pair<std::string, ExternalRow>>> FindExternals(
    Tx& tx, const std::string& kind, const std::string& source,
    const std::vector<std::string>& keys) {
  ASSIGN_OR_RETURN(
      Rows rows, tx.QueryIn("SELECT key, id, hash FROM external_id WHERE kind = $2 AND source = $3 "
                            "AND key {{in}}",
                            keys, {kind, source}));
  std::vector<std::pair<std::string, ExternalRow>> found;
  for (const Row& row : rows) found.push_back({row.Text(0), {row.Text(1), row.Text(2)}});
  return found;
}

StatusOr<std::optional<ExternalRow>> FindExternal(Reader& reader, const std::string& kind,
                                                  const std::string& source,
                                                  const std::string& key) {
  ASSIGN_OR_RETURN(
      Rows rows,
      reader.Query("SELECT id, hash FROM external_id WHERE kind = $1 AND source = $2 AND key = $3",
                   {kind, source, key}));
  if (rows.empty()) return std::optional<ExternalRow>();
  return std::optional<ExternalRow>(ExternalRow{rows[0].Text(0), rows[0].Text(1)});
}

void SaveExternal(Tx& tx, const std::string& kind, const std::string& source,
                  const std::string& key, const ExternalRow& row) {
  tx.WriteOne(
      "INSERT INTO external_id (kind, source, key, id, hash) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (kind, source, key) DO UPDATE SET id = excluded.id, hash = excluded.hash",
      {kind, source, key, row.id, Bytes{row.hash}});
}

StatusOr<std::string> ResolveRef(Reader& reader, const std::string& kind, const std::string& ref,
                                 const std::string& field) {
  size_t colon = ref.find(':');
  if (ref.empty() || IsId(ref) || colon == std::string::npos) return ref;
  ASSIGN_OR_RETURN(auto found,
                   FindExternal(reader, kind, ref.substr(0, colon), ref.substr(colon + 1)));
  if (!found)
    return InvalidField(field,
                        "no " + kind + " has the key " + ref + "; import it first or mend the key");
  return found->id;
}

std::string RowHash(const google::protobuf::Message& row) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    row.SerializeToCodedStream(&coded);
  }
  return Sha256(bytes);
}

}  // namespace spm
