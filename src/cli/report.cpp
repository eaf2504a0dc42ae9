#include <fmt/format.h>

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
  const auto [command, arguments] = add_command(
      app, "report",
      "Show a run, or compare the trials of a sweep or the runs of a tree, in one self-contained "
      "HTML page",
      report,
      "Examples:\n"
      "  proxseg report runs/synthetic\n"
      "  proxseg report runs --output runs.html\n"
      "  proxseg report runs/sweep\n"
      "  proxseg report runs/highway --masks masks --ground-truth dataset/highway");
  ReportOptions& options = arguments->options;
  add_option(*command, "RUN", options.path,
             "Folder that train, run or sweep wrote, or a tree of runs")
      ->required();
  add_option(*command, "--output,-o FILE", options.output,
             "The page (default: report.html in that folder)");
  add_option(*command, "--masks DIR", options.masks,
             "Masks to evaluate (default: the run's own, or those of up to 200 frames segmented "
             "now)");
  add_option(*command, "--ground-truth SEQ", options.ground_truth,
             "CDnet sequence folder with groundtruth/ (default: the run's input, if it is one)");
  add_field_flag(*command, arguments->recipe, "device");
}

}  // namespace proxseg::cli
