// What a command says: its results on stdout; on stderr notes, warnings and how far it has come.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

namespace proxseg::cli {

// Sends what is logged to stderr, in colours where that is a terminal that shows them and NO_COLOR
// is not set. Call once.
void start_log();

// The warnings that have been logged so far, in order, at most a thousand.
std::vector<std::string> logged_warnings();

// Adds --quiet, --verbose and --no-progress. They hold for the whole process once they are parsed.
void add_log_options(CLI::App& command);

// --quiet: results, warnings and errors only.
bool is_quiet();

// Neither --quiet nor --no-progress.
bool shows_progress();

// Says how the program was called, and the names of its commands. Commands in messages are then
// called likewise: those of a program that is no word of the shell's can be pasted, too.
void set_program(const std::string& word, const std::vector<std::string>& commands);

// Text as it is printed on stdout or stderr: in wrap_lines() where that is a terminal.
std::string as_printed(std::FILE* stream, const std::string& text);

// Prints text for people on stdout or stderr.
inline void print_text(std::FILE* stream, const std::string& text) {
  fmt::print(stream, "{}", as_printed(stream, text));
}

// The same on stdout.
template <typename... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
  print_text(stdout, fmt::format(format, std::forward<Values>(values)...));
}

// The same on stderr, unless --quiet.
template <typename... Values>
void note(fmt::format_string<Values...> format, Values&&... values) {
  if (!is_quiet()) print_text(stderr, fmt::format(format, std::forward<Values>(values)...));
}

// Whether a line that is updated in place stands on the terminal; what is logged takes its place.
void set_line_open(bool open);
bool is_line_open();

}  // namespace proxseg::cli
