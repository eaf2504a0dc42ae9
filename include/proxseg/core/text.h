// Text in and out: numbers, UTF-8, JSON, shell words, CSV and tables.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace proxseg {

// The number that text is from its first to its last character, if it is one. The same in every
// locale.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// The parts between the separators, without blanks around them. One at the end begins no part.
std::vector<std::string> split(std::string_view text, char separator);

// The numbers of a list such as "0.1, 2,3"; nothing where a part of it is no finite number.
std::optional<std::vector<double>> parse_numbers(std::string_view list);

struct PixelSize {
  int width, height;
};

// Reads "WIDTHxHEIGHT", both at least 1.
std::optional<PixelSize> parse_size(std::string_view text);

// Indices in [0, of), in order and evenly spread: the middles of `count` equal parts, or all where
// there are no more.
std::vector<int64_t> spread_evenly(int64_t count, int64_t of);

bool is_utf8(std::string_view text);

// In double quotes with control characters escaped and broken UTF-8 replaced, cut short where long.
std::string in_quotes(std::string_view text);

// A JSON document, indented and with a newline at its end. Names of files may hold any bytes, but
// JSON is UTF-8: broken UTF-8 is replaced by U+FFFD, so that no name can end a command.
std::string json_text(const nlohmann::ordered_json& value);
std::string json_text(const nlohmann::json& value);

// The same in one line, without a newline.
std::string json_line(const nlohmann::ordered_json& value);
std::string json_line(const nlohmann::json& value);

// A name of a file without any loss: its text or, where that is not UTF-8, an array of its bytes; and the name back.
// Throws nlohmann::json::exception for anything else.
nlohmann::ordered_json name_as_json(const std::string& name);
std::string name_from_json(const nlohmann::ordered_json& value);

// "1:05" or "2:03:07", rounded to seconds.
std::string format_duration(double seconds);

// "1 trial", "3 trials".
std::string counted(int64_t count, std::string_view what);

// The seconds of "7d", "2h", "90m", "45s" or "1h30m"; nothing for any other text.
std::optional<double> parse_duration(std::string_view text);

// The word as a POSIX shell reads it back: in single quotes unless it is plain.
std::string shell_word(std::string_view word);

// The same for a path: "./" comes before one that begins with '-', lest it be read as an option.
std::string shell_path(std::string_view path);

// The words as one line for a POSIX shell.
std::string shell_line(const std::vector<std::string>& words);

// Tables; the first row is the header.
using Cells = std::vector<std::string>;

// A table in a terminal that is too narrow for it.
struct TableFit {
  size_t columns = 0;              // of the terminal; 0: as many as the table needs
  std::vector<std::string> spare;  // headers of what may be left out, the first one first
  std::string elsewhere;           // "--json shows them": said where something is left out
};

// Aligned columns: the first `labels` of them to the left, the rest, numbers, to the right. Where
// `fit` has too few columns for it, spare ones are left out, which a last line names, and text in the
// last column is broken by words.
std::string text_table(const std::vector<Cells>& rows, size_t labels, const TableFit& fit = {});
std::string markdown_table(const std::vector<Cells>& rows, size_t labels);

std::string csv_table(const std::vector<Cells>& rows);
// In quotes if it holds a comma, a quote or a line break (RFC 4180).
std::string csv_field(const std::string& text);
// Six digits of it; empty for none.
std::string csv_number(const std::optional<double>& number);

}  // namespace proxseg
