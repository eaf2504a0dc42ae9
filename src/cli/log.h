// What a command says on stderr while it works: notes, warnings and how far it has come.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace proxseg::cli {

// Sends what is logged to stderr, in colours where that is a terminal that shows them and NO_COLOR
// is not set. Call once.
void start_log();

// Adds --quiet, --verbose and --no-progress. They hold for the whole process once they are parsed.
void add_log_options(CLI::App& command);

// --quiet: results, warnings and errors only.
bool is_quiet();

// Neither --quiet nor --no-progress.
bool shows_progress();

// A line on stderr, unless --quiet.
template <typename... Values>
void note(fmt::format_string<Values...> format, Values&&... values) {
  if (!is_quiet()) fmt::print(stderr, format, std::forward<Values>(values)...);
}

// Whether a line that is updated in place stands on the terminal; what is logged takes its place.
void set_line_open(bool open);

// ---- lines of a terminal

// How many columns of a terminal the text takes. UTF-8; wide characters take two.
size_t columns_of(std::string_view text);

// The text in no more than so many columns, cut at its end. Control characters and bytes that are
// not UTF-8, which could break the line, become "?".
std::string fit(std::string_view text, size_t columns);

}  // namespace proxseg::cli
