// Table<T> keeps aggregates: one protobuf message each, saved under a version that counts its
// events. Columns are what is filtered, sorted, joined or unique; the rest is `body`, the message.
// A table is a constant of its store file, shared by all threads.
//
//   CREATE TABLE <name> (id TEXT PRIMARY KEY, version BIGINT NOT NULL, occurred_us BIGINT NOT NULL,
//                        <columns...>, body {{bytes}} NOT NULL)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/db/db.h"
#include "common/db/scope.h"
#include "common/db/tx.h"
#include "google/protobuf/message.h"

namespace spm {

// One condition of a list: the name of a filter of the table, and its value.
struct Where {
  std::string filter;
  Value value;
};

struct ListSpec {
  std::vector<Where> where;
  // Name of an order of the table.
  std::string order;
  // 0 is 50, above 1,000 is 1,000.
  int page_size = 0;
  // INVALID_ARGUMENT where it is of another query.
  std::string page_token;
};

// How a table is made; every string is a constant.
struct TableSpec {
  // Table in the database.
  std::string name;
  // Word for errors: "opportunity".
  std::string noun;
  // Column with the owner's id, by which Scope decides; empty: every member sees every row.
  std::string owner;
  // Further condition under which a row may be read (Scope::Reading and lists), over alias t, with
  // $viewer and $today; for example "t.owner_id = ''".
  std::string also_readable;
  // Columns whose value names at most one row that is not deleted; empty text is no value.
  std::vector<std::string> unique;
  // Filter name -> SQL over alias t in which `$` stands for the value: "t.owner_id = $".
  std::vector<std::pair<std::string, std::string>> filters;
  // Order name -> columns with ASC or DESC, the last one unique: {"grade ASC", "id DESC"}. The
  // columns are NOT NULL.
  std::vector<std::pair<std::string, std::vector<std::string>>> orders;
};

// The part of Table<T> that needs no T.
class TableCore {
 public:
  using Message = google::protobuf::Message;
  struct Column {
    std::string name;
    std::function<Value(const Message&)> get;
  };
  struct PageCore {
    std::vector<std::unique_ptr<Message>> rows;
    std::string next_page_token;
  };

  TableCore(TableSpec spec, const Message& prototype, std::vector<Column> columns);

  const TableSpec& spec() const { return spec_; }
  // Loads into the identity map all rows of `ids`, and finds all of `keys` of a unique column.
  Status Prefetch(Tx& tx, const std::vector<std::string>& ids) const;
  Status PrefetchKeys(Tx& tx, const std::string& column,
                      const std::vector<std::string>& keys) const;
  // SQL of a list, for the test that prepares every one.
  std::string ListSql(const std::vector<std::string>& filters, const std::string& order,
                      bool scoped, bool paged) const;
  // The statements that write a row and read one, likewise.
  std::vector<std::string> RowSql() const { return {insert_, update_, select_ + "= $1"}; }
  // Every table of the process, for that test.
  static const std::vector<const TableCore*>& All();

 protected:
  StatusOr<std::shared_ptr<const Message>> FindCore(Reader& reader, Tx* tx, const std::string& id,
                                                    const Scope& scope) const;
  StatusOr<std::optional<std::string>> FindKey(Tx& tx, const std::string& column,
                                               const std::string& value) const;
  StatusOr<PageCore> ListCore(Reader& reader, const Scope& scope, const ListSpec& spec) const;
  void SaveCore(Tx& tx, Message* row, const std::vector<const Message*>& events) const;

 private:
  StatusOr<bool> Visible(Reader& reader, const Message& row, const std::string& id,
                         const Scope& scope) const;
  std::string KeyOf(const std::string& column, const std::string& value) const;
  void SaveKeys(Tx& tx, const Message* before, const Message& row, const std::string& id) const;

  TableSpec spec_;
  const Message* prototype_;
  std::vector<Column> columns_;
  std::string insert_, update_, select_;
};

template <typename T>
struct Page {
  std::vector<T> rows;
  std::string next_page_token;
};

template <typename T>
class Table : public TableCore {
 public:
  struct Col {
    std::string name;
    std::function<Value(const T&)> get;
  };
  Table(TableSpec spec, std::vector<Col> columns)
      : TableCore(std::move(spec), T::default_instance(), Erase(std::move(columns))) {}

  // NOT_FOUND also where it is out of scope or deleted... see also Find.
  StatusOr<T> Get(Tx& tx, const std::string& id, const Scope& scope) const {
    return Must(FindCore(tx, &tx, id, scope), id);
  }
  StatusOr<T> Get(Snapshot& snapshot, const std::string& id, const Scope& scope) const {
    return Must(FindCore(snapshot, nullptr, id, scope.Reading()), id);
  }
  StatusOr<std::optional<T>> Find(Tx& tx, const std::string& id, const Scope& scope) const {
    return May(FindCore(tx, &tx, id, scope));
  }
  StatusOr<std::optional<T>> Find(Snapshot& snapshot, const std::string& id,
                                  const Scope& scope) const {
    return May(FindCore(snapshot, nullptr, id, scope.Reading()));
  }
  // The row that holds a value of a unique column. Sees what the batch wrote.
  StatusOr<std::optional<T>> FindBy(Tx& tx, const std::string& column, const std::string& value,
                                    const Scope& scope) const {
    auto id = FindKey(tx, column, value);
    if (!id.ok()) return id.status();
    if (!id->has_value()) return std::optional<T>();
    return Find(tx, **id, scope);
  }
  StatusOr<Page<T>> List(Reader& reader, const Scope& scope, const ListSpec& spec) const {
    auto core = ListCore(reader, scope, spec);
    if (!core.ok()) return core.status();
    Page<T> page;
    page.next_page_token = std::move(core->next_page_token);
    for (auto& row : core->rows) page.rows.push_back(std::move(static_cast<T&>(*row)));
    return page;
  }
  // The only write of an aggregate: its events are numbered from version + 1, `row->version` set. A
  // row with version 0 is new. There is no save without an event.
  template <typename... E>
  void Save(Tx& tx, T* row, const E&... events) const {
    static_assert(sizeof...(E) > 0, "no save without an event");
    SaveCore(tx, row, {&events...});
  }

 private:
  static std::vector<Column> Erase(std::vector<Col> columns) {
    std::vector<Column> erased;
    for (auto& c : columns)
      erased.push_back({c.name, [get = std::move(c.get)](const google::protobuf::Message& m) {
                          return get(static_cast<const T&>(m));
                        }});
    return erased;
  }
  StatusOr<T> Must(StatusOr<std::shared_ptr<const Message>> row, const std::string& id) const {
    if (!row.ok()) return row.status();
    if (*row == nullptr) return NotFound(spec().noun, id);
    return static_cast<const T&>(**row);
  }
  StatusOr<std::optional<T>> May(StatusOr<std::shared_ptr<const Message>> row) const {
    if (!row.ok()) return row.status();
    if (*row == nullptr) return std::optional<T>();
    return std::optional<T>(static_cast<const T&>(**row));
  }
};

}  // namespace spm
