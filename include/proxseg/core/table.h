// Tables of text as a terminal, Markdown and CSV want them. The first row is the header.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace proxseg {

using Cells = std::vector<std::string>;

// Columns in line: the first `labels` to the left, the numbers behind them to the right.
std::string text_table(const std::vector<Cells>& rows, size_t labels);
std::string markdown_table(const std::vector<Cells>& rows, size_t labels);

std::string csv_table(const std::vector<Cells>& rows);
// Quoted where it must be.
std::string csv_field(const std::string& text);

}  // namespace proxseg
