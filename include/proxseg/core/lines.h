// Text in the lines of a terminal: how wide it is, cut short, broken by words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace proxseg {

// How many columns of a terminal the text takes. UTF-8; wide characters take two.
size_t columns_of(std::string_view text);

// The text with its control characters but tabs and ends of lines as escapes, "\x1b": a name of a file cannot
// steer the terminal.
std::string printable(std::string_view text);

// The text in no more than so many columns, cut at its end. Control characters and bytes that are
// not UTF-8, which could break the line, become "?".
std::string fit(std::string_view text, size_t columns);

// The same, but "…" is the last that is shown of a longer text.
std::string shorten(std::string_view text, size_t columns);

// How a line is broken by words. Words that are longer than a line stay whole.
struct LineBreaks {
  size_t columns;          // of each line, at most
  size_t start = 0;        // the column where the text begins
  size_t indent = 0;       // blanks before each line but the first
  std::string_view end{};  // of each line but the last
  bool is_shell = false;   // blanks in quotes of a shell part no words
};

// The text by words, all blanks between them as one.
std::string break_line(std::string_view text, const LineBreaks& breaks);

// Lines for people, each of at most so many columns where its words allow it; 0: as they are. What
// follows the first of a line stands under its text, after a label such as "score:      ". Commands
// of the program can be pasted however they are broken.
std::string wrap_lines(std::string_view text, size_t columns, std::string_view program = "proxseg");

// Where the text begins in "label   text", 0 in other lines.
size_t text_after_label(std::string_view line);

}  // namespace proxseg
