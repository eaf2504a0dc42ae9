// SQLite with C++'s lifetimes and this program's errors: each says which ledger it is about.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace proxseg {

// Shared by processes: writers wait for each other.
class Database {
 public:
  // Creates it if there is none. Throws OutputError, as all else here does.
  explicit Database(const std::filesystem::path& file);

  // Statements without rows. One with values takes them for its `?`, in order.
  void run(const std::string& statements);
  template <typename... Values>
  void run(const std::string& statement, const Values&... values);

  // "WAL": readers never wait, but all processes must be on one machine; "DELETE": they may be on
  // several. False while other processes hold the ledger in another mode.
  bool set_journal(const std::string& mode);
  // Rows that the last statement changed.
  int64_t changes() const { return ::sqlite3_changes(handle_.get()); }

 private:
  friend class Query;
  void check(int result) const;

  struct Close {
    void operator()(sqlite3* handle) const { ::sqlite3_close(handle); }
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// One statement and its rows; the values stand in place of its `?`, in order.
class Query {
 public:
  template <typename... Values>
  Query(Database& database, const std::string& statement, const Values&... values)
      : database_(database) {
    prepare(statement);
    int place = 0;
    (bind(++place, values), ...);
  }

  // Goes to the next row; false after the last.
  bool next();

  // Columns of the row, from 0.
  std::string text(int column) const;
  int64_t integer(int column) const;
  std::optional<double> real(int column) const;

 private:
  void prepare(const std::string& statement);
  void bind(int place, const std::string& value);
  void bind(int place, int64_t value);
  void bind(int place, double value);
  void bind(int place, const std::optional<double>& value);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
  };
  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

template <typename... Values>
void Database::run(const std::string& statement, const Values&... values) {
  Query(*this, statement, values...).next();
}

// All or nothing: rolls back unless committed. No other process writes meanwhile.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace proxseg
