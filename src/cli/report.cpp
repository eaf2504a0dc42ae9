#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/recipe_arguments.h"
#include "cli/tables.h"
#include "cli/work.h"
#include "proxseg/core/text.h"
#include "proxseg/workflow/report/report.h"

namespace proxseg::cli {
namespace {

struct ReportArguments {
  ReportOptions options;
  std::vector<std::string> runs;
  RecipeArguments recipe;
  bool json = false;
};

void report(const ReportArguments& arguments) {
  expect_name_of_text(arguments.options.output.string());
  ReportOptions options = arguments.options;
  options.path = arguments.runs.front();
  options.others.assign(arguments.runs.begin() + 1, arguments.runs.end());
  options.changes = overrides_of(arguments.recipe);
  const std::string page = write_report(options, work_callbacks()).string();
  if (arguments.json) {
    fmt::print("{}", json_text(nlohmann::ordered_json{{"report", page}}));
  } else {
    say("report:     {}\n", page);
  }
}

}  // namespace

void add_report(CLI::App& app) {
  const auto [command, arguments] = add_command(
      app, "report", "Show a run, a sweep or a tree in one page, or compare runs in it", report,
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
  add_option(*command, "--output,-o FILE", options.output, "The page")
      ->default_str("report.html in that folder; of several runs comparison.html beside the first");
  add_option(*command, "--refresh SECONDS", options.refresh,
             "Write the page of a sweep again and again, and have it load itself, until nothing "
             "runs any more, or Ctrl-C")
      ->check(CLI::Range(int64_t{1}, int64_t{86400}));
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
