// Floor of B3 and of the import: takes the rows that a real run left in a database and writes the
// same rows into the same tables of a new one through sqlite3 alone, a number of rows of the
// leading table in each transaction, as durable as the suite writes (WAL, synchronous FULL). One
// thread.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

[[noreturn]] void Fail(sqlite3* db, const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), sqlite3_errmsg(db));
  std::exit(1);
}

void Execute(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) Fail(db, sql);
}

sqlite3_stmt* Prepare(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) Fail(db, sql);
  return statement;
}

struct Table {
  std::string name;
  int columns = 0;
  std::vector<sqlite3_value*> values;
  sqlite3_stmt* insert = nullptr;
  size_t rows() const { return values.size() / columns; }
};

// What the relay has deleted again is made anew: a row for each event.
std::string SelectOf(const std::string& table) {
  return table == "outbox" ? "SELECT seq % 16, seq FROM journal ORDER BY seq"
                           : "SELECT * FROM " + table + " ORDER BY rowid";
}

Table Read(sqlite3* from, sqlite3* to, const std::string& name) {
  Table table{.name = name};
  sqlite3_stmt* select = Prepare(from, SelectOf(name));
  table.columns = sqlite3_column_count(select);
  while (sqlite3_step(select) == SQLITE_ROW)
    for (int i = 0; i < table.columns; ++i)
      table.values.push_back(sqlite3_value_dup(sqlite3_column_value(select, i)));
  sqlite3_finalize(select);
  std::string marks = "?";
  for (int i = 1; i < table.columns; ++i) marks += ",?";
  table.insert = Prepare(to, "INSERT INTO " + name + " VALUES (" + marks + ")");
  return table;
}

void CopySchema(sqlite3* from, sqlite3* to, const std::vector<std::string>& tables) {
  for (const std::string& table : tables) {
    sqlite3_stmt* select =
        Prepare(from, "SELECT sql FROM sqlite_master WHERE tbl_name = '" + table +
                          "' AND sql IS NOT NULL ORDER BY type = 'index'");
    while (sqlite3_step(select) == SQLITE_ROW)
      Execute(to, reinterpret_cast<const char*>(sqlite3_column_text(select, 0)));
    sqlite3_finalize(select);
  }
}

void Insert(sqlite3* db, const Table& table, size_t row) {
  for (int i = 0; i < table.columns; ++i)
    sqlite3_bind_value(table.insert, i + 1, table.values[row * table.columns + i]);
  if (sqlite3_step(table.insert) != SQLITE_DONE) Fail(db, "insert into " + table.name);
  sqlite3_reset(table.insert);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s FROM.db NEW.db ROWS_A_TRANSACTION LEADING_TABLE [TABLE...]\n",
                 argv[0]);
    return 2;
  }
  const std::vector<std::string> names(argv + 4, argv + argc);
  sqlite3 *from = nullptr, *to = nullptr;
  if (sqlite3_open_v2(argv[1], &from, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK)
    Fail(from, argv[1]);
  if (sqlite3_open(argv[2], &to) != SQLITE_OK) Fail(to, argv[2]);
  Execute(to, "PRAGMA journal_mode = WAL");
  Execute(to, "PRAGMA synchronous = FULL");
  CopySchema(from, to, names);
  std::vector<Table> tables;
  for (const std::string& name : names) tables.push_back(Read(from, to, name));
  const size_t leading = tables[0].rows(), batch = std::atoi(argv[3]);

  const auto started = std::chrono::steady_clock::now();
  size_t rows = 0, transactions = 0;
  for (size_t begin = 0; begin < leading; begin += batch, ++transactions) {
    const size_t end = std::min(leading, begin + batch);
    Execute(to, "BEGIN IMMEDIATE");
    for (const Table& table : tables)
      for (size_t row = begin * table.rows() / leading; row < end * table.rows() / leading;
           ++row, ++rows)
        Insert(to, table, row);
    Execute(to, "COMMIT");
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf(
      "{\"leading\": %zu, \"rows\": %zu, \"transactions\": %zu, \"seconds\": %.4f, "
      "\"per_second\": %.1f}\n",
      leading, rows, transactions, seconds, leading / seconds);
}
