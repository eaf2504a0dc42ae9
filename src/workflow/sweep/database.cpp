#include "workflow/sweep/database.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"

namespace proxseg {

Database::Database(const std::filesystem::path& file) : file_(file) {
  constexpr int kPatience = 60000;  // milliseconds that a writer waits for another
  sqlite3* handle = nullptr;
  const int result = ::sqlite3_open(file.c_str(), &handle);
  handle_.reset(handle);
  check(result);
  ::sqlite3_extended_result_codes(handle, 1);
  ::sqlite3_busy_timeout(handle, kPatience);
  run("PRAGMA synchronous = FULL");
}

// Where two processes create the ledger at once, SQLite turns one of them away without patience.
bool Database::set_journal(const std::string& mode) {
  constexpr int kAttempts = 100;
  const std::string pragma = "PRAGMA journal_mode = " + mode;
  int result = SQLITE_BUSY;
  for (int i = 0; i < kAttempts && (result & 0xff) == SQLITE_BUSY; ++i) {
    if (i > 0) ::sqlite3_sleep(50);
    result = ::sqlite3_exec(handle_.get(), pragma.c_str(), nullptr, nullptr, nullptr);
  }
  if ((result & 0xff) == SQLITE_BUSY) return false;
  check(result);
  return true;
}

void Database::run(const std::string& statements) {
  check(::sqlite3_exec(handle_.get(), statements.c_str(), nullptr, nullptr, nullptr));
}

void Database::check(int result) const {
  if (result == SQLITE_OK) return;
  throw OutputError(fmt::format("the ledger '{}': {}", file_.string(),
                                handle_ ? ::sqlite3_errmsg(handle_.get()) : "not enough memory"),
                    "It must lie on a disk with space left, in a folder that you may write to.");
}

void Query::prepare(const std::string& statement) {
  sqlite3_stmt* prepared = nullptr;
  database_.check(
      ::sqlite3_prepare_v2(database_.handle_.get(), statement.c_str(), -1, &prepared, nullptr));
  statement_.reset(prepared);
}

void Query::bind(int place, const std::string& value) {
  database_.check(::sqlite3_bind_text(statement_.get(), place, value.data(),
                                      static_cast<int>(value.size()), SQLITE_TRANSIENT));
}

void Query::bind(int place, int64_t value) {
  database_.check(::sqlite3_bind_int64(statement_.get(), place, value));
}

void Query::bind(int place, double value) {
  database_.check(::sqlite3_bind_double(statement_.get(), place, value));
}

void Query::bind(int place, const std::optional<double>& value) {
  if (value) return bind(place, *value);
  database_.check(::sqlite3_bind_null(statement_.get(), place));
}

bool Query::next() {
  const int result = ::sqlite3_step(statement_.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) database_.check(result);
  return result == SQLITE_ROW;
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
