#include "cli/tables.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "cli/command.h"
#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"

namespace proxseg::cli {

void add_table_arguments(CLI::App& command, TableArguments& arguments) {
  add_option(command, "--csv FILE", arguments.csv, "Write the table as CSV");
  add_option(command, "--markdown FILE", arguments.markdown, "Write the table as Markdown");
  command.add_flag("--json", arguments.json, "Print the results as JSON");
}

void expect_name_of_text(const std::string& file) {
  const bool is_network = has_extension(file, {".safetensors", ".onnx", ".pt", ".pth"});
  if (!is_network && !has_image_extension(file) && !has_video_extension(file)) return;
  throw UsageError(fmt::format("'{}' is the name of {}, not of a text", file,
                               is_network ? "a network" : "an image or a video"),
                   "Choose another name.");
}

void check_table_files(const TableArguments& arguments, std::vector<std::string> others) {
  std::set<std::filesystem::path> files;
  others.insert(others.end(), {arguments.csv, arguments.markdown});
  for (const std::string& file : others) {
    if (file.empty()) continue;
    expect_name_of_text(file);
    if (files.insert(std::filesystem::weakly_canonical(file)).second) continue;
    throw UsageError(fmt::format("'{}' is to hold two tables", file), "Give each its own file.");
  }
}

}  // namespace proxseg::cli
