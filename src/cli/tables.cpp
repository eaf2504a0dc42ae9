#include "cli/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>

#include "cli/command.h"
#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

// Whether the file begins as one of the tables that eval, compare and sweep write.
bool is_table(const fs::path& file) {
  const std::string text = read_file(file);
  return std::ranges::any_of(std::array{"level,", "sequence,", "HOTA,", "| "},
                             [&](const char* begin) { return text.starts_with(begin); });
}

// Throws OutputError where file is one of the inputs, or lies in one and is no table of an earlier call.
void expect_no_input(const fs::path& file, const std::vector<std::string>& inputs) {
  if (!is_file(file)) return;
  for (const fs::path input : inputs) {
    std::error_code ignored;
    const bool is_input = fs::equivalent(file, input, ignored);
    if (!is_input && !(is_folder(input) && lies_in(input, file) && !is_table(file))) continue;
    throw OutputError(fmt::format("'{}' is {} '{}', and would be replaced", file.string(),
                                  is_input ? "the input" : "a file of the input", input.string()),
                      "Choose another name.");
  }
}

}  // namespace

void add_table_arguments(CLI::App& command, TableArguments& arguments) {
  add_option(command, "--csv FILE", arguments.csv, "Write the table as CSV");
  add_option(command, "--markdown FILE", arguments.markdown, "Write the table as Markdown");
  command.add_flag("--json", arguments.json, "Print the results as JSON");
}

void expect_name_of_text(const std::string& file) {
  if (file == "-") {
    throw UsageError("'-' would be a file of that name, not standard output",
                     "Give the name of a file.");
  }
  const bool is_network = has_extension(file, {".safetensors", ".onnx", ".pt", ".pth"});
  if (!is_network && !has_image_extension(file) && !has_video_extension(file)) return;
  throw UsageError(fmt::format("'{}' is the name of {}, not of a text", file,
                               is_network ? "a network" : "an image or a video"),
                   "Choose another name.");
}

void check_table_files(const TableArguments& arguments, const std::vector<std::string>& inputs,
                       std::vector<std::string> others) {
  std::set<fs::path> files;
  others.insert(others.end(), {arguments.csv, arguments.markdown});
  for (const std::string& file : others) {
    if (file.empty()) continue;
    expect_name_of_text(file);
    expect_no_input(file, inputs);
    if (files.insert(fs::weakly_canonical(file)).second) continue;
    throw UsageError(fmt::format("'{}' is to hold two tables", file), "Give each its own file.");
  }
}

}  // namespace proxseg::cli
