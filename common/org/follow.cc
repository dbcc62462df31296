#include "common/org/follow.h"

#include <algorithm>

#include "common/org/directory.h"
#include "spm/org/v1/events.pb.h"

namespace spm {
namespace {

void SaveMember(Tx& tx, const std::string& id, const std::string& kind, const std::string& body) {
  tx.WriteOne(
      "INSERT INTO org_member (id, kind, body) VALUES ($1, $2, $3) "
      "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      {id, kind, Bytes{body}});
}

// The record that an event of org carries, whatever its type: unit or person in field 1.
template <typename E>
const auto& RecordOf(const E& event) {
  if constexpr (requires { event.unit(); }) {
    return event.unit();
  } else {
    return event.person();
  }
}

template <typename E>
StatusOr<bool> Take(Tx& tx, const base::v1::Event& meta, const char* kind) {
  if (meta.type() != E::descriptor()->full_name()) return false;
  E event;
  if (!event.ParseFromString(meta.payload()))
    return InvalidField("payload", "cannot be decoded as " + meta.type());
  const auto& record = RecordOf(event);
  SaveMember(tx, record.id(), kind, record.SerializeAsString());
  return true;
}

Status SaveClosure(Tx& tx, const std::vector<Directory::Sight>& is) {
  ASSIGN_OR_RETURN(Rows rows,
                   tx.Query("SELECT ancestor, descendant, from_day, to_day FROM org_closure"));
  std::vector<Directory::Sight> was;
  for (const Row& row : rows)
    was.push_back({row.Text(0), row.Text(1), static_cast<int32_t>(row.Int(2)),
                   static_cast<int32_t>(row.Int(3))});
  std::sort(was.begin(), was.end());
  std::vector<Directory::Sight> gone, come;
  std::set_difference(was.begin(), was.end(), is.begin(), is.end(), std::back_inserter(gone));
  std::set_difference(is.begin(), is.end(), was.begin(), was.end(), std::back_inserter(come));
  for (const auto& s : gone)
    tx.WriteOne("DELETE FROM org_closure WHERE ancestor = $1 AND descendant = $2 AND from_day = $3",
                {s.viewer, s.person, static_cast<int64_t>(s.from_day)});
  for (const auto& s : come)
    tx.WriteOne(
        "INSERT INTO org_closure (ancestor, descendant, from_day, to_day) VALUES ($1, $2, $3, $4)",
        {s.viewer, s.person, static_cast<int64_t>(s.from_day), static_cast<int64_t>(s.to_day)});
  return OkStatus();
}

}  // namespace

StatusOr<bool> FollowOrg(Tx& tx, const std::vector<base::v1::Event>& events) {
  bool changed = false;
  for (const base::v1::Event& e : events) {
    for (auto take :
         {Take<org::v1::UnitCreated>, Take<org::v1::UnitUpdated>, Take<org::v1::UnitMoved>}) {
      ASSIGN_OR_RETURN(bool took, take(tx, e, "unit"));
      changed |= took;
    }
    for (auto take :
         {Take<org::v1::PersonCreated>, Take<org::v1::PersonUpdated>, Take<org::v1::PersonMoved>}) {
      ASSIGN_OR_RETURN(bool took, take(tx, e, "person"));
      changed |= took;
    }
  }
  if (!changed) return false;
  ASSIGN_OR_RETURN(std::shared_ptr<const Directory> directory, Directory::Load(tx));
  RETURN_IF_ERROR(SaveClosure(tx, directory->Closure()));
  return true;
}

}  // namespace spm
