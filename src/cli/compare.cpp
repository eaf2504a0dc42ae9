#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/recipe_arguments.h"
#include "cli/tables.h"
#include "cli/work.h"
#include "proxseg/segment/methods.h"
#include "proxseg/workflow/compare.h"

namespace proxseg::cli {
namespace {

struct CompareArguments {
  RecipeArguments recipe;
  CompareOptions options;
  TableArguments tables;
};

void compare(const CompareArguments& arguments) {
  check_table_files(arguments.tables, {arguments.options.input, arguments.options.model});
  CompareOptions options = arguments.options;
  if (options.model.empty()) {
    options.recipe = resolve_training(arguments.recipe);
  } else {
    std::vector<std::string> fields = fields_of_inference();
    for (const std::string& method : options.methods) {
      const auto& more = baseline_method(method).fields;
      fields.insert(fields.end(), more.begin(), more.end());
    }
    expect_effect(arguments.recipe, fields);
    options.changes = overrides_of(arguments.recipe);
  }
  const Comparison comparison = compare_methods(options, work_callbacks());
  show_tables(arguments.tables, comparison);
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
  const auto [command, arguments] =
      add_command(app, "compare", "Compare with classical methods on sequences with ground truth",
                  compare, kCompareFooter);
  CompareOptions& wanted = arguments->options;
  add_option(*command, "SEQUENCE", wanted.input, "Sequence folder with labels, or a tree of those")
      ->required();
  add_option(*command, "--output,-o DIR", wanted.output,
             "Output folder (created): masks in DIR/SEQUENCE/METHOD, the network in "
             "DIR/SEQUENCE/run")
      ->required();
  add_option(*command, "--methods LIST", wanted.methods,
             "Comma-separated, of those in proxseg baseline --help")
      ->delimiter(',')
      ->default_str(fmt::format("{}", fmt::join(wanted.methods, ",")))
      ->allow_extra_args(false);
  command->add_flag("--force", wanted.force, "Recompute existing results");
  add_table_arguments(*command, arguments->tables);
  add_recipe_arguments(*command, arguments->recipe);
  add_option(
      *command, "--model,-m PATH", wanted.model,
      "Run folder, model.safetensors or generic, to use instead of training; 'unseen' in the "
      "table")
      ->excludes("--config");
  add_log_options(*command);
}

}  // namespace proxseg::cli
