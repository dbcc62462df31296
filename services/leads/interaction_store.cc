#include "services/leads/interaction_store.h"

namespace spm::leads {

const Table<v1::Interaction>& Interactions() {
  static const Table<v1::Interaction> table(
      {.name = "interaction",
       .noun = "interaction",
       .owner = "",
       .also_readable = "",
       .unique = {},
       .filters = {{"subject", "t.subject_id = $"}},
       .orders = {{"new", {"id DESC"}}}},
      {{"subject_id", [](const v1::Interaction& i) { return Value(i.subject_id()); }}});
  return table;
}

StatusOr<std::vector<std::string>> InteractionIdsOf(Reader& reader,
                                                    const std::vector<std::string>& subjects) {
  ASSIGN_OR_RETURN(
      Rows rows,
      reader.QueryIn("SELECT id FROM interaction WHERE subject_id {{in}} ORDER BY id", subjects));
  std::vector<std::string> ids;
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

const Table<v1::Handover>& Handovers() {
  static const Table<v1::Handover> table(
      {.name = "handover",
       .noun = "handover",
       .owner = "from_id",
       .also_readable = "",
       .unique = {},
       .filters = {{"state", "t.state = $"}},
       .orders = {{"new", {"id DESC"}}}},
      {{"from_id", [](const v1::Handover& h) { return Value(h.from_id()); }},
       {"state", [](const v1::Handover& h) { return Value(static_cast<int64_t>(h.state())); }}});
  return table;
}

StatusOr<std::optional<std::string>> RunningHandover(Reader& reader, const std::string& from_id) {
  Rows rows;
  const auto running = static_cast<int64_t>(v1::HANDOVER_STATE_RUNNING);
  if (from_id.empty()) {
    ASSIGN_OR_RETURN(rows, reader.Query("SELECT id FROM handover WHERE state = $1 "
                                        "ORDER BY id LIMIT 1",
                                        {running}));
  } else {
    ASSIGN_OR_RETURN(rows, reader.Query("SELECT id FROM handover WHERE state = $1 AND from_id = $2",
                                        {running, from_id}));
  }
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>(rows[0].Text(0));
}

}  // namespace spm::leads
