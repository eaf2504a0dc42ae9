// Tables as text for the terminal, as Markdown and as CSV. The first row is the header.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace proxseg {

using Cells = std::vector<std::string>;

// Aligned columns: the first `labels` of them to the left, the rest, numbers, to the right. No
// line ends with blanks.
std::string text_table(const std::vector<Cells>& rows, size_t labels);
std::string markdown_table(const std::vector<Cells>& rows, size_t labels);

std::string csv_table(const std::vector<Cells>& rows);
// In quotes if it holds a comma, a quote or a line break (RFC 4180).
std::string csv_field(const std::string& text);

}  // namespace proxseg
