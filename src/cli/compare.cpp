#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "cli/command.h"
#include "cli/recipe_arguments.h"
#include "cli/work.h"
#include "proxseg/core/file.h"
#include "proxseg/workflow/compare.h"

namespace proxseg::cli {
namespace {

struct CompareArguments {
  RecipeArguments recipe;
  CompareOptions options;
  std::string csv;
  std::string markdown;
  bool json = false;
};

void compare(const CompareArguments& arguments) {
  CompareOptions options = arguments.options;
  if (options.model.empty()) {
    options.recipe = resolve(arguments.recipe);
  } else {
    options.changes = overrides_of(arguments.recipe);
  }
  const Comparison comparison = compare_methods(options, work_callbacks());
  fmt::print("{}", arguments.json ? to_json(comparison) : to_text(comparison));
  if (!arguments.csv.empty()) write_file_atomically(arguments.csv, to_csv(comparison));
  if (!arguments.markdown.empty()) {
    write_file_atomically(arguments.markdown, to_markdown(comparison));
  }
}

void add_options(CLI::App& command, CompareArguments& arguments) {
  CompareOptions& wanted = arguments.options;
  command.add_option("SEQUENCE", wanted.input, "Sequence folder with labels, or a tree of those")
      ->required()
      ->option_text(" ");
  command
      .add_option("--output,-o", wanted.output,
                  "Output folder (created): masks in DIR/SEQUENCE/METHOD, the network in "
                  "DIR/SEQUENCE/run")
      ->required()
      ->option_text("DIR");
  command
      .add_option("--methods", wanted.methods,
                  fmt::format("Comma-separated, of those in proxseg baseline --help (default: {})",
                              fmt::join(wanted.methods, ",")))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("LIST");
  command.add_flag("--force", wanted.force, "Recompute existing results");
  command.add_flag("--json", arguments.json, "Print the results as JSON");
  command.add_option("--csv", arguments.csv, "Write the table as CSV")->option_text("FILE");
  command.add_option("--markdown", arguments.markdown, "Write the table as Markdown")
      ->option_text("FILE");
  add_recipe_arguments(command, arguments.recipe);
  command
      .add_option(
          "--model,-m", wanted.model,
          "Run folder, model.safetensors or generic, to use instead of training; 'unseen' in the "
          "table")
      ->excludes("--config")
      ->option_text("PATH");
}

constexpr const char* kCompareFooter =
    R"(Trains on each sequence without labels, segments all its frames with the network and with each
method, and measures the masks by CDnet's rule: F is the F-measure, Pr precision, Re recall.
frames/s includes decoding and writing; training is the time in steps.
Finished results are kept in DIR/SEQUENCE/METHOD/result.json: run an interrupted call again to
resume with the first that is missing. Results of another recipe, model or sequence are refused
unless --force.
Examples:
  proxseg compare data/synthetic --output runs/synthetic-compared
  proxseg compare dataset --output runs/benchmark --methods median,knn --csv results.csv
  proxseg compare highway --output runs/unseen --model runs/pedestrians)";

}  // namespace

void add_compare(CLI::App& app) {
  auto* command = app.add_subcommand(
      "compare", "Train on sequences with ground truth and compare with classical methods");
  const auto arguments = std::make_shared<CompareArguments>();
  add_options(*command, *arguments);
  command->callback([arguments] { compare(*arguments); });
  command->footer(kCompareFooter);
}

}  // namespace proxseg::cli
