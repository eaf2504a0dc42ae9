#include "workflow/sweep/database.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"

namespace proxseg {
namespace {

constexpr int kPatience = 60000;  // milliseconds that a writer waits for another

}  // namespace

Database::Database(const std::filesystem::path& file) : file_(file) {
  sqlite3* handle = nullptr;
  const int result = ::sqlite3_open(file.c_str(), &handle);
  handle_.reset(handle);
  if (result != SQLITE_OK) fail();
  ::sqlite3_extended_result_codes(handle, 1);
  ::sqlite3_busy_timeout(handle, kPatience);
  run("PRAGMA synchronous = FULL");
}

// Where two processes create the ledger at once, SQLite turns one of them away without patience.
void Database::set_journal(const std::string& mode) {
  constexpr int kAttempts = 100;
  const std::string pragma = "PRAGMA journal_mode = " + mode;
  int result = SQLITE_BUSY;
  for (int i = 0; i < kAttempts && (result & 0xff) == SQLITE_BUSY; ++i) {
    if (i > 0) ::sqlite3_sleep(50);
    result = ::sqlite3_exec(handle_.get(), pragma.c_str(), nullptr, nullptr, nullptr);
  }
  if (result != SQLITE_OK) fail();
}

void Database::run(const std::string& statements) {
  if (::sqlite3_exec(handle_.get(), statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail();
  }
}

void Database::fail() const {
  throw OutputError(fmt::format("the ledger '{}': {}", file_.string(),
                                handle_ ? ::sqlite3_errmsg(handle_.get()) : "not enough memory"),
                    "It must lie on a disk with space left, in a folder that you may write to.");
}

Query::Query(Database& database, const std::string& statement) : database_(database) {
  sqlite3_stmt* prepared = nullptr;
  check(::sqlite3_prepare_v2(database.handle_.get(), statement.c_str(), -1, &prepared, nullptr));
  statement_.reset(prepared);
}

Query& Query::bind(const std::string& value) {
  check(::sqlite3_bind_text(statement_.get(), ++bound_, value.data(),
                            static_cast<int>(value.size()), SQLITE_TRANSIENT));
  return *this;
}

Query& Query::bind(int64_t value) {
  check(::sqlite3_bind_int64(statement_.get(), ++bound_, value));
  return *this;
}

Query& Query::bind(double value) {
  check(::sqlite3_bind_double(statement_.get(), ++bound_, value));
  return *this;
}

Query& Query::bind(const std::optional<double>& value) {
  if (value) return bind(*value);
  check(::sqlite3_bind_null(statement_.get(), ++bound_));
  return *this;
}

bool Query::next() {
  const int result = ::sqlite3_step(statement_.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) database_.fail();
  return result == SQLITE_ROW;
}

void Query::run() {
  while (next()) continue;
}

std::string Query::text(int column) const {
  const auto* bytes = ::sqlite3_column_text(statement_.get(), column);
  return bytes ? reinterpret_cast<const char*>(bytes) : "";
}

int64_t Query::integer(int column) const {
  return ::sqlite3_column_int64(statement_.get(), column);
}

std::optional<double> Query::real(int column) const {
  if (::sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return ::sqlite3_column_double(statement_.get(), column);
}

void Query::check(int result) const {
  if (result != SQLITE_OK) database_.fail();
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const OutputError&) {
    // SQLite has rolled back itself.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace proxseg
