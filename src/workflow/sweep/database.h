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

  void run(const std::string& statements);

  // "WAL": readers never wait, but all processes must be on one machine; "DELETE": they may be on
  // several.
  void set_journal(const std::string& mode);
  // Rows that the last statement changed.
  int64_t changes() const { return ::sqlite3_changes(handle_.get()); }

 private:
  friend class Query;
  [[noreturn]] void fail() const;

  struct Close {
    void operator()(sqlite3* handle) const { ::sqlite3_close(handle); }
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// One statement; `?` stands for the values given to bind(), in order.
class Query {
 public:
  Query(Database& database, const std::string& statement);

  Query& bind(const std::string& value);
  Query& bind(int64_t value);
  Query& bind(double value);
  Query& bind(const std::optional<double>& value);

  // Goes to the next row; false after the last.
  bool next();
  // For statements without rows.
  void run();

  // Columns of the row, from 0.
  std::string text(int column) const;
  int64_t integer(int column) const;
  std::optional<double> real(int column) const;

 private:
  void check(int result) const;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
  };
  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

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
