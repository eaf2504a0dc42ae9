#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/recipe_arguments.h"
#include "cli/work.h"
#include "proxseg/workflow/report/report.h"

namespace proxseg::cli {
namespace {

struct ReportArguments {
  ReportOptions options;
  RecipeArguments recipe;
};

void report(const ReportArguments& arguments) {
  ReportOptions options = arguments.options;
  options.changes = overrides_of(arguments.recipe);
  fmt::print("report:     {}\n", write_report(options, work_callbacks()).string());
}

}  // namespace

void add_report(CLI::App& app) {
  auto* command = app.add_subcommand(
      "report",
      "Show a run, or compare the trials of a sweep or the runs of a tree, in one self-contained "
      "HTML page");
  const auto arguments = std::make_shared<ReportArguments>();
  command
      ->add_option("RUN", arguments->options.path,
                   "Folder that train, run or sweep wrote, or a tree of runs")
      ->required()
      ->option_text(" ");
  command
      ->add_option("--output,-o", arguments->options.output,
                   "The page (default: report.html in that folder)")
      ->option_text("FILE");
  command
      ->add_option(
          "--masks", arguments->options.masks,
          "Masks to evaluate (default: the run's own, or those of up to 200 frames segmented "
          "now)")
      ->option_text("DIR");
  command
      ->add_option(
          "--ground-truth", arguments->options.ground_truth,
          "CDnet sequence folder with groundtruth/ (default: the run's input, if it is one)")
      ->option_text("SEQ");
  add_field_flag(*command, arguments->recipe, "device");
  command->callback([arguments] { report(*arguments); });
  command->footer(
      "Examples:\n"
      "  proxseg report runs/synthetic\n"
      "  proxseg report runs --output runs.html\n"
      "  proxseg report runs/sweep\n"
      "  proxseg report runs/highway --masks masks --ground-truth dataset/highway");
}

}  // namespace proxseg::cli
