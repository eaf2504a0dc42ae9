#include "proxseg/core/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace proxseg {
namespace {

// mark before every special.
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

std::string markdown_cell(const std::string& text) { return escape(text, '|', '\\'); }

}  // namespace

std::string text_table(const std::vector<Cells>& rows, size_t labels) {
  std::vector<size_t> widths(rows.front().size());
  for (const Cells& cells : rows) {
    for (size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text;
  for (const Cells& cells : rows) {
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += "  ";
      text += i < labels ? fmt::format("{:<{}}", cells[i], widths[i])
                         : fmt::format("{:>{}}", cells[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
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

std::string csv_field(const std::string& text) {
  const bool is_plain = text.find_first_of(",\"\r\n") == std::string::npos;
  return is_plain ? text : fmt::format("\"{}\"", escape(text, '"', '"'));
}

}  // namespace proxseg
