#include "proxseg/core/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "proxseg/core/lines.h"

namespace proxseg {
using nlohmann::json;
using nlohmann::ordered_json;
namespace {

template <typename Json>
std::string dump(const Json& value, int indent) {
  return value.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

bool is_plain(unsigned char c) {
  return std::isalnum(c) != 0 || std::string_view("_-./=:,+@%").find(c) != std::string_view::npos;
}

// The longest head of text of at most `bytes` that ends with a whole character.
std::string_view head_of(std::string_view text, size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

// text with `mark` before each `special`.
std::string escape(const std::string& text, char special, char mark) {
  std::string result;
  for (const char c : text) {
    if (c == special) result += mark;
    result += c;
  }
  return result;
}

std::string row_of(Cells cells, const char* separator, std::string (*convert)(const std::string&)) {
  std::transform(cells.begin(), cells.end(), cells.begin(), convert);
  return fmt::format("{}", fmt::join(cells, separator));
}

std::vector<size_t> widths_of(const std::vector<Cells>& rows) {
  std::vector<size_t> widths(rows.front().size());
  for (const Cells& cells : rows) {
    for (size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], columns_of(cells[i]));
  }
  return widths;
}

constexpr size_t kGap = 2;         // between the columns of a table
constexpr size_t kLeastText = 24;  // columns that text in the last one is broken into

// Takes spare columns out of `shown` until the rest fits; their headers in the order of the table.
std::vector<std::string> leave_out(const Cells& header, const std::vector<size_t>& widths,
                                   const TableFit& fit, std::vector<size_t>& shown) {
  const auto width = [&] {
    size_t sum = 0;
    for (const size_t i : shown) {
      sum += (i == shown.front() ? 0 : kGap) +
             (i + 1 == widths.size() ? std::min(widths[i], kLeastText) : widths[i]);
    }
    return sum;
  };
  std::vector<size_t> left_out;
  for (const std::string& spare : fit.spare) {
    if (width() <= fit.columns) break;
    const auto at = static_cast<size_t>(std::ranges::find(header, spare) - header.begin());
    if (std::erase(shown, at) > 0) left_out.push_back(at);
  }
  std::ranges::sort(left_out);
  std::vector<std::string> names;
  for (const size_t i : left_out) names.push_back(header[i]);
  return names;
}

// One row of a table; the last cell is broken by words where it goes beyond so many columns, unless
// 0.
std::string table_row(const Cells& cells, const std::vector<size_t>& shown,
                      const std::vector<size_t>& widths, size_t labels, size_t columns) {
  std::string text;
  size_t column = 0;
  for (const size_t i : shown) {
    const size_t gap = column > 0 ? kGap : 0;
    text += std::string(gap, ' ');
    column += gap;
    const std::string pad(widths[i] - columns_of(cells[i]), ' ');
    const bool breaks = columns > 0 && i == shown.back() && i < labels;
    const std::string cell = breaks ? break_line(cells[i], {columns, column, column}) : cells[i];
    text += i < labels ? cell + pad : pad + cell;
    column += widths[i];
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string markdown_cell(const std::string& text) { return escape(text, '|', '\\'); }

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  constexpr std::string_view kBlank = " \t\r\n";
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    std::string_view part = text.substr(0, end);
    part.remove_prefix(std::min(part.find_first_not_of(kBlank), part.size()));
    parts.emplace_back(part.substr(0, part.find_last_not_of(kBlank) + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::optional<std::vector<double>> parse_numbers(std::string_view list) {
  std::vector<double> numbers;
  for (const std::string& part : split(list, ',')) {
    const auto number = parse_number<double>(part);
    if (!number || !std::isfinite(*number)) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

std::optional<PixelSize> parse_size(std::string_view text) {
  const size_t x = text.find('x');
  if (x == std::string_view::npos) return std::nullopt;
  const auto width = parse_number<int>(text.substr(0, x));
  const auto height = parse_number<int>(text.substr(x + 1));
  if (!width || !height || *width < 1 || *height < 1) return std::nullopt;
  return PixelSize{*width, *height};
}

std::vector<int64_t> spread_evenly(int64_t count, int64_t of) {
  count = std::min(count, of);
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < count; ++i) indices.push_back((2 * i + 1) * of / (2 * count));
  return indices;
}

bool is_utf8(std::string_view text) {
  try {
    (void)json(text).dump();
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

std::string in_quotes(std::string_view text) {
  constexpr size_t kLongest = 80;
  if (text.size() > kLongest) return in_quotes(std::string(head_of(text, kLongest - 3)) + "...");
  return json_line(json(text));
}

std::string json_text(const ordered_json& value) { return dump(value, 2) + '\n'; }
std::string json_text(const json& value) { return dump(value, 2) + '\n'; }
std::string json_line(const ordered_json& value) { return dump(value, -1); }
std::string json_line(const json& value) { return dump(value, -1); }

ordered_json name_as_json(const std::string& name) {
  if (is_utf8(name)) return name;
  return std::vector<uint8_t>(name.begin(), name.end());
}

std::string name_from_json(const ordered_json& value) {
  if (!value.is_array()) return value.get<std::string>();
  const auto bytes = value.get<std::vector<uint8_t>>();
  return {bytes.begin(), bytes.end()};
}

std::string counted(int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string format_duration(double seconds) {
  const auto total = static_cast<int64_t>(std::llround(seconds));
  const int64_t hours = total / 3600, minutes = total / 60 % 60, rest = total % 60;
  if (hours > 0) return fmt::format("{}:{:02d}:{:02d}", hours, minutes, rest);
  return fmt::format("{}:{:02d}", minutes, rest);
}

std::optional<double> parse_duration(std::string_view text) {
  constexpr std::string_view kUnits = "dhms";
  constexpr double kSeconds[] = {86400.0, 3600.0, 60.0, 1.0};
  double sum = 0.0;
  size_t least = 0;  // units come in this order, each once
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const size_t end = text.find_first_of(kUnits);
    if (end == std::string_view::npos) return std::nullopt;
    const auto number = parse_number<double>(text.substr(0, end));
    const size_t unit = kUnits.find(text[end]);
    if (!number || *number < 0.0 || unit < least) return std::nullopt;
    sum += *number * kSeconds[unit];
    least = unit + 1;
    text.remove_prefix(end + 1);
  }
  return sum;
}

std::string shell_word(std::string_view word) {
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return std::string(word);
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'') text += "'\\'";
    text += c;
  }
  text += '\'';
  return text;
}

std::string shell_path(std::string_view path) {
  return shell_word(path.starts_with('-') ? "./" + std::string(path) : std::string(path));
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += shell_word(word);
  }
  return line;
}

std::string text_table(const std::vector<Cells>& rows, size_t labels, const TableFit& fit) {
  std::vector<size_t> widths = widths_of(rows), shown(rows.front().size());
  std::iota(shown.begin(), shown.end(), size_t{0});
  std::vector<std::string> missing;
  if (fit.columns > 0) missing = leave_out(rows.front(), widths, fit, shown);
  std::string text;
  for (const Cells& cells : rows) text += table_row(cells, shown, widths, labels, fit.columns);
  if (missing.empty()) return text;
  const std::string note = fmt::format("left out: {}; {}", fmt::join(missing, ", "), fit.elsewhere);
  return text + wrap_lines(note, fit.columns) + '\n';
}

std::string markdown_table(const std::vector<Cells>& rows, size_t labels) {
  std::string text;
  for (const Cells& cells : rows) {
    const bool is_header = text.empty();
    text += fmt::format("| {} |\n", row_of(cells, " | ", markdown_cell));
    if (!is_header) continue;
    for (size_t i = 0; i < cells.size(); ++i) text += i < labels ? "|---" : "|---:";
    text += "|\n";
  }
  return text;
}

std::string csv_table(const std::vector<Cells>& rows) {
  std::string text;
  for (const Cells& cells : rows) text += row_of(cells, ",", csv_field) + '\n';
  return text;
}

std::string csv_number(const std::optional<double>& number) {
  return number ? fmt::format("{:.6g}", *number) : "";
}

std::string csv_field(const std::string& text) {
  const bool is_plain = text.find_first_of(",\"\r\n") == std::string::npos;
  return is_plain ? text : fmt::format("\"{}\"", escape(text, '"', '"'));
}

}  // namespace proxseg
