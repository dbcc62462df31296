#include "common/db/table.h"

#include <algorithm>
#include <charconv>
#include <mutex>

#include "common/base/ids.h"
#include "google/protobuf/descriptor.h"

namespace spm {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 1000;

const FieldDescriptor* FieldOf(const Message& m, const char* name) {
  return m.GetDescriptor()->FindFieldByName(name);
}
std::string IdOf(const Message& m) { return m.GetReflection()->GetString(m, FieldOf(m, "id")); }
int64_t VersionOf(const Message& m) {
  return m.GetReflection()->GetInt64(m, FieldOf(m, "version"));
}
bool Deleted(const Message& m) {
  const FieldDescriptor* field = FieldOf(m, "deleted");
  return field != nullptr && m.GetReflection()->GetBool(m, field);
}

std::mutex& TablesMutex() {
  static std::mutex mutex;
  return mutex;
}
std::vector<const TableCore*>& Tables() {
  static std::vector<const TableCore*> tables;
  return tables;
}

// Values of a page token as text: type, length, bytes.
std::string Pack(const Value& value) {
  char type = 'n';
  std::string text;
  if (const auto* n = std::get_if<int64_t>(&value)) {
    type = 'i';
    text = std::to_string(*n);
  } else if (const auto* d = std::get_if<double>(&value)) {
    type = 'd';
    text.assign(reinterpret_cast<const char*>(d), sizeof(*d));
  } else if (const auto* s = std::get_if<std::string>(&value)) {
    type = 's';
    text = *s;
  }
  return type + std::to_string(text.size()) + ":" + text;
}

std::optional<Value> Unpack(std::string_view* packed) {
  size_t colon = packed->find(':');
  if (packed->size() < 2 || colon == std::string_view::npos || colon > 8) return std::nullopt;
  size_t size = 0;
  for (char c : packed->substr(1, colon - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    size = size * 10 + (c - '0');
  }
  if (packed->size() < colon + 1 + size) return std::nullopt;
  char type = (*packed)[0];
  std::string text(packed->substr(colon + 1, size));
  packed->remove_prefix(colon + 1 + size);
  if (type == 's') return Value(text);
  if (type == 'i') {
    int64_t n = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return Value(n);
  }
  if (type == 'd' && size == sizeof(double)) {
    double d;
    text.copy(reinterpret_cast<char*>(&d), sizeof(d));
    return Value(d);
  }
  return Value();
}

std::string UnHex(const std::string& hex) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

Status ForeignToken() {
  return InvalidField("page_token",
                      "is not of this query; take it from the last answer to the same query, or "
                      "leave it empty to begin");
}

void Put(std::string* sql, const std::string& token, int n) {
  std::string by = "$" + std::to_string(n);
  for (size_t at = 0; (at = sql->find(token, at)) != std::string::npos; at += by.size())
    sql->replace(at, token.size(), by);
}

}  // namespace

TableCore::TableCore(TableSpec spec, const Message& prototype, std::vector<Column> columns)
    : spec_(std::move(spec)), prototype_(&prototype), columns_(std::move(columns)) {
  std::string names = "id, version, occurred_us", values = "$1, $2, $3", sets;
  int n = 4;
  for (const Column& column : columns_) {
    names += ", " + column.name;
    values += ", $" + std::to_string(n);
    sets += ", " + column.name + " = $" + std::to_string(n++);
  }
  std::string body = std::to_string(n);
  insert_ =
      "INSERT INTO " + spec_.name + " (" + names + ", body) VALUES (" + values + ", $" + body + ")";
  update_ = "UPDATE " + spec_.name + " SET version = $2, occurred_us = $3" + sets + ", body = $" +
            body + " WHERE id = $1 AND version = $" + std::to_string(n + 1);
  select_ = "SELECT id, version, occurred_us, body FROM " + spec_.name + " WHERE id ";
  std::lock_guard lock(TablesMutex());
  Tables().push_back(this);
}

const std::vector<const TableCore*>& TableCore::All() { return Tables(); }

Status TableCore::Prefetch(Tx& tx, const std::vector<std::string>& ids) const {
  std::vector<std::string> missing;
  for (const std::string& id : ids)
    if (tx.Cached(spec_.name, id) == nullptr) missing.push_back(id);
  if (missing.empty()) return OkStatus();
  ASSIGN_OR_RETURN(Rows rows, tx.QueryIn(select_ + "{{in}}", missing));
  for (const std::string& id : missing) tx.Cache(spec_.name, id, {});
  for (const Row& row : rows) {
    std::shared_ptr<Message> message(prototype_->New());
    if (!message->ParseFromString(row.Text(3)))
      return Internal(spec_.name + " " + row.Text(0) + " cannot be decoded");
    tx.Cache(spec_.name, row.Text(0), {std::move(message), row.Int(1), row.Int(2)});
  }
  return OkStatus();
}

std::string TableCore::KeyOf(const std::string& column, const std::string& value) const {
  return spec_.name + '\0' + column + '\0' + value;
}

Status TableCore::PrefetchKeys(Tx& tx, const std::string& column,
                               const std::vector<std::string>& keys) const {
  std::vector<std::string> missing;
  for (const std::string& key : keys)
    if (tx.CachedKey(KeyOf(column, key)) == nullptr) missing.push_back(key);
  if (missing.empty()) return OkStatus();
  bool soft = std::any_of(columns_.begin(), columns_.end(),
                          [](const Column& c) { return c.name == "deleted"; });
  ASSIGN_OR_RETURN(Rows rows,
                   tx.QueryIn("SELECT " + column + ", id FROM " + spec_.name + " WHERE " + column +
                                  " {{in}}" + (soft ? " AND deleted = 0" : ""),
                              missing));
  for (const std::string& key : missing) tx.CacheKey(KeyOf(column, key), std::nullopt);
  for (const Row& row : rows) tx.CacheKey(KeyOf(column, row.Text(0)), row.Text(1));
  return OkStatus();
}

StatusOr<std::optional<std::string>> TableCore::FindKey(Tx& tx, const std::string& column,
                                                        const std::string& value) const {
  if (value.empty()) return std::optional<std::string>();
  RETURN_IF_ERROR(PrefetchKeys(tx, column, {value}));
  return *tx.CachedKey(KeyOf(column, value));
}

StatusOr<std::shared_ptr<const Message>> TableCore::FindCore(Reader& reader, Tx* tx,
                                                             const std::string& id,
                                                             const Scope& scope) const {
  std::shared_ptr<const Message> row;
  if (tx != nullptr) {
    RETURN_IF_ERROR(Prefetch(*tx, {id}));
    row = tx->Cached(spec_.name, id)->row;
    if (row != nullptr && Deleted(*row)) row = nullptr;
  } else {
    ASSIGN_OR_RETURN(Rows rows, reader.Query(select_ + "= $1", {id}));
    if (!rows.empty()) {
      std::shared_ptr<Message> message(prototype_->New());
      if (!message->ParseFromString(rows[0].Text(3)))
        return Internal(spec_.name + " " + id + " cannot be decoded");
      row = std::move(message);
    }
  }
  if (row == nullptr) return row;
  ASSIGN_OR_RETURN(bool visible, Visible(reader, *row, id, scope));
  if (!visible) row = nullptr;
  return row;
}

StatusOr<bool> TableCore::Visible(Reader& reader, const Message& row, const std::string& id,
                                  const Scope& scope) const {
  if (scope.all() || spec_.owner.empty()) return true;
  for (const Column& column : columns_) {
    if (column.name != spec_.owner) continue;
    Value owner = column.get(row);
    const auto* text = std::get_if<std::string>(&owner);
    if (text != nullptr && !text->empty() && scope.Sees(*text)) return true;
  }
  if (!scope.reading() || spec_.also_readable.empty()) return false;
  std::string also = spec_.also_readable;
  Put(&also, "$viewer", 2);
  Put(&also, "$today", 3);
  ASSIGN_OR_RETURN(
      Rows rows,
      reader.Query("SELECT 1 FROM " + spec_.name + " t WHERE t.id = $1 AND (" + also + ")",
                   {id, scope.viewer(), static_cast<int64_t>(scope.today())}));
  return !rows.empty();
}

void TableCore::SaveKeys(Tx& tx, const Message* before, const Message& row,
                         const std::string& id) const {
  for (const std::string& unique : spec_.unique) {
    auto column = std::find_if(columns_.begin(), columns_.end(),
                               [&](const Column& c) { return c.name == unique; });
    auto value = [&](const Message* m) -> std::string {
      if (m == nullptr || Deleted(*m)) return "";
      Value v = column->get(*m);
      const auto* text = std::get_if<std::string>(&v);
      return text == nullptr ? "" : *text;
    };
    std::string was = value(before), is = value(&row);
    if (was == is) continue;
    if (!was.empty()) tx.CacheKeyNew(KeyOf(unique, was), std::nullopt);
    if (!is.empty()) tx.CacheKeyNew(KeyOf(unique, is), id);
  }
}

void TableCore::SaveCore(Tx& tx, Message* row, const std::vector<const Message*>& events) const {
  const std::string id = IdOf(*row);
  const int64_t before = VersionOf(*row);
  const int64_t after = before + static_cast<int64_t>(events.size());
  row->GetReflection()->SetInt64(row, FieldOf(*row, "version"), after);
  const Loaded* loaded = tx.Cached(spec_.name, id);
  // The time of an aggregate's events never goes back.
  int64_t occurred_us = tx.occurred_us();
  std::shared_ptr<const Message> old;
  if (loaded != nullptr && loaded->row != nullptr) {
    occurred_us = std::max(occurred_us, loaded->occurred_us);
    old = loaded->row;
  }
  SaveKeys(tx, old.get(), *row, id);
  Params params{id, after, occurred_us};
  for (const Column& column : columns_) params.push_back(column.get(*row));
  params.push_back(Bytes{row->SerializeAsString()});
  if (before == 0) {
    tx.WriteOne(insert_, std::move(params));
  } else {
    params.push_back(before);
    tx.WriteOne(update_, std::move(params));
  }
  std::shared_ptr<Message> copy(row->New());
  copy->CopyFrom(*row);
  tx.CacheNew(spec_.name, id, {std::move(copy), after, occurred_us});
  int64_t version = before;
  for (const Message* event : events)
    tx.AddEvent(PendingEvent{id, ++version, occurred_us, event->GetDescriptor()->full_name(),
                             event->SerializeAsString()});
}

std::string TableCore::ListSql(const std::vector<std::string>& filters, const std::string& order,
                               bool scoped, bool paged) const {
  int n = 1;
  std::string where;
  auto add = [&where](const std::string& condition) {
    where += (where.empty() ? " WHERE " : " AND ") + condition;
  };
  for (const std::string& name : filters)
    for (const auto& [filter, sql] : spec_.filters) {
      if (filter != name) continue;
      std::string condition = sql;
      size_t at = condition.find('$');
      if (at != std::string::npos) condition.insert(at + 1, std::to_string(n++));
      add(condition);
    }
  if (scoped && !spec_.owner.empty()) {
    std::string condition =
        "(EXISTS (SELECT 1 FROM org_closure c WHERE c.ancestor = $viewer AND c.descendant = t." +
        spec_.owner + " AND c.from_day <= $today AND c.to_day > $today)";
    if (!spec_.also_readable.empty()) condition += " OR " + spec_.also_readable;
    condition += ")";
    Put(&condition, "$viewer", n++);
    Put(&condition, "$today", n++);
    add(condition);
  }
  std::string columns, by, after, equal;
  for (const auto& [name, parts] : spec_.orders) {
    if (name != order) continue;
    for (const std::string& part : parts) {
      size_t space = part.find(' ');
      std::string column = "t." + part.substr(0, space);
      bool down = part.substr(space + 1) == "DESC";
      columns += ", " + column;
      by += (by.empty() ? " ORDER BY " : ", ") + column + (down ? " DESC" : " ASC");
      std::string value = "$" + std::to_string(n);
      if (paged) {
        after +=
            (after.empty() ? "(" : " OR (") + equal + column + (down ? " < " : " > ") + value + ")";
        equal += column + " = " + value + " AND ";
        ++n;
      }
    }
  }
  if (paged) add("(" + after + ")");
  return "SELECT t.body" + columns + " FROM " + spec_.name + " t" + where + by + " LIMIT $" +
         std::to_string(n);
}

StatusOr<TableCore::PageCore> TableCore::ListCore(Reader& reader, const Scope& scope,
                                                  const ListSpec& spec) const {
  std::vector<std::string> filters;
  Params params;
  std::string query = spec_.name + "/" + spec.order + "/" + scope.viewer();
  for (const Where& where : spec.where) {
    if (std::none_of(spec_.filters.begin(), spec_.filters.end(),
                     [&](const auto& filter) { return filter.first == where.filter; }))
      return Internal(spec_.name + " has no filter " + where.filter);
    filters.push_back(where.filter);
    query += "/" + where.filter + "=" + Pack(where.value);
    for (const auto& [filter, sql] : spec_.filters)
      if (filter == where.filter && sql.find('$') != std::string::npos)
        params.push_back(where.value);
  }
  bool scoped = !scope.all() && !spec_.owner.empty();
  if (scoped) {
    params.push_back(scope.viewer());
    params.push_back(static_cast<int64_t>(scope.today()));
  }
  const std::string mark = Sha256(query).substr(0, 8);
  bool paged = !spec.page_token.empty();
  size_t keys = 0;
  for (const auto& [name, parts] : spec_.orders)
    if (name == spec.order) keys = parts.size();
  if (keys == 0) return Internal(spec_.name + " has no order " + spec.order);
  if (paged) {
    std::string token = UnHex(spec.page_token);
    std::string_view rest = token;
    if (token.size() < 8 || token.substr(0, 8) != mark) return ForeignToken();
    rest.remove_prefix(8);
    for (size_t i = 0; i < keys; ++i) {
      auto value = Unpack(&rest);
      if (!value) return ForeignToken();
      params.push_back(*value);
    }
    if (!rest.empty()) return ForeignToken();
  }
  int size = spec.page_size <= 0 ? kDefaultPage : std::min(spec.page_size, kLargestPage);
  params.push_back(static_cast<int64_t>(size) + 1);
  ASSIGN_OR_RETURN(Rows rows, reader.Query(ListSql(filters, spec.order, scoped, paged), params));
  PageCore page;
  for (const Row& row : rows) {
    if (static_cast<int>(page.rows.size()) == size) break;
    std::unique_ptr<Message> message(prototype_->New());
    if (!message->ParseFromString(row.Text(0)))
      return Internal("a row of " + spec_.name + " cannot be decoded");
    page.rows.push_back(std::move(message));
  }
  if (static_cast<int>(rows.size()) > size) {
    std::string token = mark;
    for (size_t i = 1; i <= keys; ++i) token += Pack(rows[size - 1][i]);
    page.next_page_token = Hex(token);
  }
  return page;
}

}  // namespace spm
