// Results of a command as a table or as JSON on stdout, and as CSV and Markdown in files.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/log.h"
#include "proxseg/core/file.h"

namespace proxseg::cli {

struct TableArguments {
  std::string csv;
  std::string markdown;
  bool json = false;
};

// Adds --csv, --markdown and --json. arguments must outlive the parse.
void add_table_arguments(CLI::App& command, TableArguments& arguments);

// Throws UsageError where the file's name says that it is an image, a video or a network, as what replaces it would be
// text, and for "-".
void expect_name_of_text(const std::string& file);

// Call before any work. Throws UsageError where a table, also one of `others`, would replace an
// image or another table, or would be named "-"; OutputError where it would replace one of the inputs, or a file in one
// of them that is no table.
void check_table_files(const TableArguments& arguments, const std::vector<std::string>& inputs,
                       std::vector<std::string> others = {});

template <typename Results>
void show_tables(const TableArguments& arguments, const Results& results) {
  if (arguments.json) {
    fmt::print("{}", to_json(results));
  } else {
    say("{}", to_text(results, line_width(stdout)));
  }
  if (!arguments.csv.empty()) write_file_atomically(arguments.csv, to_csv(results));
  if (!arguments.markdown.empty()) {
    write_file_atomically(arguments.markdown, to_markdown(results));
  }
}

}  // namespace proxseg::cli
