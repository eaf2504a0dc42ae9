#include <fmt/format.h>

#include "cli/command.h"
#include "cli/recipe_arguments.h"
#include "cli/work.h"
#include "proxseg/workflow/report/report.h"

namespace proxseg::cli {
namespace {

struct ReportArguments {
  ReportOptions options;
  std::vector<std::string> runs;
  RecipeArguments recipe;
};

void report(const ReportArguments& arguments) {
  ReportOptions options = arguments.options;
  options.path = arguments.runs.front();
  options.others.assign(arguments.runs.begin() + 1, arguments.runs.end());
  options.changes = overrides_of(arguments.recipe);
  fmt::print("report:     {}\n", write_report(options, work_callbacks()).string());
}

}  // namespace

void add_report(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "report",
      "Show a run, or compare runs, the trials of a sweep or the runs of a tree, in one "
      "self-contained HTML page",
      report,
      "Examples:\n"
      "  proxseg report runs/synthetic\n"
      "  proxseg report runs/monday runs/tuesday --output both.html\n"
      "  proxseg report runs --output runs.html\n"
      "  proxseg report runs/sweep --refresh 10\n"
      "  proxseg report runs/highway --masks masks --ground-truth dataset/highway");
  ReportOptions& options = arguments->options;
  add_option(*command, "RUN", arguments->runs,
             "Folder that train, run or sweep wrote, or a tree of runs; several runs are compared")
      ->required();
  add_option(
      *command, "--output,-o FILE", options.output,
      "The page (default: report.html in that folder; of several runs comparison.html beside "
      "the first)");
  add_option(*command, "--refresh SECONDS", options.refresh,
             "Write the page of a sweep again and again, and have it load itself, until its trials "
             "have ended or Ctrl-C")
      ->check(CLI::Range(int64_t{1}, int64_t{86400}));
  add_option(*command, "--masks DIR", options.masks,
             "Masks to evaluate (default: the run's own, or those of up to 200 frames segmented "
             "now)");
  add_option(*command, "--ground-truth SEQ", options.ground_truth,
             "CDnet sequence folder with groundtruth/ (default: the run's input, if it is one)");
  add_field_flag(*command, arguments->recipe, "device");
}

}  // namespace proxseg::cli
