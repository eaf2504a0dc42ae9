#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/recipe_arguments.h"
#include "cli/work.h"
#include "proxseg/core/text.h"
#include "proxseg/workflow/report/report.h"

namespace proxseg::cli {
namespace {

struct ReportArguments {
  ReportOptions options;
  RecipeArguments recipe;
  bool json = false;
};

void report(const ReportArguments& arguments) {
  ReportOptions options = arguments.options;
  options.changes = overrides_of(arguments.recipe);
  const std::string page = write_report(options, work_callbacks()).string();
  if (arguments.json) {
    fmt::print("{}", json_text(nlohmann::ordered_json{{"report", page}}));
  } else {
    fmt::print("report:     {}\n", page);
  }
}

}  // namespace

void add_report(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "report", "Show a run, a sweep or a tree of runs in one self-contained page", report,
      "Examples:\n"
      "  proxseg report runs/synthetic\n"
      "  proxseg report runs --output runs.html\n"
      "  proxseg report runs/sweep\n"
      "  proxseg report runs/highway --masks masks --ground-truth dataset/highway");
  ReportOptions& options = arguments->options;
  add_option(*command, "RUN", options.path,
             "Folder that train, run or sweep wrote, or a tree of runs")
      ->required();
  add_option(*command, "--output,-o FILE", options.output, "The page")
      ->default_str("report.html in that folder");
  add_option(*command, "--masks DIR", options.masks, "Masks to evaluate")
      ->default_str("the run's own, or those of up to 200 frames segmented now");
  add_option(*command, "--ground-truth SEQ", options.ground_truth,
             "CDnet sequence folder with groundtruth/")
      ->default_str("the run's input, if it is one");
  command->add_flag("--json", arguments->json, "Print the page's path as JSON");
  for (const char* key : {"device", "precision", "threads"}) {
    add_field_flag(*command, arguments->recipe, key, "the run's");
  }
  add_log_options(*command);
}

}  // namespace proxseg::cli
